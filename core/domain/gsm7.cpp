#include "core/domain/gsm7.hpp"

#include "core/domain/utf8.hpp"

namespace ringback {
namespace {

constexpr std::u32string_view kBasic =
    U"@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    U"¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà";
constexpr std::u32string_view kExtended = U"\f^{}\\[~]|€";

}  // namespace

std::optional<std::size_t> gsm7_septets(char32_t character) {
  // Nearly every character is one of these, and all of them are basic.
  if ((character >= U' ' && character <= U'Z') || (character >= U'a' && character <= U'z'))
    return 1;
  if (kBasic.find(character) != kBasic.npos) return 1;
  if (kExtended.find(character) != kExtended.npos) return 2;
  return std::nullopt;
}

std::optional<std::size_t> gsm7_septets(std::string_view text) {
  std::size_t septets = 0;
  while (!text.empty()) {
    const auto character = next_character(text);
    const auto cost = character ? gsm7_septets(*character) : std::nullopt;
    if (!cost) return std::nullopt;
    septets += *cost;
  }
  return septets;
}

}  // namespace ringback
