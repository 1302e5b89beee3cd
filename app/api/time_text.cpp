#include "app/api/time_text.hpp"

#include "core/domain/local_time.hpp"

namespace ringback {
namespace {

// Takes that many digits off the front.
std::optional<int> digits(std::string_view& text, std::size_t count) {
  if (text.size() < count) return std::nullopt;
  int value = 0;
  for (std::size_t i = 0; i < count; ++i) {
    if (text[i] < '0' || text[i] > '9') return std::nullopt;
    value = value * 10 + (text[i] - '0');
  }
  text.remove_prefix(count);
  return value;
}

bool skip(std::string_view& text, std::string_view any_of) {
  if (text.empty() || any_of.find(text.front()) == std::string_view::npos) return false;
  text.remove_prefix(1);
  return true;
}

// Minutes east of UTC.
std::optional<int> offset(std::string_view text) {
  if (text == "Z" || text == "z") return 0;
  if (text.size() != 6) return std::nullopt;
  const int sign = text.front() == '-' ? -1 : 1;
  if (!skip(text, "+-")) return std::nullopt;
  const auto hours = digits(text, 2);
  if (!hours || !skip(text, ":")) return std::nullopt;
  const auto minutes = digits(text, 2);
  if (!minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  return sign * (*hours * 60 + *minutes);
}

// Up to nanoseconds are read, milliseconds are kept.
std::optional<int> milliseconds(std::string_view& text) {
  if (!skip(text, ".")) return 0;
  int value = 0;
  int count = 0;
  while (!text.empty() && text.front() >= '0' && text.front() <= '9' && count < 9) {
    if (count < 3) value = value * 10 + (text.front() - '0');
    text.remove_prefix(1);
    ++count;
  }
  if (count == 0) return std::nullopt;
  for (; count < 3; ++count) value *= 10;
  return value;
}

}  // namespace

std::string time_text(TimePoint when) {
  const auto day = std::chrono::floor<std::chrono::days>(when);
  const std::chrono::year_month_day date{day};
  const std::chrono::hh_mm_ss<Millis> time{when - day};
  // Four of these are in each status document, so the digits are put where they belong.
  std::string text = "0000-00-00T00:00:00.000Z";
  const auto put = [&](std::size_t end, auto value) {
    auto rest = static_cast<unsigned>(value);
    for (; rest > 0 && end > 0; rest /= 10) text[--end] = static_cast<char>('0' + rest % 10);
  };
  put(4, static_cast<int>(date.year()));
  put(7, static_cast<unsigned>(date.month()));
  put(10, static_cast<unsigned>(date.day()));
  put(13, time.hours().count());
  put(16, time.minutes().count());
  put(19, time.seconds().count());
  put(23, time.subseconds().count());
  return text;
}

std::optional<TimePoint> read_time(std::string_view text) {
  const auto year = digits(text, 4);
  if (!year || !skip(text, "-")) return std::nullopt;
  const auto month = digits(text, 2);
  if (!month || !skip(text, "-")) return std::nullopt;
  const auto day = digits(text, 2);
  if (!day || !skip(text, "Tt ")) return std::nullopt;
  const auto hour = digits(text, 2);
  if (!hour || !skip(text, ":")) return std::nullopt;
  const auto minute = digits(text, 2);
  if (!minute || !skip(text, ":")) return std::nullopt;
  const auto second = digits(text, 2);
  const auto millis = second ? milliseconds(text) : std::nullopt;
  const auto east = millis ? offset(text) : std::nullopt;
  if (!east) return std::nullopt;

  const LocalDate date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                       std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 59) return std::nullopt;
  const TimePoint when = std::chrono::sys_days{date} + std::chrono::hours(*hour) +
                         Minutes(*minute - *east) + Seconds(*second) + Millis(*millis);
  if (!zone_knows(when)) return std::nullopt;
  return when;
}

}  // namespace ringback
