// An operator lets a callback that ended without a talk begin anew.
#pragma once

#include <optional>

#include "core/domain/retry.hpp"
#include "core/usecases/apply_event.hpp"

namespace ringback {

struct RetryAnswer {
  enum class Kind {
    begun,
    barred,       // `bar` says why; nothing was changed
    number_open,  // the visitor's number has another callback under way, `other`
    over_budget,
  };
  Kind kind = Kind::begun;
  Callback callback;
  RetryBar bar = RetryBar::none;
  std::optional<CallbackId> other;
};

// anyway: although an earlier call may have rung. actor: who asks, for the journal.
Result<RetryAnswer> retry_callback(Switchboard& board, const CallbackId& id, bool anyway,
                                   std::string_view actor);

}  // namespace ringback
