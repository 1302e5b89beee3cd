// The heart: decide(callback, event, situation) -> what the callback becomes and what must be done.
//
// Pure and total: every event is accepted in every state, and most of them change nothing. The
// transition table is data (machine_table.cpp); the first row whose place, event and guard hold is
// taken. Rows may lead into routines (due, next, alert, settle), which are rows of the same table.
//
// Over is over: once a callback is final, no row makes an attempt, orders a text or changes the state.
// The two exceptions, late truth and an operator's retry, are marked in the table.
#pragma once

#include <string>
#include <vector>

#include "core/domain/callback.hpp"
#include "core/domain/effect.hpp"
#include "core/domain/event.hpp"
#include "core/domain/situation.hpp"

namespace ringback {

enum class Verdict : std::uint8_t {
  moved,        // the row changed; version is one higher
  stale,        // nothing changed; only the journal remembers
  too_late,     // cancel: the visitor's phone may be ringing, or it is over
  over_budget,  // the day's cap is reached; nothing changed
};

struct Decision {
  Verdict verdict = Verdict::stale;
  Callback after;
  std::vector<Order> orders;
  std::vector<OrderDrop> drops;
  std::vector<TimerChange> timers;  // at most one for each kind
  std::vector<BudgetMove> budget;
  std::vector<int> rows;  // that were taken, as indices into the table
  bool foreign_call = false;  // news of a second call for one attempt: must not happen, tell somebody
};

Decision decide(const Callback& before, const Event& event, const Situation& situation);

// Polling a call goes on for so long after its claim; then nobody will ever know.
Millis polling_window(const Rules& rules);

// The table as a page of Markdown: docs/state-machine.md is this, and a test keeps it so.
std::string state_machine_page();
int table_size();

}  // namespace ringback
