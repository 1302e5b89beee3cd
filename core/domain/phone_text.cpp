#include "core/domain/phone_text.hpp"

#include <array>
#include <optional>

#include "core/domain/utf8.hpp"

namespace ringback {
namespace {

struct Explanation {
  NumberProblem problem;
  std::string_view text;
};
// clang-format off
constexpr std::array kExplanations{
    Explanation{NumberProblem::empty,         "There is no telephone number. Enter one; nothing was sent or dialled."},
    Explanation{NumberProblem::too_long,      "That is too long for a telephone number. Enter only the number; nothing was sent or dialled."},
    Explanation{NumberProblem::letters,       "A telephone number has no letters and no extension. Enter only its digits; nothing was sent or dialled."},
    Explanation{NumberProblem::bad_character, "There is a character in it that no telephone number has. Enter only its digits; nothing was sent or dialled."},
    Explanation{NumberProblem::no_country,    "The country is missing. Begin with + and the country's code; nothing was sent or dialled."},
    Explanation{NumberProblem::not_possible,  "It has too few or too many digits for its country. Check it; nothing was sent or dialled."},
    Explanation{NumberProblem::not_valid,     "No such telephone number is in use. Check its digits; nothing was sent or dialled."},
};

struct Range {
  char32_t first;
  char32_t last;
};
// Zeros of digits that people's keyboards write.
constexpr std::array kZeros{char32_t{'0'}, char32_t{0x0660}, char32_t{0x06F0}, char32_t{0xFF10}};
// Marks between digits: space . - ( ) / and their typographic relatives; marks of direction, which
// come along when a number is pasted.
constexpr std::array kMarks{
    Range{' ', ' '},       Range{'\t', '\t'},     Range{'(', ')'},       Range{'-', '/'},
    Range{0x00A0, 0x00A0}, Range{0x00AD, 0x00AD}, Range{0x2000, 0x2015}, Range{0x202A, 0x202F},
    Range{0x2060, 0x2060}, Range{0x2066, 0x2069}, Range{0x2212, 0x2212}, Range{0x3000, 0x3000},
    Range{0xFEFF, 0xFEFF}, Range{0xFF08, 0xFF09}, Range{0xFF0D, 0xFF0D},
};
constexpr char32_t kFullWidthPlus = 0xFF0B;
// clang-format on

std::optional<char> digit(char32_t c) {
  for (const auto zero : kZeros)
    if (c >= zero && c <= zero + 9) return static_cast<char>('0' + (c - zero));
  return std::nullopt;
}

bool is_mark(char32_t c) {
  for (const Range& range : kMarks)
    if (c >= range.first && c <= range.last) return true;
  return false;
}

bool is_letter_or_extension(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == ';' || c == ':' || c == '#' ||
         c == ',' || c == '=' || c == '@';
}

}  // namespace

std::string_view explain(NumberProblem problem) {
  for (const Explanation& row : kExplanations)
    if (row.problem == problem) return row.text;
  return {};
}

std::variant<std::string, NumberProblem> dialled_digits(std::string_view text) {
  if (text.size() > kLongestPhoneText) return NumberProblem::too_long;
  std::string dialled;
  while (!text.empty()) {
    const auto c = next_character(text);
    if (!c) return NumberProblem::bad_character;
    if (const auto figure = digit(*c))
      dialled += *figure;
    else if (*c == '+' || *c == kFullWidthPlus) {
      if (!dialled.empty()) return NumberProblem::bad_character;
      dialled += '+';
    } else if (is_letter_or_extension(*c))
      return NumberProblem::letters;
    else if (!is_mark(*c))
      return NumberProblem::bad_character;
  }
  if (dialled.empty() || dialled == "+") return NumberProblem::empty;
  return dialled;
}

}  // namespace ringback
