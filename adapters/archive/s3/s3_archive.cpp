#include "adapters/archive/s3/s3_archive.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace ringback::s3 {
namespace {

using Kind = ArchiveOutcome::Kind;

constexpr std::size_t kLongestCode = 64;

// "<Code>SignatureDoesNotMatch</Code>": letters only, or nothing.
std::string code_in(std::string_view body) {
  constexpr std::string_view kOpen = "<Code>";
  const auto at = body.find(kOpen);
  if (at == body.npos) return {};
  const auto rest = body.substr(at + kOpen.size());
  const auto code = rest.substr(0, rest.find('<'));
  if (code.size() > kLongestCode) return {};
  for (const char c : code)
    if (!((c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'))) return {};
  return std::string(code);
}

// What may pass by itself although the status says that we are at fault.
constexpr std::array<std::string_view, 3> kPassing{"RequestTimeout", "SlowDown",
                                                   "OperationAborted"};

ArchiveOutcome read(const HttpResponse& response) {
  const int status = response.status;
  if (status >= 200 && status <= 299) return {Kind::done, ""};
  const auto code = code_in(response.body);
  const auto detail =
      fmt::format("the archive answered {}{}{}", status, code.empty() ? "" : " ", code);
  const bool passing = std::find(kPassing.begin(), kPassing.end(), code) != kPassing.end();
  const bool refused = status >= 300 && status <= 499 && status != 408 && status != 429 && !passing;
  return {refused ? Kind::refused : Kind::unavailable, detail};
}

}  // namespace

std::string S3Archive::name() const {
  return fmt::format("bucket {} at {}", settings_.bucket, settings_.endpoint);
}

std::string S3Archive::bucket_url() const {
  if (settings_.path_style)
    return fmt::format("{}/{}/", settings_.endpoint, uri_encoded(settings_.bucket, false));
  const auto host = settings_.endpoint.find("://") + 3;
  return fmt::format("{}{}.{}/", settings_.endpoint.substr(0, host), settings_.bucket,
                     settings_.endpoint.substr(host));
}

std::string S3Archive::url_of(const std::string& key) const {
  return bucket_url() + uri_encoded(settings_.prefix + key, true);
}

HttpRequest S3Archive::look(TimePoint now) const {
  auto url = bucket_url();
  if (settings_.path_style) url.pop_back();
  HttpRequest request{"GET", url + "?max-keys=0", {}, ""};
  sign(request, sha256(""), settings_.key, now);
  return request;
}

ArchiveOutcome S3Archive::read_looked(const HttpResponse& response) const {
  if (response.status == 403 && code_in(response.body) == "AccessDenied") return {Kind::done, ""};
  return read(response);
}

ArchiveStep S3Archive::store(const ArchiveItem& item, TimePoint now) {
  HttpRequest request{"PUT", url_of(item.key), {}, ""};
  request.headers.emplace_back("Content-Type", std::string(media_type(item.audio.type)));
  sign(request, item.audio.sha256, settings_.key, now);
  return request;
}

ArchiveStep S3Archive::remove(const std::string& key, TimePoint now) {
  HttpRequest request{"DELETE", url_of(key), {}, ""};
  sign(request, sha256(""), settings_.key, now);
  return request;
}

ArchiveOutcome S3Archive::read_stored(const HttpResponse& response) const { return read(response); }

ArchiveOutcome S3Archive::read_removed(const HttpResponse& response) const {
  // What is not there need not be removed; a bucket that is not there is another matter.
  if (response.status == 404 && code_in(response.body) != "NoSuchBucket") return {Kind::done, ""};
  return read(response);
}

}  // namespace ringback::s3
