// What every archive of recordings must do. On the network it is a codec, so the suite is given a
// way to carry its letters out.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "core/ports/recording_archive.hpp"

namespace ringback::conformance {

struct ArchiveFixture {
  std::unique_ptr<RecordingArchive> archive;
  std::string folder;  // for files that are to be stored
  // Carries a letter out; the body of a letter that stores is the file.
  std::function<HttpResponse(const HttpRequest& letter, const std::string& file)> carry;
  std::function<std::optional<std::string>(const std::string& key)> content;  // of a copy
};

void check_archive(ArchiveFixture& fixture);

}  // namespace ringback::conformance
