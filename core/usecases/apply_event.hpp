// The heart of every use case: load -> decide -> commit, again after a lost race.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/usecases/switchboard.hpp"

namespace ringback {

// What is written in the same transaction, beside what decide() orders.
struct Extras {
  std::optional<OrderDrop> settles;
  std::optional<std::string> delivery;
  std::vector<AttemptToken> attempt_tokens;
  std::vector<VisitorToken> visitor_tokens;
  std::optional<IdempotencyEntry> idempotency;
  std::vector<LimitLog> limits;
};

struct Applied {
  Decision decision;
  Callback before;        // empty: it is new
  bool repeated = false;  // the delivery was seen before: nothing was done
};

// What decide() is told. Reads the budget, the lines and the pace only for events that ask for
// them.
Result<Situation> brief(Switchboard& board, const Callback& callback, const Event& event);

Result<Applied> apply_event(Switchboard& board, const CallbackId& id, const Event& event,
                            std::string_view actor, const Extras& extras = {});

// The same for a callback that is not stored yet.
Result<Applied> begin_callback(Switchboard& board, const Callback& fresh, const Asked& asked,
                               const Extras& extras);

// One more for a durable limit; nothing is written yet.
struct LimitTake {
  Allowance allowance;
  std::optional<TimePoint> before;  // when the last one was admitted
  LimitLog log;                     // to be written with the work that it counts
};
Result<LimitTake> take_limit(Switchboard& board, std::string_view name, std::string_view key,
                             const Limit& limit);

}  // namespace ringback
