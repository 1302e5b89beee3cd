#include "adapters/carriers/twilio/times.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace ringback::twilio {
namespace {

constexpr std::array<std::string_view, 12> kMonths = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

// Takes so many digits, at least one, off the front.
std::optional<int> take_number(std::string_view& text, std::size_t most) {
  std::size_t size = 0;
  while (size < most && size < text.size() && text[size] >= '0' && text[size] <= '9') ++size;
  int number = 0;
  if (size == 0) return std::nullopt;
  std::from_chars(text.data(), text.data() + size, number);
  text.remove_prefix(size);
  return number;
}

bool take(std::string_view& text, char wanted) {
  if (text.empty() || text.front() != wanted) return false;
  text.remove_prefix(1);
  return true;
}

std::optional<unsigned> take_month(std::string_view& text) {
  const auto at = std::find(kMonths.begin(), kMonths.end(), text.substr(0, 3));
  if (at == kMonths.end()) return std::nullopt;
  text.remove_prefix(3);
  return static_cast<unsigned>(at - kMonths.begin()) + 1;
}

// "+0000", "-0430", "GMT"
std::optional<Minutes> read_zone(std::string_view text) {
  if (text == "GMT" || text == "UTC" || text == "Z") return Minutes{0};
  if (text.size() != 5 || (text[0] != '+' && text[0] != '-')) return std::nullopt;
  const int sign = text[0] == '-' ? -1 : 1;
  text.remove_prefix(1);
  const auto both = take_number(text, 4);
  if (!both || !text.empty() || *both % 100 > 59 || *both > 1'500) return std::nullopt;
  return Minutes{sign * (*both / 100 * 60 + *both % 100)};
}

}  // namespace

std::optional<TimePoint> parse_rfc2822(std::string_view text) {
  using namespace std::chrono;
  if (text.size() > 3 && text[3] == ',') text.remove_prefix(4);
  while (take(text, ' ')) {
  }
  const auto day = take_number(text, 2);
  if (!day || !take(text, ' ')) return std::nullopt;
  const auto month = take_month(text);
  if (!month || !take(text, ' ')) return std::nullopt;
  const auto year = take_number(text, 4);
  if (!year || !take(text, ' ')) return std::nullopt;
  const auto hour = take_number(text, 2);
  if (!hour || !take(text, ':')) return std::nullopt;
  const auto minute = take_number(text, 2);
  if (!minute || !take(text, ':')) return std::nullopt;
  const auto second = take_number(text, 2);
  if (!second || !take(text, ' ')) return std::nullopt;
  const auto zone = read_zone(text);
  const year_month_day date{std::chrono::year{*year}, std::chrono::month{*month},
                            std::chrono::day{static_cast<unsigned>(*day)}};
  if (!zone || !date.ok() || *year < 1970 || *hour > 23 || *minute > 59 || *second > 60)
    return std::nullopt;
  return TimePoint{sys_days{date}.time_since_epoch() + hours{*hour} + minutes{*minute} +
                   seconds{*second} - *zone};
}

}  // namespace ringback::twilio
