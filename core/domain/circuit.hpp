// A circuit breaker as a value: an account that fails again and again, or that refuses us, is left
// alone for a while; then one order goes out to see, and its fate decides.
//
// A busy line, a decline or a refused number is an answer, not a failure. An account that refuses
// us (a wrong token, no balance) would refuse every order, so one such answer is enough, the pause
// is long, and only an order that is taken ends it: that the carrier answers questions says
// nothing.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/time.hpp"

namespace ringback {

constexpr int kFailuresToOpen = 5;
constexpr Seconds kFirstPause{15};
constexpr Seconds kLongestPause{120};
constexpr Minutes kRefusedPause{5};
constexpr int kLongestRefusedPause = 6;  // times the first

class Circuit {
 public:
  enum class State { closed, half_open, open };

  explicit Circuit(Millis refused_pause = kRefusedPause) : refused_pause_(refused_pause) {}

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

  // The order did not go out after all, by our own doing: that says nothing of the account.
  void not_tried() { probing_ = false; }

  // An order was taken.
  void accepted() { *this = Circuit(refused_pause_); }
  // The carrier answered. Whether the account may have an order taken is not said.
  void answered() {
    if (refusal_.empty()) *this = Circuit(refused_pause_);
    probing_ = false;
  }
  void failed(TimePoint now) {
    // Was on its way when the circuit opened: the same trouble, told once more.
    if (state(now) == State::open) return;
    failures_ += 1;
    probing_ = false;
    if (failures_ < kFailuresToOpen && !open_until_) return;
    open(now);
  }
  // said: the carrier's reason, and what to do about it.
  void refused(TimePoint now, std::string_view said) {
    if (state(now) == State::open && !refusal_.empty()) return;
    if (refusal_.empty()) open_until_.reset();
    refusal_ = said.empty() ? "no reason was given" : said;
    probing_ = false;
    open(now);
  }

  std::optional<TimePoint> open_until() const { return open_until_; }
  // What the carrier said of the account; empty: nothing against it.
  const std::string& refusal() const { return refusal_; }

 private:
  void open(TimePoint now) {
    const bool refuses = !refusal_.empty();
    const Millis first = refuses ? refused_pause_ : kFirstPause;
    const Millis longest = refuses ? refused_pause_ * kLongestRefusedPause : kLongestPause;
    pause_ = open_until_ ? std::min(pause_ * 2, longest) : first;
    open_until_ = now + pause_;
  }

  Millis refused_pause_;
  int failures_ = 0;
  bool probing_ = false;
  Millis pause_{0};
  std::optional<TimePoint> open_until_;
  std::string refusal_;
};

}  // namespace ringback
