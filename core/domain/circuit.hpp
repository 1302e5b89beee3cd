// A circuit breaker as a value: after several failures in a row an account is left alone for a
// while; then one order goes out to see, and its fate decides. A busy line, a decline or a refusal
// is an answer, not a failure.
#pragma once

#include <algorithm>
#include <optional>

#include "core/domain/time.hpp"

namespace ringback {

constexpr int kFailuresToOpen = 5;
constexpr Seconds kFirstPause{15};
constexpr Seconds kLongestPause{120};

class Circuit {
 public:
  enum class State { closed, half_open, open };

  State state(TimePoint now) const {
    if (!open_until_) return State::closed;
    return now < *open_until_ ? State::open : State::half_open;
  }

  // How many of so many orders may go out now? In a half-open circuit, one until its fate is known.
  int allows(TimePoint now, int wanted) const {
    const State is = state(now);
    if (is == State::closed) return wanted;
    return is == State::half_open && !probing_ ? std::min(wanted, 1) : 0;
  }
  void begin(TimePoint now) { probing_ = state(now) == State::half_open; }

  void succeeded() { *this = Circuit(); }
  void failed(TimePoint now) {
    // Was on its way when the circuit opened: the same trouble, told once more.
    if (state(now) == State::open) return;
    failures_ += 1;
    probing_ = false;
    if (failures_ < kFailuresToOpen && !open_until_) return;
    pause_ = open_until_ ? std::min<Seconds>(pause_ * 2, kLongestPause) : kFirstPause;
    open_until_ = now + pause_;
  }

  std::optional<TimePoint> open_until() const { return open_until_; }

 private:
  int failures_ = 0;
  bool probing_ = false;
  Seconds pause_ = kFirstPause;
  std::optional<TimePoint> open_until_;
};

}  // namespace ringback
