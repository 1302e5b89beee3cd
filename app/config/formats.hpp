// The shapes that texts in the configuration must have. Each parser gives the value or nothing;
// what exists in the world (a zone, a host) is asked elsewhere.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "app/config/config.hpp"

namespace ringback {

struct WebAddress {
  std::string scheme;  // "http" or "https"
  std::string host;    // lower case; IPv6 in brackets
  std::optional<std::uint16_t> port;
  std::string path;  // with its slash, or empty
};

std::optional<WebAddress> parse_web_address(std::string_view text);
bool is_loopback(const WebAddress& address);

// "127.0.0.1:8501", "[::1]:8501", "localhost:8501".
std::optional<ListenAddress> parse_listen_address(std::string_view text);

bool is_cidr(std::string_view text);         // "10.0.0.0/8", "::1/128", a single address
bool is_origin(std::string_view text);       // "https://shop.example": exact, lower case, no path
bool is_region(std::string_view text);       // "US"
bool is_zone_name(std::string_view text);    // "America/New_York"
bool is_bucket_name(std::string_view text);  // "my-recordings"
bool is_rate_limit(std::string_view text);   // "5/1m"
bool looks_like_placeholder(std::string_view secret);

}  // namespace ringback
