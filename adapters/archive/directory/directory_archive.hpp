// The archive in a folder of this machine: private files, on disk before they count. A file appears
// under its name whole or not at all.
#pragma once

#include <memory>
#include <string>

#include "core/domain/result.hpp"
#include "core/ports/recording_archive.hpp"

namespace ringback {

class DirectoryArchive final : public RecordingArchive {
 public:
  // Makes the folder if it is not there, for its owner only, and tries that it can be written.
  static Result<std::unique_ptr<DirectoryArchive>> open(const std::string& folder);

  std::string name() const override { return "directory " + folder_; }
  ArchiveStep store(const ArchiveItem& item, TimePoint now) override;
  ArchiveStep remove(const std::string& key, TimePoint now) override;
  ArchiveOutcome read_stored(const HttpResponse& response) const override;
  ArchiveOutcome read_removed(const HttpResponse& response) const override;

 private:
  explicit DirectoryArchive(std::string folder) : folder_(std::move(folder)) {}

  std::string folder_;
};

}  // namespace ringback
