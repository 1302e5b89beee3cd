#include "core/domain/client_key.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdint>

namespace ringback {
namespace {

using Groups = std::array<std::uint16_t, 8>;

std::optional<std::uint32_t> ipv4(std::string_view text) {
  std::uint32_t address = 0;
  for (int octet = 0; octet < 4; ++octet) {
    const auto dot = text.find('.');
    if ((dot == std::string_view::npos) != (octet == 3)) return std::nullopt;
    const auto digits = text.substr(0, dot);
    // No leading zeros: some read them as octal, and one client must have one key.
    if (digits.empty() || digits.size() > 3 || (digits.size() > 1 && digits[0] == '0'))
      return std::nullopt;
    std::uint32_t value = 0;
    for (const char c : digits) {
      if (c < '0' || c > '9') return std::nullopt;
      value = value * 10 + static_cast<std::uint32_t>(c - '0');
    }
    if (value > 255) return std::nullopt;
    address = address << 8 | value;
    if (octet < 3) text.remove_prefix(dot + 1);
  }
  return address;
}

std::optional<std::uint16_t> group(std::string_view hex) {
  if (hex.empty() || hex.size() > 4) return std::nullopt;
  unsigned value = 0;
  for (const char c : hex) {
    const char lower = static_cast<char>(c | 0x20);
    if (c >= '0' && c <= '9')
      value = value * 16 + static_cast<unsigned>(c - '0');
    else if (lower >= 'a' && lower <= 'f')
      value = value * 16 + static_cast<unsigned>(lower - 'a' + 10);
    else
      return std::nullopt;
  }
  return static_cast<std::uint16_t>(value);
}

struct Run {
  Groups groups{};
  std::size_t size = 0;
};

// "2001:db8:1", one side of "::"; at its end an IPv4 address may stand for two groups.
std::optional<Run> run(std::string_view text) {
  Run out;
  if (text.empty()) return out;
  for (bool more = true; more;) {
    const auto colon = text.find(':');
    more = colon != std::string_view::npos;
    const auto part = text.substr(0, colon);
    if (!more && part.find('.') != std::string_view::npos) {
      const auto tail = ipv4(part);
      if (!tail || out.size > 6) return std::nullopt;
      out.groups[out.size++] = static_cast<std::uint16_t>(*tail >> 16);
      out.groups[out.size++] = static_cast<std::uint16_t>(*tail & 0xffff);
    } else {
      const auto value = group(part);
      if (!value || out.size == 8) return std::nullopt;
      out.groups[out.size++] = *value;
    }
    if (more) text.remove_prefix(colon + 1);
  }
  return out;
}

std::optional<Groups> ipv6(std::string_view text) {
  text = text.substr(0, text.find('%'));  // the interface of a link-local address
  const auto gap = text.find("::");
  const auto head = run(text.substr(0, gap));
  if (!head) return std::nullopt;
  if (gap == std::string_view::npos)
    return head->size == 8 ? std::optional(head->groups) : std::nullopt;
  const auto tail = run(text.substr(gap + 2));
  if (!tail || head->size + tail->size > 7) return std::nullopt;
  Groups groups = head->groups;
  std::copy_n(tail->groups.begin(), tail->size,
              groups.end() - static_cast<std::ptrdiff_t>(tail->size));
  return groups;
}

std::string ipv4_text(std::uint32_t address) {
  return fmt::format("{}.{}.{}.{}", address >> 24, address >> 16 & 255, address >> 8 & 255,
                     address & 255);
}

}  // namespace

std::optional<std::string> client_key(std::string_view address) {
  constexpr std::size_t kLongest = 64;
  if (address.size() > kLongest) return std::nullopt;
  if (const auto v4 = ipv4(address)) return ipv4_text(*v4);
  const auto v6 = ipv6(address);
  if (!v6) return std::nullopt;
  const Groups& g = *v6;
  const bool mapped =
      std::all_of(g.begin(), g.begin() + 5, [](auto part) { return part == 0; }) && g[5] == 0xffff;
  if (mapped) return ipv4_text(static_cast<std::uint32_t>(g[6]) << 16 | g[7]);
  return fmt::format("{:x}:{:x}:{:x}:{:x}::/64", g[0], g[1], g[2], g[3]);
}

}  // namespace ringback
