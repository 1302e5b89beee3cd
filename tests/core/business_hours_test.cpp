#include "core/domain/business_hours.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/one_change_zone.hpp"

using namespace ringback;
using namespace std::chrono;
using ringback::test::OneChangeZone;

namespace {

TimePoint utc(int y, unsigned mo, unsigned d, int h = 0, int mi = 0) {
  return sys_days{year{y} / month{mo} / day{d}} + hours{h} + minutes{mi};
}

BusinessHours on(std::initializer_list<std::pair<int, std::string_view>> days) {
  BusinessHours hours;
  for (const auto& [weekday, text] : days)
    hours.week[static_cast<std::size_t>(weekday)] = *parse_day_hours(text);
  return hours;
}

BusinessHours daily(std::string_view text) {
  BusinessHours hours;
  for (auto& weekday : hours.week) weekday = *parse_day_hours(text);
  return hours;
}

const OneChangeZone kUtc{Seconds{0}};
// 2026-11-23 is a Monday.

}  // namespace

TEST_CASE("hours that make no sense are refused with what to write instead", "[hours]") {
  for (const auto* text :
       {"9-17", "09:00", "09:00-", "-17:00", "09:00-17:60", "09:00-24:01", "25:00-26:00",
        "09:00-17:00,", ",09:00-17:00", "09:00-17:00;18:00-19:00", "9:00-17:00",
        "09:00-17:00-18:00", "24:00-02:00", "09:00-09:00", "09:00-12:00, 11:00-13:00",
        "22:00-02:00, 23:00-23:30", "noon-17:00", "0\xC3\xA9:00-17:00"}) {
    INFO(text);
    const auto day = parse_day_hours(text);
    REQUIRE_FALSE(day);
    CHECK(day.error().code == Errc::invalid_input);
    CHECK(day.error().detail.size() > 20);
  }
  CHECK_FALSE(parse_day_hours(std::string(100'000, ',')));
  CHECK_FALSE(
      parse_day_hours("00:00-00:01,00:02-00:03,00:04-00:05,00:06-00:07,00:08-00:09,"
                      "00:10-00:11,00:12-00:13,00:14-00:15,00:16-00:17,00:18-00:19,"
                      "00:20-00:21,00:22-00:23,00:24-00:25"));
}

TEST_CASE("hours are read as written, in any order", "[hours]") {
  CHECK(parse_day_hours("")->empty());
  CHECK(parse_day_hours("  ")->empty());
  CHECK(*parse_day_hours("13:30 - 17:00 ,09:00-12:30") ==
        DayHours{{Minutes{540}, Minutes{750}}, {Minutes{810}, Minutes{1020}}});
  CHECK(*parse_day_hours("22:00-02:00") == DayHours{{Minutes{1320}, Minutes{1560}}});
  CHECK(*parse_day_hours("00:00-24:00") == DayHours{{Minutes{0}, Minutes{1440}}});
  CHECK(*parse_day_hours("22:00-00:00") == DayHours{{Minutes{1320}, Minutes{1440}}});
}

TEST_CASE("holidays are dates that exist, in order", "[hours]") {
  for (const auto* text : {"", "2026-02-29", "2026-13-01", "26-12-24", "2026-12-24..",
                           "..2026-12-24", "2026-12-26..2026-12-24", "2026-12-24-2026-12-26",
                           "1969-12-31", "2038-01-01", "2026-12-24..2026-12-26..2026-12-27"}) {
    INFO(text);
    CHECK_FALSE(parse_holiday(text));
  }
  const LocalDate eve{year{2026} / 12 / 24};
  const LocalDate after{year{2026} / 12 / 26};
  CHECK(*parse_holiday(" 2026-12-24 ") == HolidayRange{eve, eve});
  CHECK(*parse_holiday("2026-12-24..2026-12-26") == HolidayRange{eve, after});
  CHECK(*parse_holiday("2026-12-24 / 2026-12-26") == HolidayRange{eve, after});
}

TEST_CASE("an interval holds its opening and not its closing", "[hours]") {
  const auto hours = on({{0, "09:00-12:30, 13:30-17:00"}});
  CHECK_FALSE(is_open(hours, kUtc, utc(2026, 11, 23, 9) - Millis{1}));
  CHECK(is_open(hours, kUtc, utc(2026, 11, 23, 9)));
  CHECK(is_open(hours, kUtc, utc(2026, 11, 23, 12, 30) - Millis{1}));
  CHECK_FALSE(is_open(hours, kUtc, utc(2026, 11, 23, 12, 30)));
  CHECK(next_opening(hours, kUtc, utc(2026, 11, 23, 12, 30)) == utc(2026, 11, 23, 13, 30));
  CHECK(next_opening(hours, kUtc, utc(2026, 11, 23, 10)) == utc(2026, 11, 23, 10));
  CHECK(next_opening(hours, kUtc, utc(2026, 11, 23, 17)) == utc(2026, 11, 30, 9));
  CHECK(closes_at(hours, kUtc, utc(2026, 11, 23, 10)) == utc(2026, 11, 23, 12, 30));
  CHECK_FALSE(closes_at(hours, kUtc, utc(2026, 11, 23, 13)));
}

TEST_CASE("Sunday night is still open on Monday morning", "[hours]") {
  const auto hours = on({{6, "22:00-02:00"}});
  CHECK(is_open(hours, kUtc, utc(2026, 11, 22, 23)));
  CHECK(is_open(hours, kUtc, utc(2026, 11, 23, 1, 59)));
  CHECK_FALSE(is_open(hours, kUtc, utc(2026, 11, 23, 2)));
  CHECK(closes_at(hours, kUtc, utc(2026, 11, 22, 23)) == utc(2026, 11, 23, 2));
}

TEST_CASE("a holiday shuts what opens on it, and not the evening before", "[hours]") {
  auto hours = daily("22:00-02:00");
  hours.holidays = {*parse_holiday("2026-11-23")};
  CHECK(is_open(hours, kUtc, utc(2026, 11, 23, 1)));         // Sunday's evening
  CHECK_FALSE(is_open(hours, kUtc, utc(2026, 11, 23, 23)));  // the holiday's own
  CHECK_FALSE(is_open(hours, kUtc, utc(2026, 11, 24, 1)));   // and its tail
  CHECK(next_opening(hours, kUtc, utc(2026, 11, 23, 2)) == utc(2026, 11, 24, 22));
}

TEST_CASE("round the clock has no closing in sight", "[hours]") {
  auto hours = daily("00:00-24:00");
  CHECK(is_open(hours, kUtc, utc(2026, 11, 23)));
  CHECK_FALSE(closes_at(hours, kUtc, utc(2026, 11, 23)));
  hours.holidays = {*parse_holiday("2026-12-25")};
  CHECK(closes_at(hours, kUtc, utc(2026, 11, 23)) == utc(2026, 12, 25));
}

TEST_CASE("a business that is always closed has no next opening", "[hours]") {
  CHECK_FALSE(next_opening(BusinessHours{}, kUtc, utc(2026, 11, 23)));
  auto hours = daily("09:00-17:00");
  hours.holidays = {*parse_holiday("2026-01-01..2037-12-31")};
  CHECK_FALSE(next_opening(hours, kUtc, utc(2026, 11, 23)));
  hours.holidays = {*parse_holiday("2026-11-23..2027-11-22")};
  CHECK(next_opening(hours, kUtc, utc(2026, 11, 23)) == utc(2027, 11, 23, 9));
}

TEST_CASE("times that zones know nothing about are closed", "[hours]") {
  const auto hours = daily("00:00-24:00");
  for (const TimePoint when :
       {utc(2038, 1, 1), utc(1969, 12, 31), TimePoint::max(), TimePoint::min()}) {
    CHECK_FALSE(is_open(hours, kUtc, when));
    CHECK_FALSE(next_opening(hours, kUtc, when));
    CHECK_FALSE(closes_at(hours, kUtc, when));
  }
  CHECK_FALSE(next_opening(daily("09:00-17:00"), kUtc, utc(2037, 12, 31, 18)));
}

TEST_CASE("in a skipped hour, opening and closing are at the end of the gap", "[hours]") {
  const OneChangeZone spring{hours{1}, utc(2026, 3, 29, 1), hours{2}};  // 02:00 becomes 03:00
  const auto opens_inside = daily("02:30-08:00");
  CHECK_FALSE(is_open(opens_inside, spring, utc(2026, 3, 29, 1) - Millis{1}));
  CHECK(is_open(opens_inside, spring, utc(2026, 3, 29, 1)));
  CHECK(closes_at(daily("01:00-02:30"), spring, utc(2026, 3, 29, 0, 30)) == utc(2026, 3, 29, 1));
  CHECK(next_opening(daily("02:10-02:50"), spring, utc(2026, 3, 29, 0)) == utc(2026, 3, 30, 0, 10));
}

TEST_CASE("in a repeated hour, it opens at the first and closes at the second showing", "[hours]") {
  const OneChangeZone autumn{hours{2}, utc(2026, 10, 25, 1), hours{1}};  // 03:00 becomes 02:00
  const auto hours_inside = daily("02:15-02:45");
  CHECK(next_opening(hours_inside, autumn, utc(2026, 10, 24, 12)) == utc(2026, 10, 25, 0, 15));
  CHECK(closes_at(hours_inside, autumn, utc(2026, 10, 25, 0, 15)) == utc(2026, 10, 25, 1, 45));
}

TEST_CASE("clocks that go back over midnight do not lose tomorrow's opening", "[hours]") {
  // At 00:30 it becomes 23:30 again.
  const OneChangeZone odd{Seconds{0}, utc(2026, 10, 25, 0, 30), -hours{1}};
  const auto hours = on({{6, "00:00-06:00"}});  // 2026-10-25 is a Sunday
  CHECK(is_open(hours, odd, utc(2026, 10, 25, 0, 45)));
  CHECK(closes_at(hours, odd, utc(2026, 10, 25, 0, 45)) == utc(2026, 10, 25, 7));
}
