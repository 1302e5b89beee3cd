#include "core/domain/slots.hpp"

#include <algorithm>

namespace ringback {
namespace {

// Every instant at which the wall shows a full slot boundary of that date, in order.
std::vector<TimePoint> boundaries_of(const Zone& zone, LocalDate date) {
  std::vector<TimePoint> starts;
  for (Minutes at{0}; at < Minutes{24 * 60}; at += kSlotLength) {
    const WallInstants shown = zone.to_instants(midnight_of(date) + at);
    if (shown.skipped) continue;
    starts.push_back(shown.first);
    if (shown.last != shown.first) starts.push_back(shown.last);
  }
  std::sort(starts.begin(), starts.end());
  return starts;
}

std::vector<Slot> all_slots_on(const BusinessHours& hours, const Zone& zone, LocalDate date) {
  const auto open = open_spans(hours, zone, plus_days(date, -2), plus_days(date, 1));
  const auto open_throughout = [&](const Slot& slot) {
    return std::any_of(open.begin(), open.end(), [&](const OpenSpan& span) {
      return span.opens <= slot.start && slot.end <= span.closes;
    });
  };
  std::vector<Slot> slots;
  for (const TimePoint start : boundaries_of(zone, date)) {
    const Slot slot{.start = start, .end = start + kSlotLength};
    if (!slots.empty() && start < slots.back().end) continue;  // clocks moved by less than a slot
    if (open_throughout(slot)) slots.push_back(slot);
  }
  return slots;
}

bool bookable_date(LocalDate date) {
  return date.ok() && date.year() >= std::chrono::year{1970} &&
         date.year() <= std::chrono::year{2037};
}

}  // namespace

std::vector<Slot> slots_on(const BusinessHours& hours, const Zone& zone, LocalDate date,
                           TimePoint now) {
  if (!bookable_date(date) || !zone_knows(now)) return {};
  auto slots = all_slots_on(hours, zone, date);
  std::erase_if(slots, [&](const Slot& slot) {
    return slot.start < now || slot.start > now + kBookableAhead || !zone_knows(slot.start);
  });
  return slots;
}

std::optional<Slot> slot_at(const BusinessHours& hours, const Zone& zone, TimePoint when,
                            TimePoint now) {
  if (!zone_knows(when) || when < now || when > now + kBookableAhead) return std::nullopt;
  const LocalDate date = date_of(zone.to_local(when));
  for (const LocalDate day : {plus_days(date, -1), date})  // a slot may begin before clocks change
    for (const Slot& slot : all_slots_on(hours, zone, day))
      if (slot.start <= when && when < slot.end) return slot;
  return std::nullopt;
}

}  // namespace ringback
