// The alphabet of plain text messages (GSM 03.38). A text inside it costs 160 characters for a
// message; a single character outside makes it 70.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ringback {

constexpr std::size_t kSegmentSeptets = 160;

// How many septets one character takes: 1, or 2 for the likes of '€' and '['. Nothing: not in it.
std::optional<std::size_t> gsm7_septets(char32_t character);
// Of a whole UTF-8 text; nothing when a character of it is not in the alphabet.
std::optional<std::size_t> gsm7_septets(std::string_view text);

}  // namespace ringback
