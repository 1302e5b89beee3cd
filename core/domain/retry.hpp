// May an operator begin a callback anew, and if not, why? The machine's guard and whoever must
// explain a refusal ask here.
#pragma once

#include "core/domain/callback.hpp"
#include "core/domain/situation.hpp"

namespace ringback {

enum class RetryBar : std::uint8_t {
  none,
  not_over,       // it is under way, or waits for its code
  call_live,      // a call of it is not known to be over, although it is final for everybody
  completed,      // they talked
  cancelled,      // somebody wanted out
  never_proven,   // nobody has shown that the number is theirs
  consent_old,    // they agreed to be called, but longer ago than that holds
  phantom_up,     // a call that was given up on is up after all
  may_have_rung,  // an attempt is in doubt: only by "dial again anyway"
};

// The first that applies.
RetryBar retry_bar(const Callback& callback, const Rules& rules, TimePoint now, bool anyway);

// Some call of it may have rung, and nobody can tell yet or will ever.
bool has_doubt(const Callback& callback);

}  // namespace ringback
