// Instants of visitors, hours and holidays of owners.
//   each line is read as each of them; together they make a week and its holidays
#include "app/api/time_text.hpp"
#include "core/domain/business_hours.hpp"
#include "tests/fuzz/fuzz.hpp"
#include "tests/support/one_change_zone.hpp"

using namespace ringback;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  const TimePoint change{Seconds(1'800'000'000)};
  const test::OneChangeZone zone(Seconds(-18'000), change, Seconds(-14'400));
  BusinessHours hours;
  std::size_t day = 0;
  for (int lines = 0; lines < 32 && !rest.empty(); ++lines) {
    const auto line = fuzz::next_line(rest);
    if (const auto when = read_time(line)) {
      must(zone_knows(*when), "an instant lies where zones are known");
      must(read_time(time_text(*when)) == when, "an instant comes back");
    }
    if (const auto date = parse_date(line)) must(date->ok(), "a date exists");
    if (const auto holiday = parse_holiday(line)) {
      must(holiday->first <= holiday->last, "a holiday ends after it begins");
      hours.holidays.push_back(*holiday);
    }
    if (auto parsed = parse_day_hours(line)) {
      must(parsed->size() <= kMaxIntervalsPerDay, "a day has so many intervals");
      for (const auto& interval : *parsed)
        must(interval.open < interval.close, "what opens closes later");
      hours.week[day++ % 7] = std::move(*parsed);
    }
  }
  for (const TimePoint now : {change - std::chrono::hours(5), change, TimePoint{}, kZoneHorizon}) {
    const bool open = is_open(hours, zone, now);
    const auto opening = next_opening(hours, zone, now);
    const auto closing = closes_at(hours, zone, now);
    if (open) must(opening == now, "what is open opens now");
    if (opening)
      must(*opening >= now && is_open(hours, zone, *opening), "at an opening it is open");
    if (closing) must(open && *closing > now && !is_open(hours, zone, *closing), "closing closes");
  }
  return 0;
}
