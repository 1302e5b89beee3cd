#include "core/usecases/ring_timers.hpp"

namespace ringback {

Result<int> ring_due_timers(Switchboard& board, int most) {
  const auto due = board.store.due_timers(board.now(), most);
  if (!due) return due.error();
  int rang = 0;
  for (const DueTimer& timer : *due) {
    const auto applied = apply_event(board, timer.callback, TimerRang{.kind = timer.kind}, "timer");
    // One callback that cannot be read must not silence the timers of all.
    if (applied)
      ++rang;
    else
      board.observer.on_trouble(timer.callback, applied.error());
  }
  return rang;
}

Result<int> recover(Switchboard& board) {
  const auto open = board.store.open_attempts();
  if (!open) return open.error();
  int asked = 0;
  for (const OpenAttempt& attempt : *open) {
    // Whoever was sending is dead. A call that is known is polled, one in doubt looked up: the same
    // as if their timers rang now.
    Event event = TimerRang{.kind = TimerKind::poll};
    if (attempt.state == AttemptState::sending)
      event = SenderDied{.attempt = attempt.attempt, .message = 0};
    else if (attempt.state == AttemptState::unknown)
      event = TimerRang{.kind = TimerKind::doubt};
    const auto applied = apply_event(board, attempt.callback, event, "start");
    if (!applied)
      board.observer.on_trouble(attempt.callback, applied.error());
    else if (!applied->decision.orders.empty())
      ++asked;
  }
  const auto texts = board.store.open_texts();
  if (!texts) return texts.error();
  for (const OpenAttempt& text : *texts) {
    const auto applied = apply_event(board, text.callback,
                                     SenderDied{.attempt = 0, .message = text.attempt}, "start");
    if (!applied) board.observer.on_trouble(text.callback, applied.error());
  }
  return asked;
}

}  // namespace ringback
