// The outbox: which letters are to be sent now, and what their answers mean.
//
// take_due_orders() runs in one batch, the letters leave only when that batch is on disk, and each
// answer comes back through settle_order() in a later batch. Dials and texts are claimed once and
// never re-run; all other orders are leased and come back until somebody settles them.
#pragma once

#include <functional>
#include <map>
#include <variant>
#include <vector>

#include "core/usecases/apply_event.hpp"

namespace ringback {

// An order on its way out.
struct Errand {
  CallbackId callback;
  OrderKind kind{};
  int item = 0;
  int fence = 0;
  std::string account;  // for metrics, logs and the circuit
  std::string pace;     // as pace_of() the account
  std::string carrier_kind;
  std::vector<HttpRequest> letters;  // answered in this order
  TimePoint asked_at{};
  Millis claimed_steady{0};  // a claimed letter leaves within ten seconds of this, or never
};

using Reply = std::variant<HttpResponse, SendError>;

// What a pace that is kept outside of the store has left for dials and texts.
struct Turns {
  int left = 0;
  TimePoint more_at{};  // when there are more
};
using Paces = std::map<std::string, Turns, std::less<>>;  // by pace_of(); who is not here has none

// Letters for at most `most` orders, `most_dials` of them to dial: none, or as many as lines are
// free. Nothing is claimed that has no turn.
Result<std::vector<Errand>> take_due_orders(Switchboard& board, int most, int most_dials,
                                            Paces paces = {});

// When take_due_orders() or a timer may have something to do again, if it has nothing now.
Result<std::optional<TimePoint>> next_work(Switchboard& board, int most_dials, const Paces& paces);

// What an errand's replies were taken for.
struct Settled {
  std::string_view word = "failed";  // "accepted", "refused_account", "unknown", "found" ...
  std::optional<Taken> taken;        // of a dial or a text
  std::string said;                  // the carrier's reason, for the operator
};
Result<Settled> settle_order(Switchboard& board, const Errand& errand,
                             const std::vector<Reply>& replies);

}  // namespace ringback
