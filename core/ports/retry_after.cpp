#include "core/ports/retry_after.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string_view>

namespace ringback {
namespace {

constexpr std::string_view kMonths = "JanFebMarAprMayJunJulAugSepOctNovDec";
constexpr int kCentury = 100;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

// The three forms of RFC 9110, 5.6.7, after the weekday, which is not looked at. D, b, Y, h, m and
// s stand for the digits (of the month: letters) of what they name.
struct Form {
  std::string_view shape;
  int year_digits;
};
constexpr Form kForms[] = {
    {", DD bbb YYYY hh:mm:ss GMT", 4},  // Sun, 06 Nov 1994 08:49:37 GMT
    {", DD-bbb-YY hh:mm:ss GMT", 2},    // Sunday, 06-Nov-94 08:49:37 GMT
    {" bbb DD hh:mm:ss YYYY", 4},       // Sun Nov  6 08:49:37 1994
};

struct Parts {
  std::array<int, 128> of{};  // by the letter of the shape
  std::string_view month;
};

std::optional<Parts> read(std::string_view text, std::string_view shape) {
  if (text.size() != shape.size()) return std::nullopt;
  Parts parts;
  parts.month = text.substr(shape.find('b'), 3);
  for (std::size_t i = 0; i < shape.size(); ++i) {
    if (shape[i] == 'b' && is_letter(text[i])) continue;
    if (std::string_view("DYhms").find(shape[i]) == std::string_view::npos) {
      if (shape[i] != text[i]) return std::nullopt;
      continue;
    }
    const bool padded = shape[i] == 'D' && shape[i - 1] != 'D' && text[i] == ' ';
    if (!padded && !is_digit(text[i])) return std::nullopt;
    int& number = parts.of.at(static_cast<std::size_t>(shape[i]));
    number = number * 10 + (padded ? 0 : text[i] - '0');
  }
  return parts;
}

// Two digits mean the year that is not fifty years or more ahead.
int whole_year(int two_digits, int now) {
  const int year = now - now % kCentury + two_digits;
  return year - now >= kCentury / 2 ? year - kCentury : year;
}

std::optional<TimePoint> time_of(const Parts& parts, int year) {
  using namespace std::chrono;
  const auto month = kMonths.find(parts.month);
  if (month == std::string_view::npos || month % 3 != 0) return std::nullopt;
  const year_month_day date{std::chrono::year{year},
                            std::chrono::month{static_cast<unsigned>(month / 3 + 1)},
                            std::chrono::day{static_cast<unsigned>(parts.of['D'])}};
  if (!date.ok() || parts.of['h'] > 23 || parts.of['m'] > 59 || parts.of['s'] > 60)
    return std::nullopt;
  return sys_days{date} + hours{parts.of['h']} + minutes{parts.of['m']} + seconds{parts.of['s']};
}

int year_of(TimePoint when) {
  const std::chrono::year_month_day date{std::chrono::floor<std::chrono::days>(when)};
  return static_cast<int>(date.year());
}

// `now`: nothing while that itself is being read, which nobody may write with two digits.
std::optional<TimePoint> read_date(std::string_view text, std::optional<TimePoint> now) {
  const auto end = std::find_if_not(text.begin(), text.end(), is_letter);
  if (end - text.begin() < 3) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.begin()));
  for (const Form& form : kForms) {
    const auto parts = read(text, form.shape);
    if (!parts) continue;
    if (form.year_digits == 4) return time_of(*parts, parts->of['Y']);
    if (now) return time_of(*parts, whole_year(parts->of['Y'], year_of(*now)));
  }
  return std::nullopt;
}

Millis read_seconds(std::string_view digits) {
  Seconds wait{0};
  for (const char c : digits) wait = std::min(wait * 10 + Seconds{c - '0'}, kLongestRetryAfter);
  return wait;
}

}  // namespace

Millis retry_after(const HttpResponse& response) {
  const auto text = header_of(response.headers, "Retry-After");
  if (!text.empty() && std::all_of(text.begin(), text.end(), is_digit)) return read_seconds(text);
  const auto now = read_date(header_of(response.headers, "Date"), std::nullopt);
  const auto until = now ? read_date(text, now) : std::nullopt;
  if (!until) return Millis{0};
  return std::clamp<Millis>(*until - *now, Millis{0}, kLongestRetryAfter);
}

}  // namespace ringback
