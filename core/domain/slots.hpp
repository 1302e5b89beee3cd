// The times a visitor can choose: half hours that begin on the business's clock at :00 and :30, are
// open from end to end, lie ahead, and are not too far away. An instant, not a wall time, names a
// slot, so that the repeated hour of autumn has two of each and the skipped hour of spring none.
#pragma once

#include <optional>
#include <vector>

#include "core/domain/business_hours.hpp"

namespace ringback {

constexpr Minutes kSlotLength{30};
constexpr std::chrono::days kBookableAhead{60};

struct Slot {
  TimePoint start;
  TimePoint end;

  friend bool operator==(const Slot&, const Slot&) = default;
};

// The slots that begin on that date of the business's calendar, not before now.
std::vector<Slot> slots_on(const BusinessHours& hours, const Zone& zone, LocalDate date,
                           TimePoint now);

// The slot that an instant lies in. One that has begun is still good: it is being asked for now.
std::optional<Slot> slot_at(const BusinessHours& hours, const Zone& zone, TimePoint when,
                            TimePoint now);

}  // namespace ringback
