// Dates and times as a clock on the wall shows them, without a zone; and Zone, one time zone as
// pure arithmetic between the wall and UTC.
//
// A Zone has no I/O and no state that changes: the same question always has the same answer. Where
// its rules come from is the business of ZoneRules (a port). Rules are only known between 1970 and
// the end of 2037 (the zone files lose summer time after that): ask zone_knows() before believing.
#pragma once

#include <chrono>
#include <string>

#include "core/domain/time.hpp"

namespace ringback {

using LocalDate = std::chrono::year_month_day;
using LocalTime = std::chrono::local_time<Millis>;

constexpr TimePoint kZoneEpoch = std::chrono::sys_days{
    LocalDate{std::chrono::year{1970}, std::chrono::January, std::chrono::day{1}}};
constexpr TimePoint kZoneHorizon = std::chrono::sys_days{
    LocalDate{std::chrono::year{2038}, std::chrono::January, std::chrono::day{1}}};

constexpr bool zone_knows(TimePoint when) { return when >= kZoneEpoch && when < kZoneHorizon; }

constexpr LocalDate date_of(LocalTime local) {
  return LocalDate{std::chrono::floor<std::chrono::days>(local)};
}
constexpr Millis time_of_day(LocalTime local) {
  return local - std::chrono::floor<std::chrono::days>(local);
}
constexpr LocalTime midnight_of(LocalDate date) { return std::chrono::local_days{date}; }
constexpr LocalDate plus_days(LocalDate date, int days) {
  return LocalDate{std::chrono::local_days{date} + std::chrono::days{days}};
}

// The instants at which the wall shows a local time.
//   usual day:     first == last
//   clocks back:   the time is shown twice; first is the earlier (for opening), last the later (for
//                  closing)
//   clocks ahead:  skipped, the time is never shown; both are the first instant after the gap
struct WallInstants {
  TimePoint first;
  TimePoint last;
  bool skipped = false;

  friend bool operator==(const WallInstants&, const WallInstants&) = default;
};

struct ZoneOffset {
  Seconds east_of_utc{};
  std::string abbreviation;  // "EDT"; for people, never for arithmetic
};

class Zone {
 public:
  virtual ~Zone() = default;

  virtual const std::string& name() const noexcept = 0;  // "America/New_York"
  virtual LocalTime to_local(TimePoint when) const = 0;
  virtual WallInstants to_instants(LocalTime local) const = 0;
  virtual ZoneOffset offset_at(TimePoint when) const = 0;
};

}  // namespace ringback
