// Clock of this machine.
#pragma once

#include "core/ports/clock.hpp"

namespace ringback {

class SystemClock final : public Clock {
 public:
  TimePoint now() const override {
    return std::chrono::floor<Millis>(std::chrono::system_clock::now());
  }
  Millis steady() const override {
    return std::chrono::floor<Millis>(std::chrono::steady_clock::now().time_since_epoch());
  }
};

}  // namespace ringback
