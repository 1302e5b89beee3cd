// The archive in a bucket of an S3-compatible store: one signed PUT or DELETE for each copy. The
// store checks the body against the SHA-256 that is signed.
#pragma once

#include "adapters/archive/s3/sigv4.hpp"
#include "core/ports/recording_archive.hpp"

namespace ringback::s3 {

struct S3Settings {
  std::string endpoint;  // "https://s3.eu-central-1.amazonaws.com", without final slash
  std::string bucket;
  std::string prefix;  // before each key: "ringback/"
  bool path_style = false;
  SigningKey key;
};

class S3Archive final : public RecordingArchive {
 public:
  explicit S3Archive(S3Settings settings) : settings_(std::move(settings)) {}

  std::string name() const override;
  ArchiveStep store(const ArchiveItem& item, TimePoint now) override;
  ArchiveStep remove(const std::string& key, TimePoint now) override;
  ArchiveOutcome read_stored(const HttpResponse& response) const override;
  ArchiveOutcome read_removed(const HttpResponse& response) const override;

  // For the doctor: changes nothing, and tells whether key, secret and bucket are right. Not being
  // allowed to list is fine: nothing here lists.
  HttpRequest look(TimePoint now) const;
  ArchiveOutcome read_looked(const HttpResponse& response) const;

 private:
  std::string bucket_url() const;
  std::string url_of(const std::string& key) const;

  S3Settings settings_;
};

}  // namespace ringback::s3
