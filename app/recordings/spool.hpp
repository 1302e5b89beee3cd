// Where a recording lies between the carrier and the archive: a private folder of private files,
// written piece by piece and never wholly in memory. What was fetched whole and is sound is kept
// until it is archived, so that an archive that is down does not cost the carrier's patience.
#pragma once

#include <openssl/evp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "app/outbound/https_client.hpp"
#include "core/domain/recording.hpp"
#include "core/domain/result.hpp"

namespace ringback {

constexpr std::int64_t kLargestRecording = 100LL * 1024 * 1024;

class Spool {
 public:
  explicit Spool(std::string folder) : folder_(std::move(folder)) {}

  // Makes the folder and forgets what an earlier process left: its recordings are fetched again.
  Result<void> clear();

  std::string file_of(const RecordingId& id) const;
  std::string part_of(const RecordingId& id) const { return file_of(id) + ".part"; }
  // What is there whole, read and summed up anew; nothing: nothing.
  std::optional<AudioFacts> facts_of(const RecordingId& id) const;
  void remove(const RecordingId& id) const;
  std::int64_t bytes() const;  // of all that is there

 private:
  std::string folder_;
};

// SHA-256, the first bytes and the size of what passes by.
class AudioSum {
 public:
  AudioSum();
  void add(std::string_view part);
  AudioFacts facts();  // once

 private:
  struct Free {
    void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  };
  std::unique_ptr<EVP_MD_CTX, Free> context_;
  std::string first_;
  std::int64_t bytes_ = 0;
};

// Takes one answer of the carrier. Why it was not taken is told by fault().
class SpoolWriter final : public BodySink {
 public:
  SpoolWriter(const Spool& spool, const RecordingId& id, std::int64_t limit = kLargestRecording);
  ~SpoolWriter() override;
  SpoolWriter(const SpoolWriter&) = delete;
  SpoolWriter& operator=(const SpoolWriter&) = delete;

  bool begin(const HttpResponse& head, std::optional<std::uint64_t> length) override;
  bool take(std::string_view part) override;
  // The whole answer has come: on disk, under its name, if it is audio.
  std::optional<AudioFacts> finish();

  // none: nothing was wrong with what came.
  RecordingFault fault() const { return fault_; }

 private:
  bool refuse(RecordingFault fault);

  std::string part_;
  std::string file_;
  std::int64_t limit_;
  std::int64_t bytes_ = 0;
  int fd_ = -1;
  AudioSum sum_;
  RecordingFault fault_ = RecordingFault::none;
};

class SpoolReader final : public BodySource {
 public:
  SpoolReader(const std::string& file, std::int64_t size);
  ~SpoolReader() override;
  SpoolReader(const SpoolReader&) = delete;
  SpoolReader& operator=(const SpoolReader&) = delete;

  std::uint64_t size() const override { return size_; }
  bool read(std::string& part) override;

 private:
  int fd_;
  std::uint64_t size_;
};

}  // namespace ringback
