#include "adapters/carriers/exotel/numbers.hpp"

#include <algorithm>

#include "core/domain/plain_text.hpp"

namespace ringback::exotel {
namespace {

// Shorter than any subscriber's number with its area: it could be the end of anybody's.
constexpr std::size_t kFewestDigits = 8;
constexpr std::size_t kSidSize = 32;
constexpr std::size_t kMostMessage = 80;
constexpr std::size_t kMostDigitsShown = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

}  // namespace

bool is_same_line(std::string_view as_written, const PhoneNumber& number) {
  std::string digits;
  for (const char c : as_written)
    if (is_digit(c)) digits += c;
  digits.erase(0, std::min(digits.find_first_not_of('0'), digits.size()));
  const std::string_view full = std::string_view(number.e164()).substr(number.empty() ? 0 : 1);
  return digits.size() >= kFewestDigits && full.ends_with(digits);
}

bool is_sid(std::string_view text) {
  return text.size() == kSidSize && std::all_of(text.begin(), text.end(), [](char c) {
           return is_digit(c) || (c >= 'a' && c <= 'z');
         });
}

std::string without_numbers(std::string_view message) {
  std::string out;
  std::string run;
  const auto flush = [&] {
    out += run.size() > kMostDigitsShown ? "#" : run;
    run.clear();
  };
  for (const char c : plain(message, kMostMessage)) {
    if (is_digit(c)) {
      run += c;
      continue;
    }
    flush();
    out += c;
  }
  flush();
  return out;
}

}  // namespace ringback::exotel
