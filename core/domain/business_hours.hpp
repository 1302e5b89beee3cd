// When the business answers: hours for each weekday, and holidays.
//
//   - An interval is [open, close). One over midnight ("22:00-02:00") belongs to the day on which
//   it
//     opens.
//   - A holiday shuts what would open on that day. The tail of the evening before stays open: the
//     people who came to work then are still there.
//   - Where clocks change: opening in a repeated hour is at its first showing, closing at its last;
//     either of them in a skipped hour is at the end of the gap.
//   - Intervals that touch or overlap across midnight are one.
#pragma once

#include <array>
#include <optional>
#include <string_view>
#include <vector>

#include "core/domain/local_time.hpp"
#include "core/domain/result.hpp"

namespace ringback {

constexpr int kLookAheadDays = 400;  // nobody closes for longer and still means to come back
constexpr std::size_t kMaxIntervalsPerDay = 12;

struct OpenInterval {
  Minutes open{};   // since midnight of the day, below 24 h
  Minutes close{};  // more than open; beyond 24 h when it is over midnight

  friend bool operator==(const OpenInterval&, const OpenInterval&) = default;
};

using DayHours = std::vector<OpenInterval>;  // in order, apart from each other
using WeekHours = std::array<DayHours, 7>;   // [0] is Monday

struct HolidayRange {
  LocalDate first;
  LocalDate last;  // included

  friend bool operator==(const HolidayRange&, const HolidayRange&) = default;
};

struct BusinessHours {
  WeekHours week;
  std::vector<HolidayRange> holidays;
};

// "09:00-12:30, 13:30-17:00", "22:00-02:00", "00:00-24:00"; "" is closed all day.
Result<DayHours> parse_day_hours(std::string_view text);

// "2026-12-25", "2026-12-24..2026-12-26" or "2026-12-24/2026-12-26".
Result<HolidayRange> parse_holiday(std::string_view text);

// "2026-12-25", a date that exists, 1970 to 2037.
std::optional<LocalDate> parse_date(std::string_view text);

struct OpenSpan {
  TimePoint opens;
  TimePoint closes;

  friend bool operator==(const OpenSpan&, const OpenSpan&) = default;
};

// What opens on the days from first to last, in order, merged. Empty outside what zones know.
std::vector<OpenSpan> open_spans(const BusinessHours& hours, const Zone& zone, LocalDate first,
                                 LocalDate last);

// All three say "closed" of an instant that zones know nothing about.
bool is_open(const BusinessHours& hours, const Zone& zone, TimePoint now);
// now when it is open; nothing when it does not open within kLookAheadDays.
std::optional<TimePoint> next_opening(const BusinessHours& hours, const Zone& zone, TimePoint now);
// Nothing when it is closed, and when it does not close within kLookAheadDays.
std::optional<TimePoint> closes_at(const BusinessHours& hours, const Zone& zone, TimePoint now);

}  // namespace ringback
