#include "adapters/carriers/exotel/numbers.hpp"

#include <algorithm>

#include "core/domain/plain_text.hpp"

namespace ringback::exotel {
namespace {

// Shorter than any subscriber's number with its area: it could be the end of anybody's.
constexpr std::size_t kFewestDigits = 8;
constexpr std::size_t kSidSize = 32;
constexpr std::size_t kMostMessage = 80;
constexpr std::ptrdiff_t kMostDigitsShown = 4;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// What stands between the groups of one number: "098-7650 0001".
bool is_joint(char c) { return std::string_view(" -.()/").find(c) != std::string_view::npos; }

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
    const auto digits = std::count_if(run.begin(), run.end(), is_digit);
    if (digits > kMostDigitsShown) run.replace(0, run.find_last_of("0123456789") + 1, "#");
    out += run;
    run.clear();
  };
  for (const char c : plain(message, kMostMessage)) {
    if (is_digit(c) || (!run.empty() && is_joint(c))) {
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
