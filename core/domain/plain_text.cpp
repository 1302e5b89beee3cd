#include "core/domain/plain_text.hpp"

#include <algorithm>
#include <vector>

namespace ringback {
namespace {

// Reads one code point; bytes that are no UTF-8 are skipped one by one (0 is returned for them).
char32_t take(std::string_view& text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  const std::size_t length = first < 0x80    ? 1
                             : first >= 0xF0 ? 4
                             : first >= 0xE0 ? 3
                             : first >= 0xC2 ? 2
                                             : 0;
  char32_t point = length == 1   ? first
                   : length == 2 ? first & 0x1FU
                   : length == 3 ? first & 0x0FU
                                 : first & 0x07U;
  bool good = length != 0 && length <= text.size() && first < 0xF5;
  for (std::size_t i = 1; good && i < length; ++i) {
    good = (byte(i) & 0xC0U) == 0x80U;
    point = (point << 6U) | (byte(i) & 0x3FU);
  }
  text.remove_prefix(good ? length : 1);
  return good ? point : 0;
}

void append(std::string& out, char32_t c) {
  const auto put = [&](char32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (c < 0x80) return put(c);
  if (c < 0x800) {
    put(0xC0U | (c >> 6U));
  } else {
    if (c < 0x10000) {
      put(0xE0U | (c >> 12U));
    } else {
      put(0xF0U | (c >> 18U));
      put(0x80U | ((c >> 12U) & 0x3FU));
    }
    put(0x80U | ((c >> 6U) & 0x3FU));
  }
  put(0x80U | (c & 0x3FU));
}

bool is_space(char32_t c) {
  return c <= 0x20 || c == 0x7F || (c >= 0x80 && c <= 0xA0) || c == 0x2028 || c == 0x2029;
}

// Marks that turn the direction of what follows, or cannot be seen: fit for tricks only.
bool is_hidden(char32_t c) {
  return (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x206F) || c == 0xFEFF;
}

std::vector<char32_t> points(std::string_view text) {
  std::vector<char32_t> out;
  bool gap = false;
  while (!text.empty()) {
    const char32_t c = take(text);
    if (is_hidden(c)) continue;
    if (is_space(c)) {
      gap = !out.empty();
      continue;
    }
    if (gap) out.push_back(U' ');
    gap = false;
    out.push_back(c);
  }
  return out;
}

std::string joined(std::vector<char32_t> text, std::size_t most) {
  if (text.size() > most) {
    text.resize(most == 0 ? 0 : most - 1);
    while (!text.empty() && text.back() == U' ') text.pop_back();
    if (most != 0) text.push_back(U'…');
  }
  std::string out;
  for (const char32_t c : text) append(out, c);
  return out;
}

bool is_digit(char32_t c) { return c >= U'0' && c <= U'9'; }

constexpr std::size_t kLongestSpokenNumber = 4;

constexpr std::u32string_view kGsmBeyondAscii = U"£¥èéùìòÇØøÅåΔΦΓΛΩΠΨΣΘΞÆæßÉ¤¡ÄÖÑÜ§¿äöñüà";
constexpr std::u32string_view kGsmTwice = U"^{}\\[~]|€";

// Septets of one character; 0: GSM-7 does not have it.
std::size_t septets(char32_t c) {
  if (kGsmTwice.find(c) != std::u32string_view::npos) return 2;
  if (c == U'\n' || (c >= 0x20 && c < 0x7F && c != U'`')) return 1;
  return kGsmBeyondAscii.find(c) != std::u32string_view::npos ? 1 : 0;
}

std::size_t parts(std::size_t units, std::size_t alone, std::size_t joined_part) {
  return units <= alone ? 1 : (units + joined_part - 1) / joined_part;
}

}  // namespace

std::string plain(std::string_view text, std::size_t most) { return joined(points(text), most); }

std::string speakable(std::string_view text, std::size_t most) {
  std::vector<char32_t> out;
  std::size_t run = 0;  // where a number with its separators began in `out`
  std::size_t digits = 0;
  const auto close = [&] {
    if (digits > kLongestSpokenNumber) out.resize(run);
    digits = 0;
  };
  for (const char32_t c : points(text)) {
    const bool inside =
        digits != 0 && (c == U' ' || c == U'-' || c == U'.' || c == U'(' || c == U')');
    if (is_digit(c)) {
      if (digits == 0) run = out.size();
      ++digits;
    } else if (!inside) {
      close();
    }
    out.push_back(c);
  }
  close();
  std::string again;
  for (const char32_t c : out) append(again, c);
  return plain(again, most);
}

std::size_t sms_segments(std::string_view text) {
  std::size_t gsm = 0;
  std::size_t wide = 0;
  bool fits = true;
  while (!text.empty()) {
    const char32_t c = take(text);
    const std::size_t cost = septets(c);
    fits = fits && cost != 0;
    gsm += cost;
    wide += c >= 0x10000 ? 2 : 1;
  }
  return fits ? parts(gsm, 160, 153) : parts(wide, 70, 67);
}

}  // namespace ringback
