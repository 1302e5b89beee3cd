#include "app/assembly/archive.hpp"

#include "adapters/archive/directory/directory_archive.hpp"

namespace ringback {

s3::S3Settings s3_settings(const Config::Recording& recording) {
  const auto& s3 = recording.s3;
  return {
      .endpoint = s3.endpoint,
      .bucket = s3.bucket,
      .prefix = s3.prefix,
      .path_style = s3.path_style,
      .key = {
          .access_key = s3.access_key, .secret_key = s3.secret_key.reveal(), .region = s3.region}};
}

Result<std::unique_ptr<RecordingArchive>> make_archive(const Config::Recording& recording) {
  using Made = std::unique_ptr<RecordingArchive>;
  if (!recording.anywhere()) return Made();
  if (recording.dir.empty()) return Made(std::make_unique<s3::S3Archive>(s3_settings(recording)));
  auto opened = DirectoryArchive::open(recording.dir);
  if (!opened) return opened.error();
  return Made(std::move(*opened));
}

}  // namespace ringback
