// The visitor, or an operator, calls it off.
#pragma once

#include "core/usecases/apply_event.hpp"

namespace ringback {

struct CancelAnswer {
  enum class Kind { cancelled, too_late, over };
  Kind kind = Kind::cancelled;
  Callback callback;
};

// by: Reason::by_visitor or Reason::by_operator; the journal keeps who that was.
Result<CancelAnswer> cancel_callback(Switchboard& board, const CallbackId& id, Reason by,
                                     std::string_view actor = "visitor");

}  // namespace ringback
