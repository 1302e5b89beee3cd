#include "app/http/text.hpp"

#include <algorithm>

namespace ringback::http {

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

std::optional<std::size_t> code_points(std::string_view text) {
  struct Lead {
    std::size_t length;
    char32_t smallest;
    unsigned char mask, value;
  };
  static constexpr Lead kLeads[] = {
      {1, 0, 0x80, 0x00}, {2, 0x80, 0xE0, 0xC0}, {3, 0x800, 0xF0, 0xE0}, {4, 0x10000, 0xF8, 0xF0}};
  std::size_t count = 0;
  for (std::size_t i = 0; i < text.size(); ++count) {
    const auto first = static_cast<unsigned char>(text[i]);
    const auto* lead = std::find_if(std::begin(kLeads), std::end(kLeads),
                                    [&](const Lead& l) { return (first & l.mask) == l.value; });
    if (lead == std::end(kLeads) || i + lead->length > text.size()) return std::nullopt;
    char32_t point = first & static_cast<unsigned char>(~lead->mask);
    for (std::size_t k = 1; k < lead->length; ++k) {
      const auto next = static_cast<unsigned char>(text[i + k]);
      if ((next & 0xC0U) != 0x80U) return std::nullopt;
      point = (point << 6U) | (next & 0x3FU);
    }
    if (point < lead->smallest || point > 0x10FFFF || (point >= 0xD800 && point <= 0xDFFF))
      return std::nullopt;
    i += lead->length;
  }
  return count;
}

bool has_control_characters(std::string_view utf8, bool allow_line_breaks) {
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x20 || c == 0x7F) {
      if (!allow_line_breaks || (c != '\n' && c != '\r' && c != '\t')) return true;
    }
    // U+0080 to U+009F are C2 80 to C2 9F.
    if (c == 0xC2 && i + 1 < utf8.size() && static_cast<unsigned char>(utf8[i + 1]) < 0xA0)
      return true;
  }
  return false;
}

bool is_request_id(std::string_view text) {
  constexpr std::size_t kLongest = 64;
  if (text.empty() || text.size() > kLongest) return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' ||
           c == '_' || c == '-';
  });
}

}  // namespace ringback::http
