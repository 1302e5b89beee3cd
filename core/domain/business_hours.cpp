#include "core/domain/business_hours.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <string>

namespace ringback {
namespace {

constexpr Minutes kDay{24 * 60};
constexpr std::size_t kLongestText = 200;

// An evening that began two dates ago can still be open: where a whole date was skipped.
constexpr int kDaysBack = 2;
// And where clocks go back over midnight, tomorrow's opening may already have been.
constexpr int kDaysAhead = 1;

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

std::optional<int> number(std::string_view digits) {
  int value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
  }
  return value;
}

// "00:00" to "24:00"
std::optional<Minutes> minutes_of(std::string_view text) {
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  const auto hour = number(text.substr(0, 2));
  const auto minute = number(text.substr(3));
  if (!hour || !minute || *minute > 59) return std::nullopt;
  const Minutes all{*hour * 60 + *minute};
  if (all > kDay) return std::nullopt;
  return all;
}

Error refused(std::string detail) { return Error{Errc::invalid_input, std::move(detail)}; }

Result<OpenInterval> interval_of(std::string_view text) {
  const auto dash = text.find('-');
  const auto open = minutes_of(trimmed(text.substr(0, std::min(dash, text.size()))));
  const auto close =
      dash == std::string_view::npos ? std::nullopt : minutes_of(trimmed(text.substr(dash + 1)));
  if (!open || !close)
    return refused(fmt::format(
        "\"{}\" is not an interval; write opening and closing as \"09:00-17:00\"", text));
  if (*open == kDay)
    return refused(fmt::format(
        "\"{}\" opens at 24:00, which is the next day; write it there, as 00:00", text));
  if (*open == *close)
    return refused(fmt::format(
        "\"{}\" opens and closes at the same time; round the clock is \"00:00-24:00\", closed is "
        "\"\"",
        text));
  return OpenInterval{*open, *close < *open ? *close + kDay : *close};
}

bool is_holiday(const BusinessHours& hours, LocalDate date) {
  return std::any_of(hours.holidays.begin(), hours.holidays.end(), [&](const HolidayRange& range) {
    return range.first <= date && date <= range.last;
  });
}

const DayHours& hours_on(const BusinessHours& hours, LocalDate date) {
  const std::chrono::weekday day{std::chrono::local_days{date}};
  return hours.week[day.iso_encoding() - 1];
}

// Calls visit(span) for what opens on each day, in order of opening; it answers whether to go on.
template <class Visit>
void each_span(const BusinessHours& hours, const Zone& zone, LocalDate first, int days,
               Visit visit) {
  for (int ahead = 0; ahead < days; ++ahead) {
    const LocalDate date = plus_days(first, ahead);
    const LocalTime midnight = midnight_of(date);
    if (midnight.time_since_epoch() >= kZoneHorizon.time_since_epoch()) return;
    if (is_holiday(hours, date)) continue;
    for (const OpenInterval& interval : hours_on(hours, date)) {
      const OpenSpan span{.opens = zone.to_instants(midnight + interval.open).first,
                          .closes = zone.to_instants(midnight + interval.close).last};
      if (span.opens < span.closes && !visit(span)) return;
    }
  }
}

template <class Visit>
void each_span_around(const BusinessHours& hours, const Zone& zone, TimePoint now, int days_ahead,
                      Visit visit) {
  if (!zone_knows(now)) return;
  const LocalDate today = date_of(zone.to_local(now));
  each_span(hours, zone, plus_days(today, -kDaysBack), kDaysBack + 1 + days_ahead, visit);
}

}  // namespace

