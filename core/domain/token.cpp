#include "core/domain/token.hpp"

#include <cstdint>

namespace ringback {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::size_t kTextSize = 22;  // 21 characters of six bits, then one of two

}  // namespace

std::string token_text(const IdBytes& bytes) {
  std::string text;
  text.reserve(kTextSize);
  std::uint32_t bits = 0;
  int held = 0;
  for (const auto byte : bytes) {
    bits = bits << 8 | byte;
    for (held += 8; held >= 6; held -= 6) text += kAlphabet[bits >> (held - 6) & 63];
  }
  text += kAlphabet[bits << (6 - held) & 63];
  return text;
}

std::optional<IdBytes> token_bytes(std::string_view text) {
  if (text.size() != kTextSize) return std::nullopt;
  IdBytes bytes{};
  std::size_t at = 0;
  std::uint32_t bits = 0;
  int held = 0;
  for (const char c : text) {
    const auto value = kAlphabet.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    held += 6;
    if (held < 8) continue;
    held -= 8;
    bytes[at++] = static_cast<std::uint8_t>(bits >> held & 255);
  }
  if ((bits & ((1U << held) - 1)) != 0) return std::nullopt;  // a second spelling of the same bytes
  return bytes;
}

}  // namespace ringback
