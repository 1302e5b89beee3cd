#include "core/domain/local_time_text.hpp"

#include <array>
#include <cstdlib>

#include <fmt/format.h>

namespace ringback {
namespace {

struct WallClock {
  LocalDate date;
  std::int64_t hour = 0;
  std::int64_t minute = 0;
};

WallClock wall_clock(const Zone& zone, TimePoint when) {
  const auto local = zone.to_local(when);
  const auto minutes = std::chrono::floor<Minutes>(time_of_day(local)).count();
  return {.date = date_of(local), .hour = minutes / 60, .minute = minutes % 60};
}

}  // namespace

std::string date_text(LocalDate date) {
  return fmt::format("{:04}-{:02}-{:02}", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()));
}

std::string local_time_text(const Zone& zone, TimePoint when) {
  const auto wall = wall_clock(zone, when);
  const auto east = std::chrono::duration_cast<Minutes>(zone.offset_at(when).east_of_utc).count();
  return fmt::format("{}T{:02}:{:02}:00{}{:02}:{:02}", date_text(wall.date), wall.hour, wall.minute,
                     east < 0 ? '-' : '+', std::abs(east) / 60, std::abs(east) % 60);
}

std::string weekday_time_text(const Zone& zone, TimePoint when) {
  constexpr std::array<std::string_view, 7> kDays = {"Sunday",   "Monday", "Tuesday", "Wednesday",
                                                     "Thursday", "Friday", "Saturday"};
  const auto wall = wall_clock(zone, when);
  const std::chrono::weekday day{std::chrono::local_days{wall.date}};
  return fmt::format("{} {:02}:{:02}", kDays[day.c_encoding()], wall.hour, wall.minute);
}

}  // namespace ringback
