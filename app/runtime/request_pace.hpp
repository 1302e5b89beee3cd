// How many requests a carrier takes from one account in a minute, all kinds together.
//
// Questions (polls, look-ups) get at most half of them, so that no storm of questions keeps an
// order or a code from going out. In any sixty seconds no more turns are given than allowed; a
// quarter of them may come in one burst, the others evenly.
#pragma once

#include <algorithm>
#include <chrono>
#include <optional>

#include "core/domain/time.hpp"

namespace ringback {

class RequestPace {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  enum class Use { order, question };

  explicit RequestPace(int per_minute) : all_(per_minute), questions_(per_minute / 2) {}

  struct Outlook {
    int turns = 0;
    Millis more_after{0};  // so long until there are more, with the same patience
  };

  // How many orders may come within `patience`, at most `most`: if nobody else takes a turn before
  // them, each of these gets one by then.
  Outlook outlook(Instant now, Millis patience, int most) const {
    Outlook out;
    const auto wait = [&] { return std::chrono::ceil<Millis>(all_.wait(now, out.turns)); };
    while (out.turns < most && wait() <= patience) ++out.turns;
    out.more_after = std::max(Millis{0}, wait() - patience);
    return out;
  }

  // How long to wait for the next turn, which is taken; nothing, and none is taken, if that is
  // longer than `patience`.
  std::optional<Millis> take(Use use, Instant now, Millis patience) {
    auto wait = all_.wait(now, 0);
    if (use == Use::question) wait = std::max(wait, questions_.wait(now, 0));
    const auto rounded = std::chrono::ceil<Millis>(wait);
    if (rounded > patience) return std::nullopt;
    all_.take(now + rounded);
    if (use == Use::question) questions_.take(now + rounded);
    return rounded;
  }

 private:
  // A virtual queue that empties at an even pace; what is in it beyond the burst has to wait.
  class Queue {
   public:
    explicit Queue(int per_minute)
        : burst_(std::max(1, per_minute / 4)),
          gap_(std::chrono::nanoseconds(Minutes{1}) / std::max(1, per_minute - burst_)) {}

    // For who comes now, with so many before him that are not in it yet.
    std::chrono::nanoseconds wait(Instant now, int before) const {
      const auto empty_at = std::max(empty_at_, now) + gap_ * before;
      return std::max(std::chrono::nanoseconds{0}, empty_at - gap_ * (burst_ - 1) - now);
    }
    void take(Instant at) { empty_at_ = std::max(empty_at_, at) + gap_; }

   private:
    int burst_;
    std::chrono::nanoseconds gap_;
    Instant empty_at_{};
  };

  Queue all_;
  Queue questions_;
};

}  // namespace ringback
