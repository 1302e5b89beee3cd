#include "core/usecases/retry_callback.hpp"

namespace ringback {

Result<RetryAnswer> retry_callback(Switchboard& board, const CallbackId& id, bool anyway,
                                   std::string_view actor) {
  const auto stored = board.store.load(id);
  if (!stored) return stored.error();
  RetryAnswer answer;
  answer.callback = *stored;
  answer.bar = retry_bar(*stored, board.policy.rules, board.now(), anyway);

  // Two callbacks of one number that are under way could ring it by two calls at once.
  if (answer.bar == RetryBar::none) {
    const auto open = board.store.find_open_proven(stored->site, stored->phone_hmac);
    if (!open) return open.error();
    if (*open) {
      answer.kind = RetryAnswer::Kind::number_open;
      answer.other = **open;
      return answer;
    }
  }

  // What is refused is written down as well.
  auto applied = apply_event(board, id, RetryAsked{.anyway = anyway}, actor);
  if (!applied) return applied.error();
  if (applied->decision.verdict == Verdict::over_budget) {
    answer.kind = RetryAnswer::Kind::over_budget;
    return answer;
  }
  answer.callback = std::move(applied->decision.after);
  if (applied->decision.verdict == Verdict::moved) return answer;
  answer.kind = RetryAnswer::Kind::barred;
  return answer;
}

}  // namespace ringback
