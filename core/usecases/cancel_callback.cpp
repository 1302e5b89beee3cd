#include "core/usecases/cancel_callback.hpp"

namespace ringback {

Result<CancelAnswer> cancel_callback(Switchboard& board, const CallbackId& id, Reason by,
                                     std::string_view actor) {
  const auto applied = apply_event(board, id, CancelAsked{.by = by}, actor);
  if (!applied) return applied.error();
  CancelAnswer answer;
  answer.callback = applied->decision.after;
  if (is_final(applied->before.state))
    answer.kind = CancelAnswer::Kind::over;
  else if (answer.callback.state != State::cancelled)
    answer.kind = CancelAnswer::Kind::too_late;
  return answer;
}

}  // namespace ringback
