// The outbox: which letters are to be sent now, and what their answers mean.
//
// take_due_orders() runs in one batch, the letters leave only when that batch is on disk, and each
// answer comes back through settle_order() in a later batch. Dials and texts are claimed once and
// never re-run; all other orders are leased and come back until somebody settles them.
#pragma once

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
  std::string carrier_kind;
  std::vector<HttpRequest> letters;  // answered in this order
  TimePoint asked_at{};
  Millis claimed_steady{0};  // a claimed letter leaves within ten seconds of this, or never
};

using Reply = std::variant<HttpResponse, SendError>;

// Letters for at most `most` orders, `most_dials` of them to dial: none, or as many as lines are
// free.
Result<std::vector<Errand>> take_due_orders(Switchboard& board, int most, int most_dials);

// When the next account may dial again, if that is not now: until then no dial is due.
Result<std::optional<TimePoint>> next_turn(Switchboard& board);

// What an errand's replies were taken for.
struct Settled {
  std::string_view word = "failed";  // "accepted", "refused_account", "unknown", "found" ...
  std::optional<Taken> taken;        // of a dial or a text
  std::string said;                  // the carrier's reason, for the operator
};
Result<Settled> settle_order(Switchboard& board, const Errand& errand,
                             const std::vector<Reply>& replies);

}  // namespace ringback
