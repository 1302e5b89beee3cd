#include "adapters/carriers/twilio/signature.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <set>

namespace ringback::twilio {
namespace {

constexpr std::string_view kBodyHash = "bodySHA256=";
constexpr std::size_t kSignatureSize = 28;  // 20 bytes in base64
// What the carrier sends is far below; more is not worth sorting to find out that it is forged.
constexpr std::size_t kLongestBody = 65'536;
constexpr std::ptrdiff_t kMostFields = 512;

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

std::string decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int high = text[i] == '%' && i + 2 < text.size() ? hex_value(text[i + 1]) : -1;
    const int low = high < 0 ? -1 : hex_value(text[i + 2]);
    if (low >= 0) {
      out += static_cast<char>(high * 16 + low);
      i += 2;
    } else {
      out += text[i] == '+' ? ' ' : text[i];
    }
  }
  return out;
}

std::string hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

// The URL as the signer may have seen it: first without any port, then with the one it has or the
// one its scheme stands for. Who is named before an '@' belongs to it.
std::array<std::string, 2> variants(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {std::string(url), std::string(url)};
  const auto start = scheme_end + 3;
  const auto end = std::min(url.find_first_of("/?", start), url.size());
  const auto authority = url.substr(start, end - start);
  const auto at = authority.rfind('@');
  const auto host_start = at == std::string_view::npos ? 0 : at + 1;
  const auto bracket = authority.find(']', host_start);
  const auto colon = authority.find(':', bracket == std::string_view::npos ? host_start : bracket);
  const std::string before(url.substr(0, start + std::min(colon, authority.size())));
  const std::string after(url.substr(end));
  std::string port = url.substr(0, scheme_end) == "http" ? ":80" : ":443";
  if (colon != std::string_view::npos) port = authority.substr(colon);
  return {before + after, before + port + after};
}

bool is_form(const HttpRequest& request) {
  const auto type = header_of(request.headers, "Content-Type");
  return type.empty() || type.starts_with("application/x-www-form-urlencoded");
}

std::optional<std::string_view> body_hash_in(std::string_view url) {
  auto query = url.substr(std::min(url.find('?'), url.size()));
  while (!query.empty()) {
    query.remove_prefix(1);
    const auto field = query.substr(0, query.find('&'));
    if (field.starts_with(kBodyHash)) return field.substr(kBodyHash.size());
    query.remove_prefix(field.size());
  }
  return std::nullopt;
}

bool covers_body(const SignatureCheck& check, const HttpRequest& request) {
  const auto told = body_hash_in(request.url);
  return told && same_secret(hex(check.sha256(request.body)), *told);
}

}  // namespace

Fields form_fields(std::string_view body) {
  Fields fields;
  while (!body.empty()) {
    const auto pair = body.substr(0, body.find('&'));
    body.remove_prefix(std::min(pair.size() + 1, body.size()));
    if (pair.empty()) continue;
    const auto equals = std::min(pair.find('='), pair.size());
    const auto value = pair.substr(std::min(equals + 1, pair.size()));
    fields.emplace_back(decoded(pair.substr(0, equals)), decoded(value));
  }
  return fields;
}

std::string signed_text(std::string_view url, const Fields& fields) {
  // The same value said twice under one name counts once.
  std::map<std::string_view, std::set<std::string_view>> sorted;
  for (const auto& [name, value] : fields) sorted[name].insert(value);
  std::string text(url);
  for (const auto& [name, values] : sorted)
    for (const auto value : values) {
      text += name;
      text += value;
    }
  return text;
}

bool is_signed(const SignatureCheck& check, std::span<const std::string> keys,
               const HttpRequest& request, std::string_view signature) {
  if (signature.size() != kSignatureSize || request.body.size() > kLongestBody) return false;
  const bool form = is_form(request);
  if (form && std::count(request.body.begin(), request.body.end(), '&') >= kMostFields)
    return false;
  if (!form && !request.body.empty() && !covers_body(check, request)) return false;
  const Fields fields = form ? form_fields(request.body) : Fields{};
  bool good = false;
  for (const auto& url : variants(request.url)) {
    const std::string text = signed_text(url, fields);
    for (const auto& key : keys) {
      const auto digest = check.hmac(key, text);
      const std::string expected =
          base64({reinterpret_cast<const char*>(digest.data()), digest.size()});
      good |= same_secret(expected, signature);
    }
  }
  return good;
}

}  // namespace ringback::twilio
