// The store's time: never behind what was committed, never jumping back, following the wall only
// forwards. Due times are instants of this clock; business hours read the same, so a wall that is
// wrong is wrong everywhere alike.
#pragma once

#include <algorithm>
#include <atomic>

#include "core/ports/clock.hpp"

namespace ringback {

class StoreClock final : public Clock {
 public:
  // machine outlives this. last_commit: the newest instant in the store.
  StoreClock(const Clock& machine, TimePoint last_commit)
      : machine_(machine),
        ahead_(std::max(machine.now(), last_commit).time_since_epoch().count() -
               machine.steady().count()) {}

  // Steady time plus the largest lead that the wall ever had over it: after a wall that jumped
  // ahead is set back, this goes on at its own pace instead of standing still.
  TimePoint now() const override {
    // The wall first: a pause between the two readings must not count as a lead.
    const auto wall = machine_.now().time_since_epoch().count();
    const auto steady = machine_.steady().count();
    const auto lead = wall - steady;
    auto ahead = ahead_.load(std::memory_order_relaxed);
    while (lead > ahead && !ahead_.compare_exchange_weak(ahead, lead)) {
    }
    return TimePoint(Millis(steady + std::max(lead, ahead)));
  }
  Millis steady() const override { return machine_.steady(); }

 private:
  const Clock& machine_;
  mutable std::atomic<Millis::rep> ahead_;
};

}  // namespace ringback
