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
        base_(std::max(machine.now(), last_commit)),
        steady_at_start_(machine.steady()),
        newest_(base_.time_since_epoch().count()) {}

  TimePoint now() const override {
    const TimePoint here =
        std::max(machine_.now(), base_ + (machine_.steady() - steady_at_start_));
    auto newest = newest_.load(std::memory_order_relaxed);
    const auto mine = here.time_since_epoch().count();
    while (mine > newest && !newest_.compare_exchange_weak(newest, mine)) {
    }
    return TimePoint(Millis(std::max(mine, newest)));
  }
  Millis steady() const override { return machine_.steady(); }

 private:
  const Clock& machine_;
  TimePoint base_;
  Millis steady_at_start_;
  mutable std::atomic<Millis::rep> newest_;
};

}  // namespace ringback
