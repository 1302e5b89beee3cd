#include <random>

#include "adapters/system/date_zones.hpp"
#include "core/domain/business_hours.hpp"
#include "core/domain/slots.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace std::chrono;

namespace {

TimePoint utc(int y, unsigned mo, unsigned d, int h = 0, int mi = 0) {
  return sys_days{year{y} / month{mo} / day{d}} + hours{h} + minutes{mi};
}
LocalTime wall(int y, unsigned mo, unsigned d, int h = 0, int mi = 0) {
  return midnight_of(year{y} / month{mo} / day{d}) + hours{h} + minutes{mi};
}
std::shared_ptr<const Zone> zone(std::string_view name) { return DateZones().find(name).value(); }

struct Period {
  const char* zone;
  TimePoint change;  // clocks are changed near it, or nothing happens
};
const std::vector<Period> kPeriods{
    {"America/New_York", utc(2026, 3, 8, 7)},
    {"America/New_York", utc(2026, 11, 1, 6)},
    {"Europe/Berlin", utc(2026, 3, 29, 1)},
    {"Europe/Berlin", utc(2026, 10, 25, 1)},
    {"Asia/Kathmandu", utc(2026, 6, 1)},
    {"Australia/Lord_Howe", utc(2026, 4, 4, 15)},
    {"Australia/Lord_Howe", utc(2026, 10, 3, 15, 30)},
    {"Pacific/Apia", utc(2011, 12, 30, 10)},
    {"Pacific/Apia", utc(2020, 4, 4, 14)},
    {"America/Havana", utc(2026, 11, 1, 5)},
    {"America/St_Johns", utc(2010, 11, 7, 2, 31)},
};

constexpr int kScanDays = 8;

// What business hours mean, found by walking through every minute with a watch in hand and never
// asking the zone for anything but what its clocks show.
class Oracle {
 public:
  Oracle(const BusinessHours& hours, const Zone& zone, TimePoint from)
      : from_(from), open_(kScanDays * 24 * 60) {
    std::vector<LocalTime> shown;
    for (std::size_t m = 0; m < open_.size(); ++m) shown.push_back(zone.to_local(at(m)));
    const LocalDate first = date_of(shown.front());
    for (int d = 0; d <= kScanDays; ++d) {
      const LocalDate date = plus_days(first, d);
      const bool holiday =
          std::any_of(hours.holidays.begin(), hours.holidays.end(),
                      [&](const auto& h) { return h.first <= date && date <= h.last; });
      if (holiday) continue;
      const weekday day{local_days{date}};
      for (const auto& interval : hours.week[day.iso_encoding() - 1])
        mark(shown, midnight_of(date) + interval.open, midnight_of(date) + interval.close);
    }
  }

  TimePoint at(std::size_t minute) const { return from_ + minutes{static_cast<int>(minute)}; }
  bool open(std::size_t minute) const { return open_[minute]; }
  std::size_t size() const { return open_.size(); }

 private:
  void mark(const std::vector<LocalTime>& shown, LocalTime opens, LocalTime closes) {
    std::size_t begin = 0;
    while (begin < shown.size() && shown[begin] < opens) ++begin;
    std::size_t end = shown.size();
    while (end > 0 && shown[end - 1] > closes) --end;
    if (end > 0 && shown[end - 1] == closes) --end;  // the minute of closing is closed
    for (std::size_t m = begin; m < end; ++m) open_[m] = true;
  }

  TimePoint from_;
  std::vector<bool> open_;
};

BusinessHours random_hours(std::mt19937& random, TimePoint around) {
  BusinessHours hours;
  for (auto& day : hours.week) {
    if (random() % 5 == 0) continue;
    int at = static_cast<int>(random() % 600);
    for (unsigned i = 0, n = 1 + random() % 3; i < n && at < 1380; ++i) {
      const int length = 1 + static_cast<int>(random() % 400);
      day.push_back({Minutes{at}, Minutes{at + length}});
      at += length + static_cast<int>(random() % 200);
    }
    if (random() % 6 == 0) day = {{Minutes{0}, Minutes{1440}}};
  }
  if (random() % 2 == 0) {
    const LocalDate date{floor<days>(around)};
    hours.holidays = {{date, plus_days(date, static_cast<int>(random() % 2))}};
  }
  return hours;
}

}  // namespace