Result<DayHours> parse_day_hours(std::string_view text) {
  if (text.size() > kLongestText)
    return refused(fmt::format("the hours of a day are longer than {} characters", kLongestText));
  DayHours day;
  text = trimmed(text);
  if (text.empty()) return day;
  for (bool more = true; more;) {
    const auto comma = text.find(',');
    more = comma != std::string_view::npos;
    const auto interval = interval_of(trimmed(text.substr(0, comma)));
    if (!interval) return interval.error();
    day.push_back(*interval);
    if (more) text.remove_prefix(comma + 1);
  }
  if (day.size() > kMaxIntervalsPerDay)
    return refused(fmt::format("a day has at most {} intervals", kMaxIntervalsPerDay));
  std::sort(day.begin(), day.end(), [](const auto& a, const auto& b) { return a.open < b.open; });
  for (std::size_t i = 1; i < day.size(); ++i)
    if (day[i].open < day[i - 1].close)
      return refused(fmt::format(
          "the interval that opens at {:02}:{:02} begins before the one before it closes; join "
          "them",
          day[i].open.count() / 60, day[i].open.count() % 60));
  return day;
}

std::optional<LocalDate> parse_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  const auto year = number(text.substr(0, 4));
  const auto month = number(text.substr(5, 2));
  const auto day = number(text.substr(8, 2));
  if (!year || !month || !day) return std::nullopt;
  const LocalDate date{std::chrono::year{*year}, std::chrono::month{static_cast<unsigned>(*month)},
                       std::chrono::day{static_cast<unsigned>(*day)}};
  if (!date.ok() || *year < 1970 || *year > 2037) return std::nullopt;
  return date;
}

Result<HolidayRange> parse_holiday(std::string_view text) {
  text = trimmed(text);
  std::string_view from = text;
  std::string_view until = text;
  for (const std::string_view separator : {"..", "/"}) {
    const auto at = text.find(separator);
    if (at == std::string_view::npos) continue;
    from = trimmed(text.substr(0, at));
    until = trimmed(text.substr(at + separator.size()));
    break;
  }
  const auto first = parse_date(from);
  const auto last = parse_date(until);
  if (!first || !last)
    return refused(
        fmt::format("\"{}\" is not a date between 1970 and 2037, nor a range of them; write "
                    "\"2026-12-25\" or \"2026-12-24..2026-12-26\"",
                    text));
  if (*last < *first)
    return refused(fmt::format("\"{}\" ends before it begins; swap the two dates", text));
  return HolidayRange{*first, *last};
}

std::vector<OpenSpan> open_spans(const BusinessHours& hours, const Zone& zone, LocalDate first,
                                 LocalDate last) {
  std::vector<OpenSpan> spans;
  const auto days = std::chrono::local_days{last} - std::chrono::local_days{first};
  const int count = std::clamp<int>(static_cast<int>(days.count()) + 1, 0, kLookAheadDays);
  each_span(hours, zone, first, count, [&](const OpenSpan& span) {
    if (!spans.empty() && span.opens <= spans.back().closes)
      spans.back().closes = std::max(spans.back().closes, span.closes);
    else
      spans.push_back(span);
    return true;
  });
  return spans;
}

bool is_open(const BusinessHours& hours, const Zone& zone, TimePoint now) {
  bool open = false;
  each_span_around(hours, zone, now, kDaysAhead, [&](const OpenSpan& span) {
    open = span.opens <= now && now < span.closes;
    return !open && span.opens <= now;
  });
  return open;
}

std::optional<TimePoint> next_opening(const BusinessHours& hours, const Zone& zone, TimePoint now) {
  std::optional<TimePoint> opening;
  each_span_around(hours, zone, now, kLookAheadDays, [&](const OpenSpan& span) {
    if (span.closes <= now) return true;
    opening = std::max(now, span.opens);
    return false;
  });
  return opening;
}

std::optional<TimePoint> closes_at(const BusinessHours& hours, const Zone& zone, TimePoint now) {
  TimePoint open_until = now;
  bool closing_seen = false;
  each_span_around(hours, zone, now, kLookAheadDays, [&](const OpenSpan& span) {
    closing_seen = span.opens > open_until;
    open_until = closing_seen ? open_until : std::max(open_until, span.closes);
    return !closing_seen;
  });
  if (open_until == now) return std::nullopt;
  const bool in_sight = closing_seen || open_until < now + std::chrono::days{kLookAheadDays - 1};
  return in_sight ? std::optional(open_until) : std::nullopt;
}

}  // namespace ringback
