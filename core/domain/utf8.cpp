#include "core/domain/utf8.hpp"

#include <array>
#include <cstddef>

namespace ringback {
namespace {

struct Form {
  unsigned char mask;  // of the first byte: what tells the form
  unsigned char mark;
  std::size_t size;   // in bytes
  char32_t smallest;  // anything below has a shorter form
};
constexpr std::array kForms{Form{0x80, 0x00, 1, 0}, Form{0xE0, 0xC0, 2, 0x80},
                            Form{0xF0, 0xE0, 3, 0x800}, Form{0xF8, 0xF0, 4, 0x10000}};

}  // namespace

std::optional<char32_t> next_character(std::string_view& text) {
  const auto first = static_cast<unsigned char>(text.front());
  for (const Form& form : kForms) {
    if ((first & form.mask) != form.mark) continue;
    if (text.size() < form.size) return std::nullopt;
    char32_t c = first & static_cast<unsigned char>(~form.mask);
    for (std::size_t i = 1; i < form.size; ++i) {
      const auto byte = static_cast<unsigned char>(text[i]);
      if ((byte & 0xC0) != 0x80) return std::nullopt;
      c = c << 6 | (byte & 0x3FU);
    }
    if (c < form.smallest || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) return std::nullopt;
    text.remove_prefix(form.size);
    return c;
  }
  return std::nullopt;
}

}  // namespace ringback
