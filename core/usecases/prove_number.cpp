#include "core/usecases/prove_number.hpp"

#include <algorithm>

#include "core/domain/token.hpp"
#include "core/domain/verification.hpp"

namespace ringback {
namespace {

using Kind = CodeAnswer::Kind;

Result<CodeAnswer> answer_of(Kind kind, const Callback& callback, Millis retry_after = Millis(0)) {
  CodeAnswer answer;
  answer.kind = kind;
  answer.callback = callback;
  answer.attempts_left = std::max(0, callback.verification.tries_left);
  answer.retry_after = retry_after;
  return answer;
}

bool is_right(const Switchboard& board, const Callback& callback, std::string_view code) {
  const Verification& v = callback.verification;
  const Digest typed =
      board.keys.hmac("code", code_binding_text(callback.id.text(), callback.visitor.phone, code));
  // Compared even where there is no code, so that the time tells nothing.
  const bool same = board.keys.same(typed, v.code_hmac.value_or(Digest{}));
  return same && v.code_hmac.has_value() && !v.suppressed;
}

// The first callback of this number goes on; the visitor gets a token for it.
Result<CodeAnswer> join(Switchboard& board, const Callback& second, const CallbackId& first,
                        std::string_view actor) {
  if (second.state == State::pending)
    if (const auto stepped = apply_event(board, second.id, Joined{}, actor); !stepped)
      return stepped.error();
  const auto callback = board.store.load(first);
  if (!callback) return callback.error();
  CodeAnswer answer;
  answer.kind = Kind::joined;
  answer.callback = *callback;
  answer.token = token_text(board.ids.random16());
  const VisitorToken token{.hash = visitor_token_digest(board.keys, first, answer.token),
                           .expires = board.now() + board.policy.token_keep};
  if (const auto added = board.store.add_visitor_token(first, token); !added) return added.error();
  return answer;
}

// A code sent again after it did its work gets the same answer again.
Result<CodeAnswer> enter_late(Switchboard& board, const Callback& callback, std::string_view code) {
  const bool right = is_right(board, callback, code);
  if (callback.proven && right) return answer_of(Kind::verified, callback);
  // It opens another callback, so it does so no longer than the code lives.
  const auto& expires_at = callback.verification.expires_at;
  if (callback.reason == Reason::joined && right && expires_at && *expires_at > board.now()) {
    const auto first = board.store.find_open_proven(callback.site, callback.phone_hmac);
    if (!first) return first.error();
    if (*first) return join(board, callback, **first, "visitor");
  }
  if (callback.state == State::expired && !callback.proven)
    return answer_of(Kind::expired, callback);
  return answer_of(Kind::not_pending, callback);
}

struct WrongCounts {
  LimitTake client;
  LimitTake phone;
  bool allowed() const { return client.allowance.allowed && phone.allowance.allowed; }
  Millis retry_after() const {
    return std::max(client.allowance.retry_after, phone.allowance.retry_after);
  }
};

Result<WrongCounts> wrong_counts(Switchboard& board, const Callback& callback,
                                 std::string_view client) {
  const DurableLimits& limits = board.policy.limits;
  const auto by_client = take_limit(board, "wrong_client", client, limits.wrong_client);
  if (!by_client) return by_client.error();
  const auto by_phone =
      take_limit(board, "wrong_phone", callback.visitor.phone.e164(), limits.wrong_phone);
  if (!by_phone) return by_phone.error();
  return WrongCounts{*by_client, *by_phone};
}

Result<CodeAnswer> enter_wrong(Switchboard& board, const Callback& callback,
                               const WrongCounts& counts) {
  Extras extras;
  extras.limits = {counts.client.log, counts.phone.log};
  const auto applied =
      apply_event(board, callback.id, CodeEntered{.right = false}, "visitor", extras);
  if (!applied) return applied.error();
  const Callback& after = applied->decision.after;
  return answer_of(after.state == State::pending ? Kind::wrong : Kind::too_many, after);
}

Result<CodeAnswer> enter_right(Switchboard& board, const Callback& callback) {
  const auto first = board.store.find_open_proven(callback.site, callback.phone_hmac);
  if (!first) return first.error();
  if (*first) return join(board, callback, **first, "visitor");

  const auto rings = take_limit(board, "call_number", callback.visitor.phone.e164(),
                                board.policy.limits.call_number);
  if (!rings) return rings.error();
  if (!rings->allowance.allowed)
    return answer_of(Kind::limited, callback, rings->allowance.retry_after);

  const auto applied = apply_event(board, callback.id, CodeEntered{.right = true}, "visitor");
  if (!applied) return applied.error();
  const bool spent = applied->decision.verdict == Verdict::over_budget;
  return answer_of(spent ? Kind::over_budget : Kind::verified, applied->decision.after);
}

}  // namespace

Result<CodeAnswer> enter_code(Switchboard& board, const CallbackId& id, std::string_view code,
                              std::string_view client) {
  const auto callback = board.store.load(id);
  if (!callback) return callback.error();
  if (callback->state != State::pending) return enter_late(board, *callback, code);
  if (callback->verification.expires_at && *callback->verification.expires_at <= board.now())
    return answer_of(Kind::expired, *callback);

  // Asked before the code is looked at: who is over a limit learns nothing of it.
  const auto counts = wrong_counts(board, *callback, client);
  if (!counts) return counts.error();
  if (!counts->allowed()) {
    auto over = answer_of(Kind::too_many, *callback, counts->retry_after());
    over->limit = counts->client.allowance.allowed ? "wrong_phone" : "wrong_client";
    over->asked = counts->client.allowance;
    return over;
  }
  auto answer = is_right(board, *callback, code) ? enter_right(board, *callback)
                                                 : enter_wrong(board, *callback, *counts);
  if (answer) answer->asked = counts->client.allowance;
  return answer;
}

Result<ResendAnswer> resend_code(Switchboard& board, const CallbackId& id,
                                 std::string_view client) {
  const auto callback = board.store.load(id);
  if (!callback) return callback.error();
  ResendAnswer answer;
  answer.callback = *callback;
  const Verification& v = callback->verification;
  // Its timer may ring a moment late: a code that ran out is not renewed.
  const bool ran_out = v.expires_at && *v.expires_at <= board.now();
  if (callback->state != State::pending || ran_out) {
    answer.kind = ResendAnswer::Kind::not_pending;
    return answer;
  }
  if (v.sends >= board.policy.rules.most_sends) {
    answer.kind = ResendAnswer::Kind::no_more;
    answer.retry_after = v.expires_at ? *v.expires_at - board.now() : Millis(0);
    return answer;
  }
  if (v.resend_at && *v.resend_at > board.now()) {
    answer.kind = ResendAnswer::Kind::too_soon;
    answer.retry_after = *v.resend_at - board.now();
    return answer;
  }
  if (board.admission.keeps_codes_back(board.now())) {
    answer.kind = ResendAnswer::Kind::no_texts;
    answer.retry_after = *board.admission.texts_at - board.now();
    return answer;
  }

  const DurableLimits& limits = board.policy.limits;
  const auto by_client = take_limit(board, "verify_client", client, limits.verify_client);
  if (!by_client) return by_client.error();
  answer.asked = by_client->allowance;
  if (!by_client->allowance.allowed) {
    answer.kind = ResendAnswer::Kind::limited;
    answer.retry_after = by_client->allowance.retry_after;
    return answer;
  }
  const auto by_phone =
      take_limit(board, "verify_phone", callback->visitor.phone.e164(), limits.verify_phone);
  if (!by_phone) return by_phone.error();
  answer.suppressed = v.suppressed || !by_phone->allowance.allowed;

  Extras extras;
  extras.limits.push_back(by_client->log);
  if (!answer.suppressed) extras.limits.push_back(by_phone->log);
  const auto applied =
      apply_event(board, id, ResendAsked{.suppressed = answer.suppressed}, "visitor", extras);
  if (!applied) return applied.error();
  answer.callback = applied->decision.after;
  return answer;
}

}  // namespace ringback
