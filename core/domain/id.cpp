#include "core/domain/id.hpp"

namespace ringback {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";

int nibble(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool hyphen_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

std::string uuid_text(const IdBytes& bytes) {
  std::string text;
  text.reserve(36);
  for (const auto byte : bytes) {
    if (hyphen_at(text.size())) text += '-';
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

std::optional<IdBytes> uuid_bytes(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  IdBytes bytes{};
  std::size_t at = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (hyphen_at(i)) {
      if (text[i++] != '-') return std::nullopt;
      continue;
    }
    const int high = nibble(text[i]);
    const int low = nibble(text[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    bytes[at++] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  return bytes;
}

}  // namespace ringback
