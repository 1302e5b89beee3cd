#include "core/domain/verification.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "core/domain/gsm7.hpp"
#include "core/domain/utf8.hpp"

namespace ringback {
namespace {

constexpr std::uint32_t kCodes = 1'000'000;
constexpr std::uint32_t kUnbiasedBelow = 4'294'000'000;  // the largest multiple of kCodes

constexpr std::size_t kBrandCharacters = 20;
constexpr std::string_view kNoBrand = "Our team";
constexpr char32_t kTypographicApostrophe = 0x2019;

bool ascii_letter_or_digit(char32_t c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// Letters, digits, and the few signs that no link needs. No full stop: "acme.com" becomes
// "acmecom".
bool fit_for_brand(char32_t c) {
  if (c == U' ' || c == U'-' || c == U'&' || c == U'\'') return true;
  const bool accented = c >= 0xC0 && gsm7_septets(c) == 1;  // above ¡ £ § and their like
  return ascii_letter_or_digit(c) || accented;
}

// Brands hold only characters of GSM-7: ASCII, Latin-1 and some capital Greek. Two bytes do.
void append_utf8(std::string& text, char32_t c) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else {
    text += static_cast<char>(0xC0 | c >> 6);
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

bool shaped_like_a_host(std::string_view host) {
  return !host.empty() && std::all_of(host.begin(), host.end(), [](char c) {
    return ascii_letter_or_digit(static_cast<unsigned char>(c)) || c == '.' || c == '-';
  });
}

std::string life_text(Seconds life) {
  return life < Minutes{1} ? fmt::format("{} s", life.count())
                           : fmt::format("{} min", life / Minutes{1});
}

}  // namespace

std::optional<std::string> code_from(std::uint32_t uniform) {
  if (uniform >= kUnbiasedBelow) return std::nullopt;
  return fmt::format("{:06}", uniform % kCodes);
}

std::optional<std::string> read_code(std::string_view typed) {
  constexpr std::size_t kLongest = 32;
  if (typed.size() > kLongest) return std::nullopt;
  std::string code;
  for (const char c : typed) {
    if (c == ' ' || c == '-') continue;
    if (c < '0' || c > '9') return std::nullopt;
    code += c;
  }
  return code.size() == kCodeDigits ? std::optional(code) : std::nullopt;
}

std::optional<TimePoint> resend_at(int sends, TimePoint last_sent, Seconds pause) {
  if (sends < 1) return last_sent;
  if (sends >= kMaxCodeSends) return std::nullopt;
  return last_sent + pause * (1 << (sends - 1));
}

std::string brand_for_sms(std::string_view name) {
  std::string brand;
  std::size_t characters = 0;
  while (!name.empty() && characters < kBrandCharacters) {
    const auto next = next_character(name);
    if (!next) {
      name.remove_prefix(1);
      continue;
    }
    const char32_t c = *next == kTypographicApostrophe ? U'\'' : *next;
    const bool needless_space = c == U' ' && (brand.empty() || brand.back() == ' ');
    if (!fit_for_brand(c) || needless_space) continue;
    append_utf8(brand, c);
    ++characters;
  }
  if (!brand.empty() && brand.back() == ' ') brand.pop_back();
  return brand.empty() ? std::string(kNoBrand) : brand;
}

std::string code_sms(std::string_view brand, std::string_view code, Seconds life,
                     std::string_view host) {
  std::string text = fmt::format("{}: {} is your code. Valid {}. Do not share it.",
                                 brand_for_sms(brand), code, life_text(life));
  if (!shaped_like_a_host(host)) return text;
  std::string with_host = fmt::format("{}\n\n@{} #{}", text, host, code);
  const auto septets = gsm7_septets(with_host);
  return septets && *septets <= kSegmentSeptets ? with_host : text;
}

std::string code_binding_text(std::string_view challenge, const PhoneNumber& number,
                              std::string_view code) {
  return fmt::format("v1|{}|{}|{}", challenge, number.e164(), code);
}

}  // namespace ringback
