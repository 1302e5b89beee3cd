// What a visitor typed as a telephone number, before anybody who knows numbering plans looks at it.
//
// Cheap and strict: only digits (also Arabic-Indic and full-width ones), one leading '+', and the
// marks people put between digits. Letters, URIs and extensions are refused here, because numbering
// libraries are glad to read them as something else.
#pragma once

#include <string>
#include <string_view>
#include <variant>

namespace ringback {

enum class NumberProblem {
  empty,
  too_long,
  letters,  // "1-800-FLOWERS", "tel:+1...", "x5": letters, URIs, extensions
  bad_character,
  no_country,    // no '+' and no country to read it in
  not_possible,  // too short or too long for its country
  not_valid,     // nobody has been given such a number
};

constexpr std::size_t kLongestPhoneText = 64;  // bytes

// One sentence: what is wrong, what to do.
std::string_view explain(NumberProblem problem);

// '+' and digits, nothing else; "+12025550123" or "2025550123".
std::variant<std::string, NumberProblem> dialled_digits(std::string_view text);

}  // namespace ringback
