#include "core/domain/slots.hpp"

#include "tests/support/catch.hpp"
#include "tests/support/one_change_zone.hpp"

using namespace ringback;
using namespace std::chrono;
using ringback::test::OneChangeZone;

namespace {

TimePoint utc(int y, unsigned mo, unsigned d, int h = 0, int mi = 0) {
  return sys_days{year{y} / month{mo} / day{d}} + hours{h} + minutes{mi};
}
BusinessHours daily(std::string_view text) {
  BusinessHours hours;
  for (auto& weekday : hours.week) weekday = *parse_day_hours(text);
  return hours;
}
std::vector<TimePoint> starts(const std::vector<Slot>& slots) {
  std::vector<TimePoint> out;
  for (const Slot& slot : slots) out.push_back(slot.start);
  return out;
}

const OneChangeZone kUtc{Seconds{0}};
const LocalDate kMonday{year{2026} / 11 / 23};

}  // namespace

TEST_CASE("there are no slots when it is closed, past, or too far away", "[slots]") {
  const auto hours = daily("09:00-17:00");
  CHECK(slots_on(BusinessHours{}, kUtc, kMonday, utc(2026, 11, 1)).empty());
  CHECK(slots_on(hours, kUtc, kMonday, utc(2026, 11, 24)).empty());
  CHECK(slots_on(hours, kUtc, kMonday, utc(2026, 6, 1)).empty());
  CHECK(slots_on(hours, kUtc, LocalDate{year{2026} / 2 / 30}, utc(2026, 2, 1)).empty());
  CHECK(slots_on(hours, kUtc, LocalDate{year{2040} / 1 / 1}, utc(2037, 12, 31)).empty());
  CHECK(slots_on(hours, kUtc, LocalDate{year{-32767} / 1 / 1}, utc(2026, 1, 1)).empty());
}

TEST_CASE("a slot is open from end to end", "[slots]") {
  CHECK(starts(slots_on(daily("09:15-10:45"), kUtc, kMonday, utc(2026, 11, 20))) ==
        std::vector{utc(2026, 11, 23, 9, 30), utc(2026, 11, 23, 10)});
  // Touching intervals are one: nobody notices the minute between them.
  CHECK(
      starts(slots_on(daily("09:00-09:45,09:45-10:30"), kUtc, kMonday, utc(2026, 11, 20))).size() ==
      3);
}

TEST_CASE("only slots that still lie ahead are free", "[slots]") {
  const auto hours = daily("09:00-11:00");
  CHECK(starts(slots_on(hours, kUtc, kMonday, utc(2026, 11, 23, 9, 31))) ==
        std::vector{utc(2026, 11, 23, 10), utc(2026, 11, 23, 10, 30)});
}

TEST_CASE("the tail of an evening belongs to the date on the wall", "[slots]") {
  auto hours = daily("23:00-01:00");
  hours.holidays = {*parse_holiday("2026-11-23")};
  CHECK(starts(slots_on(hours, kUtc, kMonday, utc(2026, 11, 20))) ==
        std::vector{utc(2026, 11, 23, 0), utc(2026, 11, 23, 0, 30)});
}

TEST_CASE("the repeated hour has its slots twice, the skipped one none", "[slots]") {
  const OneChangeZone autumn{hours{2}, utc(2026, 10, 25, 1), hours{1}};
  CHECK(starts(slots_on(daily("02:00-03:00"), autumn, LocalDate{year{2026} / 10 / 25},
                        utc(2026, 10, 20))) ==
        std::vector{utc(2026, 10, 25, 0), utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1),
                    utc(2026, 10, 25, 1, 30)});
  const OneChangeZone spring{hours{1}, utc(2026, 3, 29, 1), hours{2}};
  CHECK(starts(slots_on(daily("01:30-03:30"), spring, LocalDate{year{2026} / 3 / 29},
                        utc(2026, 3, 20))) ==
        std::vector{utc(2026, 3, 29, 0, 30), utc(2026, 3, 29, 1)});
}

TEST_CASE("a date that the calendar skipped has no slots", "[slots]") {
  const OneChangeZone apia{-hours{10}, utc(2011, 12, 30, 10), hours{14}};
  const auto always = daily("00:00-24:00");
  CHECK(slots_on(always, apia, LocalDate{year{2011} / 12 / 30}, utc(2011, 12, 20)).empty());
  CHECK(slots_on(always, apia, LocalDate{year{2011} / 12 / 31}, utc(2011, 12, 20)).size() == 48);
}

TEST_CASE("a wish lies in a slot or in none", "[slots]") {
  const auto hours = daily("09:00-10:00");
  const TimePoint now = utc(2026, 11, 20);
  const auto slot = slot_at(hours, kUtc, utc(2026, 11, 23, 9, 59), now);
  REQUIRE(slot);
  CHECK(slot->start == utc(2026, 11, 23, 9, 30));
  CHECK_FALSE(slot_at(hours, kUtc, utc(2026, 11, 23, 10), now));
  CHECK_FALSE(slot_at(hours, kUtc, utc(2026, 11, 19, 9), now));
  CHECK_FALSE(slot_at(hours, kUtc, utc(2027, 11, 23, 9), now));
  CHECK_FALSE(slot_at(hours, kUtc, TimePoint::max(), now));
  CHECK_FALSE(slot_at(hours, kUtc, TimePoint::min(), now));
  CHECK(slot_at(hours, kUtc, utc(2026, 11, 23, 9, 10), utc(2026, 11, 23, 9, 5)));
}
