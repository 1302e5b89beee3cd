#include "adapters/carriers/exotel/ist_time.hpp"

#include <fmt/format.h>

#include <charconv>

namespace ringback::exotel {
namespace {

constexpr Millis kEastOfUtc = Minutes{330};
constexpr std::string_view kShape = "dddd-dd-dd dd:dd:dd";

bool has_shape(std::string_view text) {
  if (text.size() != kShape.size()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool digit = text[i] >= '0' && text[i] <= '9';
    if (kShape[i] == 'd' ? !digit : text[i] != kShape[i]) return false;
  }
  return true;
}

int number_at(std::string_view text, std::size_t from, std::size_t count) {
  int value = 0;
  std::from_chars(text.data() + from, text.data() + from + count, value);
  return value;
}

}  // namespace

std::optional<TimePoint> read_time(std::string_view text) {
  if (!has_shape(text)) return std::nullopt;
  const std::chrono::year_month_day date{
      std::chrono::year{number_at(text, 0, 4)},
      std::chrono::month{static_cast<unsigned>(number_at(text, 5, 2))},
      std::chrono::day{static_cast<unsigned>(number_at(text, 8, 2))}};
  const int hour = number_at(text, 11, 2);
  const int minute = number_at(text, 14, 2);
  const int second = number_at(text, 17, 2);
  if (!date.ok() || hour > 23 || minute > 59 || second > 59) return std::nullopt;
  const TimePoint wall =
      std::chrono::sys_days{date} + Minutes{hour * 60 + minute} + Seconds{second};
  const TimePoint when = wall - kEastOfUtc;
  if (when <= TimePoint{}) return std::nullopt;
  return when;
}

std::string time_text(TimePoint when) {
  const auto wall = std::chrono::floor<Seconds>(when + kEastOfUtc);
  const auto day = std::chrono::floor<std::chrono::days>(wall);
  const std::chrono::year_month_day date{day};
  const auto second = (wall - day).count();
  return fmt::format("{:04}-{:02}-{:02} {:02}:{:02}:{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     second / 3600, second / 60 % 60, second % 60);
}

}  // namespace ringback::exotel