TEST_CASE("names that are not zones are refused, and never opened as files", "[zone]") {
  for (const auto* name :
       {"", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "Europe/../Berlin",
        "Europe/Berlin\n", "Europe", "zone.tab", "Europe/Berlin/", "UTC;rm"}) {
    INFO(name);
    const auto found = DateZones().find(name);
    REQUIRE_FALSE(found);
    CHECK(found.error().detail.find("Europe/Berlin") != std::string::npos);
  }
  CHECK(DateZones().find("../../etc/passwd").error().code == Errc::invalid_input);
  CHECK(DateZones().find("Mars/Olympus").error().code == Errc::not_found);
  CHECK_FALSE(DateZones().find(std::string(100'000, 'a')));
}

TEST_CASE("what lies after 2037 is marked as not known", "[zone]") {
  CHECK(zone_knows(utc(2037, 12, 31, 23, 59)));
  CHECK_FALSE(zone_knows(utc(2038, 1, 1)));
  CHECK_FALSE(zone_knows(TimePoint::max()));
  BusinessHours hours;
  for (auto& day : hours.week) day = *parse_day_hours("00:00-24:00");
  CHECK_FALSE(next_opening(hours, *zone("Europe/Berlin"), utc(2038, 7, 1)));
}

TEST_CASE("a skipped hour is its end, a repeated hour has two instants", "[zone]") {
  const auto berlin = zone("Europe/Berlin");
  CHECK(berlin->to_instants(wall(2026, 3, 29, 2, 30)) ==
        WallInstants{utc(2026, 3, 29, 1), utc(2026, 3, 29, 1), true});
  CHECK(berlin->to_instants(wall(2026, 10, 25, 2, 30)) ==
        WallInstants{utc(2026, 10, 25, 0, 30), utc(2026, 10, 25, 1, 30), false});
  CHECK(berlin->to_instants(wall(2026, 7, 1, 12)) ==
        WallInstants{utc(2026, 7, 1, 10), utc(2026, 7, 1, 10), false});
  const auto apia = zone("Pacific/Apia");  // there was no 30 December 2011
  CHECK(apia->to_instants(wall(2011, 12, 30, 12)) ==
        WallInstants{utc(2011, 12, 30, 10), utc(2011, 12, 30, 10), true});
}

TEST_CASE("offsets and their names follow the season", "[zone]") {
  const auto york = zone("America/New_York");
  CHECK(york->name() == "America/New_York");
  CHECK(york->offset_at(utc(2026, 7, 1)).east_of_utc == -hours{4});
  CHECK(york->offset_at(utc(2026, 7, 1)).abbreviation == "EDT");
  CHECK(york->offset_at(utc(2026, 12, 1)).abbreviation == "EST");
  CHECK(york->offset_at(utc(2037, 7, 1)).abbreviation == "EDT");
  CHECK(zone("Asia/Kathmandu")->offset_at(utc(2026, 1, 1)).east_of_utc == minutes{345});
  CHECK(york->to_local(utc(2026, 7, 1, 2)) == wall(2026, 6, 30, 22));
}

TEST_CASE("business hours agree with a watch, minute by minute, where clocks change",
          "[zone][hours][property]") {
  std::mt19937 random(20261025);
  for (const Period& period : kPeriods) {
    const auto rules = zone(period.zone);
    for (int story = 0; story < 4; ++story) {
      const auto hours = random_hours(random, period.change);
      const Oracle oracle(hours, *rules, floor<days>(period.change) - days{4});
      INFO(period.zone << " story " << story);
      // The edges are left out: there the watch has not seen the evening before.
      const std::size_t first = 2 * 24 * 60;
      const std::size_t last = oracle.size() - 2 * 24 * 60;
      std::size_t next = last;
      for (std::size_t m = last; m-- > first;) {
        if (oracle.open(m)) next = m;
        INFO("minute " << m << " after " << oracle.at(0).time_since_epoch().count());
        if (is_open(hours, *rules, oracle.at(m)) != oracle.open(m)) FAIL("is_open");
        if (m % 13 != 0 && m + 1 != next && m != next) continue;
        if (next < last && next_opening(hours, *rules, oracle.at(m)) != oracle.at(next))
          FAIL("next_opening");
        std::size_t end = m;
        while (end < last && oracle.open(end)) ++end;
        const auto closing = closes_at(hours, *rules, oracle.at(m));
        if (end == m && closing) FAIL("closes_at of a closed minute");
        if (end > m && end < last && closing != oracle.at(end)) FAIL("closes_at");
      }
      SUCCEED();
    }
  }
}

TEST_CASE("slots are open, apart and on the wall's half hours, where clocks change",
          "[zone][slots][property]") {
  std::mt19937 random(20261026);
  for (const Period& period : kPeriods) {
    const auto rules = zone(period.zone);
    for (int story = 0; story < 4; ++story) {
      const auto hours = random_hours(random, period.change);
      TimePoint last_end{};
      for (int d = -2; d < 3; ++d) {
        const LocalDate date = plus_days(LocalDate{floor<days>(period.change)}, d);
        for (const Slot& slot : slots_on(hours, *rules, date, period.change - days{10})) {
          REQUIRE(date_of(rules->to_local(slot.start)) == date);
          REQUIRE(time_of_day(rules->to_local(slot.start)) % kSlotLength == Millis{0});
          REQUIRE(slot.start >= last_end);
          last_end = slot.end;
          for (auto at = slot.start; at < slot.end; at += minutes{1})
            REQUIRE(is_open(hours, *rules, at));
          REQUIRE(slot_at(hours, *rules, slot.start + minutes{7}, slot.start) == slot);
        }
      }
    }
  }
}
