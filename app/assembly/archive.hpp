// From the configuration to the archive of recordings.
#pragma once

#include <memory>

#include "adapters/archive/s3/s3_archive.hpp"
#include "app/config/config.hpp"
#include "core/domain/result.hpp"
#include "core/ports/recording_archive.hpp"

namespace ringback {

s3::S3Settings s3_settings(const Config::Recording& recording);

// None, if none is configured.
Result<std::unique_ptr<RecordingArchive>> make_archive(const Config::Recording& recording);

}  // namespace ringback
