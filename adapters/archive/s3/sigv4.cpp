#include "adapters/archive/s3/sigv4.hpp"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <utility>
#include <vector>

namespace ringback::s3 {
namespace {

constexpr std::string_view kAlgorithm = "AWS4-HMAC-SHA256";

std::string hmac(std::string_view key, std::string_view text) {
  std::string out(sizeof(Digest), '\0');
  unsigned size = 0;
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
           reinterpret_cast<const unsigned char*>(text.data()), text.size(),
           reinterpret_cast<unsigned char*>(out.data()), &size) == nullptr)
    throw std::runtime_error("OpenSSL has no HMAC-SHA-256");
  return out;
}

std::string hex_of(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) text += fmt::format("{:02x}", static_cast<unsigned char>(byte));
  return text;
}

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

// As it is signed: no spaces around, one where there were several.
std::string tidy(std::string_view value) {
  std::string out;
  for (const char c : value)
    if (c != ' ' || (!out.empty() && out.back() != ' ')) out += c;
  while (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

struct UrlParts {
  std::string host;
  std::string path;
  std::string query;
};

UrlParts parts_of(std::string_view url) {
  UrlParts parts;
  const auto scheme = url.find("://");
  url.remove_prefix(scheme == url.npos ? 0 : scheme + 3);
  const auto end = url.find_first_of("/?");
  parts.host = url.substr(0, end);
  const auto target = end == url.npos ? std::string_view("/") : url.substr(end);
  const auto mark = target.find('?');
  parts.path = target.substr(0, mark);
  if (parts.path.empty()) parts.path = "/";
  if (mark != target.npos) parts.query = target.substr(mark + 1);
  return parts;
}

// In order of the names; a name alone has an empty value.
std::string canonical_query(std::string_view query) {
  std::vector<std::string> fields;
  while (!query.empty()) {
    const auto end = query.find('&');
    const auto field = query.substr(0, end);
    fields.push_back(std::string(field) + (field.find('=') == field.npos ? "=" : ""));
    query = end == query.npos ? std::string_view() : query.substr(end + 1);
  }
  std::sort(fields.begin(), fields.end());
  return fmt::format("{}", fmt::join(fields, "&"));
}

std::string stamp_of(TimePoint now) {
  const auto day = std::chrono::floor<std::chrono::days>(now);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Seconds> time(std::chrono::floor<Seconds>(now - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count());
}

}  // namespace

std::string hex(const Digest& digest) {
  return hex_of({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

Digest sha256(std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
  return digest;
}

std::string uri_encoded(std::string_view text, bool keep_slashes) {
  std::string out;
  for (const char c : text) {
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '.' || c == '_' || c == '~' || (keep_slashes && c == '/');
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned char>(c));
  }
  return out;
}

void sign(HttpRequest& request, const Digest& payload, const SigningKey& key, TimePoint now) {
  const auto url = parts_of(request.url);
  const auto stamp = stamp_of(now);
  request.headers.emplace_back("X-Amz-Content-Sha256", hex(payload));
  request.headers.emplace_back("X-Amz-Date", stamp);

  std::vector<std::pair<std::string, std::string>> headers{{"host", url.host}};
  for (const auto& [name, value] : request.headers) headers.emplace_back(lower(name), tidy(value));
  std::sort(headers.begin(), headers.end());
  std::string listed;
  std::string names;
  for (const auto& [name, value] : headers) {
    listed += fmt::format("{}:{}\n", name, value);
    names += fmt::format("{}{}", names.empty() ? "" : ";", name);
  }

  const auto canonical = fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, url.path,
                                     canonical_query(url.query), listed, names, hex(payload));
  const auto day = stamp.substr(0, 8);
  const auto scope = fmt::format("{}/{}/{}/aws4_request", day, key.region, key.service);
  const auto to_sign =
      fmt::format("{}\n{}\n{}\n{}", kAlgorithm, stamp, scope, hex(sha256(canonical)));
  const auto day_key = hmac("AWS4" + key.secret_key, day);
  const auto signing_key = hmac(hmac(hmac(day_key, key.region), key.service), "aws4_request");
  request.headers.emplace_back(
      "Authorization",
      fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", kAlgorithm, key.access_key,
                  scope, names, hex_of(hmac(signing_key, to_sign))));
}

}  // namespace ringback::s3
