#include "app/config/formats.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "core/domain/rate_limit.hpp"

namespace ringback {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }

std::string lowered(std::string_view text) {
  std::string out(text);
  for (auto& c : out) {
    if (is_upper(c)) c = static_cast<char>(c - 'A' + 'a');
  }
  return out;
}

template <class Number>
std::optional<Number> whole(std::string_view text) {
  Number number{};
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

// How many bits the address has: 32, 128, or 0 for something else.
int address_bits(const std::string& text) {
  std::array<unsigned char, 16> bytes{};
  if (inet_pton(AF_INET, text.c_str(), bytes.data()) == 1) return 32;
  if (inet_pton(AF_INET6, text.c_str(), bytes.data()) == 1) return 128;
  return 0;
}

bool is_host(std::string_view host) {
  if (host.starts_with('[')) {
    return host.ends_with(']') && address_bits(std::string(host.substr(1, host.size() - 2))) == 128;
  }
  if (host.empty() || host.size() > 253 || host.front() == '-' || host.front() == '.') return false;
  return std::all_of(host.begin(), host.end(), [](char c) {
    return is_digit(c) || is_lower(c) || is_upper(c) || c == '-' || c == '.';
  });
}

}  // namespace

std::optional<WebAddress> parse_web_address(std::string_view text) {
  WebAddress address;
  const auto scheme_end = text.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  address.scheme = lowered(text.substr(0, scheme_end));
  if (address.scheme != "http" && address.scheme != "https") return std::nullopt;
  text.remove_prefix(scheme_end + 3);

  const auto path = std::min(text.find('/'), text.size());
  address.path = text.substr(path);
  if (address.path.find_first_of("?# \t\r\n") != std::string::npos) return std::nullopt;
  auto host = text.substr(0, path);
  const auto bracket = host.find(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon != std::string_view::npos) {
    address.port = whole<std::uint16_t>(host.substr(colon + 1));
    if (!address.port || *address.port == 0) return std::nullopt;
    host = host.substr(0, colon);
  }
  if (!is_host(host)) return std::nullopt;
  address.host = lowered(host);
  return address;
}

bool is_loopback(const WebAddress& address) {
  return address.host == "localhost" || address.host == "[::1]" ||
         (address.host.starts_with("127.") && address_bits(address.host) == 32);
}

std::optional<ListenAddress> parse_listen_address(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  const auto port = whole<std::uint16_t>(text.substr(colon + 1));
  auto host = std::string(text.substr(0, colon));
  if (!port) return std::nullopt;
  if (host == "localhost") host = "127.0.0.1";
  const bool bracketed = host.size() > 2 && host.front() == '[' && host.back() == ']';
  if (bracketed) host = host.substr(1, host.size() - 2);
  if (address_bits(host) != (bracketed ? 128 : 32)) return std::nullopt;
  return ListenAddress{.host = host, .port = *port};
}

bool is_cidr(std::string_view text) {
  const auto slash = text.find('/');
  const int bits = address_bits(std::string(text.substr(0, slash)));
  if (bits == 0) return false;
  if (slash == std::string_view::npos) return true;
  const auto prefix = whole<int>(text.substr(slash + 1));
  return prefix && *prefix >= 0 && *prefix <= bits;
}

bool is_origin(std::string_view text) {
  const auto address = parse_web_address(text);
  return address && address->path.empty() && text == lowered(text);
}

bool is_region(std::string_view text) {
  return text.size() == 2 && is_upper(text[0]) && is_upper(text[1]);
}

bool is_zone_name(std::string_view text) {
  if (text.empty() || text.size() > 64 || !(is_upper(text[0]) || is_lower(text[0]))) return false;
  if (text.back() == '/' || text.find("//") != std::string_view::npos) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return is_upper(c) || is_lower(c) || is_digit(c) || c == '/' || c == '_' || c == '-' ||
           c == '+';
  });
}

bool is_bucket_name(std::string_view text) {
  constexpr std::size_t kShortest = 3;
  constexpr std::size_t kLongest = 63;
  return text.size() >= kShortest && text.size() <= kLongest &&
         std::all_of(text.begin(), text.end(),
                     [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                              c == '.';
                     }) &&
         text.front() != '-' && text.front() != '.' && text.back() != '-' && text.back() != '.';
}

bool is_rate_limit(std::string_view text) { return parse_window(text).has_value(); }

bool looks_like_placeholder(std::string_view secret) {
  const auto text = lowered(secret);
  for (const auto* word : {"changeme", "change-me", "change_me", "example", "placeholder",
                           "password", "insecure", "your-secret", "xxxx"}) {
    if (text.find(word) != std::string::npos) return true;
  }
  // One or two letters over and over are no secret either.
  std::string letters(text);
  std::sort(letters.begin(), letters.end());
  return std::unique(letters.begin(), letters.end()) - letters.begin() <= 2;
}

}  // namespace ringback
