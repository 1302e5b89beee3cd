#include "core/domain/retry.hpp"

#include <algorithm>

namespace ringback {
namespace {

template <class Wanted>
bool any_attempt(const Callback& callback, Wanted wanted) {
  return std::any_of(callback.attempts.begin(), callback.attempts.end(), wanted);
}

bool phantom_is_up(const Callback& callback, const Rules& rules) {
  const auto last = rules.accounts.size() - 1;
  return any_attempt(callback, [&](const Attempt& a) {
    const auto account = std::min(static_cast<std::size_t>(a.account), last);
    return is_phantom(a, rules.accounts[account].bridges_itself);
  });
}

}  // namespace

RetryBar retry_bar(const Callback& c, const Rules& rules, TimePoint now, bool anyway) {
  if (!is_final(c.state)) return RetryBar::not_over;
  if (c.state == State::completed) return RetryBar::completed;
  if (c.state == State::cancelled) return RetryBar::cancelled;
  if (live_attempt(c) != nullptr) return RetryBar::call_live;
  if (!c.proven_at) return RetryBar::never_proven;
  if (now - *c.proven_at > rules.times.consent) return RetryBar::consent_old;
  if (phantom_is_up(c, rules)) return RetryBar::phantom_up;
  const bool doubt =
      any_attempt(c, [](const Attempt& a) { return a.state == AttemptState::in_doubt_ended; });
  return doubt && !anyway ? RetryBar::may_have_rung : RetryBar::none;
}

bool has_doubt(const Callback& callback) {
  return any_attempt(callback, [](const Attempt& a) {
    return a.state == AttemptState::unknown || a.state == AttemptState::in_doubt_ended;
  });
}

}  // namespace ringback
