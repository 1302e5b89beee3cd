// Port: where recordings are kept. A codec, like a carrier's: an archive on the network says which
// letter to send and reads its answer; one on this machine's disk has done it when it returns. The
// shell sends the letters and streams the file.
//
// Storing under a key that exists replaces it, removing what is not there is a success: both may be
// repeated after a crash. Every implementation passes tests/conformance/archive_suite.
#pragma once

#include <string>
#include <variant>

#include "core/domain/recording.hpp"
#include "core/ports/http_message.hpp"

namespace ringback {

struct ArchiveItem {
  std::string key;   // "2026/11/21/…_….wav": without personal data
  std::string file;  // what to store; the archive may move it away
  AudioFacts audio;
};

struct ArchiveOutcome {
  enum class Kind { done, refused, unavailable };
  Kind kind = Kind::unavailable;
  std::string detail;  // for the operator's log
};

// A letter to be sent now; its body, when storing, is the item's file.
using ArchiveStep = std::variant<HttpRequest, ArchiveOutcome>;

class RecordingArchive {
 public:
  virtual ~RecordingArchive() = default;

  // For the log and the doctor: "directory /var/lib/…", "bucket calls at https://…".
  virtual std::string name() const = 0;

  virtual ArchiveStep store(const ArchiveItem& item, TimePoint now) = 0;
  virtual ArchiveStep remove(const std::string& key, TimePoint now) = 0;
  // The answer to either letter.
  virtual ArchiveOutcome read_stored(const HttpResponse& response) const = 0;
  virtual ArchiveOutcome read_removed(const HttpResponse& response) const = 0;
};

}  // namespace ringback
