// Reading UTF-8 one character at a time. Strict: overlong forms, surrogates and what lies beyond
// U+10FFFF are not characters.
#pragma once

#include <optional>
#include <string_view>

namespace ringback {

// Takes the next character off the front of a text that is not empty. Nothing when the bytes there
// are not UTF-8; the text is then left as it was.
std::optional<char32_t> next_character(std::string_view& text);

}  // namespace ringback
