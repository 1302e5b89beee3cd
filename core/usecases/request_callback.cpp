#include "core/usecases/request_callback.hpp"

#include "core/domain/number_policy.hpp"
#include "core/domain/token.hpp"

namespace ringback {
namespace {

constexpr auto kIdempotencyKeep = std::chrono::hours(24);
constexpr std::size_t kPrefixDigitsDropped = 4;
const Limit kPrefixBlock{{.count = 1, .span = std::chrono::hours(24)}};

struct Token {
  std::string text;
  VisitorToken stored;
};

Token make_token(Switchboard& board, const CallbackId& id) {
  Token token;
  token.text = token_text(board.ids.random16());
  token.stored = {.hash = visitor_token_digest(board.keys, id, token.text),
                  .expires = board.now() + board.policy.token_keep};
  return token;
}

RequestAnswer limited(std::string_view limit, const Allowance& allowance) {
  RequestAnswer answer;
  answer.kind = RequestAnswer::Kind::limited;
  answer.limit = limit;
  answer.retry_after = allowance.retry_after;
  return answer;
}

// The same callback once more, under a token of its own: earlier ones stay good.
Result<RequestAnswer> repeat(Switchboard& board, const CallbackId& id) {
  const auto callback = board.store.load(id);
  if (!callback) return callback.error();
  const Token token = make_token(board, id);
  if (const auto added = board.store.add_visitor_token(id, token.stored); !added)
    return added.error();
  RequestAnswer answer;
  answer.kind = RequestAnswer::Kind::repeated;
  answer.callback = *callback;
  answer.token = token.text;
  return answer;
}

struct Gatekeeping {
  std::optional<RequestAnswer> refusal;
  std::vector<LimitLog> counted;
  bool suppressed = false;
  std::string blocked_prefix;
};

// A code costs money and rings in somebody's pocket, so it is counted by who asks, by who would get
// it and by numbers that look alike. Only the first is told: the others would say what numbers
// exist.
Result<Gatekeeping> count_code(Switchboard& board, const CallbackRequest& request) {
  const DurableLimits& limits = board.policy.limits;
  Gatekeeping keeping;
  auto client = take_limit(board, "verify_client", request.client, limits.verify_client);
  if (!client) return client.error();
  if (!client->allowance.allowed) {
    keeping.refusal = limited("verify_client", client->allowance);
    return keeping;
  }
  keeping.counted.push_back(std::move(client->log));

  const PhoneNumber& phone = request.visitor.phone;
  auto own = take_limit(board, "verify_phone", phone.e164(), limits.verify_phone);
  if (!own) return own.error();
  // The same number asked for twice is one number of its prefix: count it with its first code.
  const auto prefix = number_prefix(phone, kPrefixDigitsDropped);
  auto alike = take_limit(board, "verify_prefix", prefix, limits.verify_prefix);
  if (!alike) return alike.error();
  auto block = take_limit(board, "prefix_block", prefix, kPrefixBlock);
  if (!block) return block.error();
  const bool first_of_number =
      !own->before || *own->before <= board.now() - longest_span(limits.verify_prefix);

  const bool blocked = !block->allowance.allowed;
  if (!blocked && first_of_number && !alike->allowance.allowed) {
    keeping.counted.push_back(std::move(block->log));
    keeping.blocked_prefix = prefix;
  }
  keeping.suppressed = blocked || !keeping.blocked_prefix.empty() || !own->allowance.allowed;
  if (keeping.suppressed) return keeping;
  keeping.counted.push_back(std::move(own->log));
  if (first_of_number) keeping.counted.push_back(std::move(alike->log));
  return keeping;
}

Callback fresh_callback(Switchboard& board, const CallbackRequest& request) {
  Callback callback;
  const TimePoint now = board.now();  // one instant: lists are cut by the time in the id
  callback.id = CallbackId(board.ids.uuid_v7(now));
  callback.site = request.site;
  callback.visitor = request.visitor;
  callback.phone_hmac = phone_digest(board.keys, request.visitor.phone);
  callback.client_hmac = board.keys.hmac("client", request.client);
  callback.created_at = now;
  callback.updated_at = callback.created_at;
  callback.slot = request.slot;
  return callback;
}

std::optional<IdempotencyEntry> idempotency_of(const Switchboard& board,
                                               const CallbackRequest& request) {
  if (!request.repeat) return std::nullopt;
  return IdempotencyEntry{.key = request.repeat->key,
                          .request_hash = request.repeat->request_hash,
                          .expires = board.now() + kIdempotencyKeep};
}

// The open callback of this number serves this request, too. Its journal tells, and the request's
// key stays its own when that callback is over.
Result<RequestAnswer> join(Switchboard& board, const CallbackId& id,
                           const CallbackRequest& request) {
  const Token token = make_token(board, id);
  Extras extras;
  extras.visitor_tokens.push_back(token.stored);
  extras.idempotency = idempotency_of(board, request);
  const auto applied = apply_event(board, id, Joined{}, "visitor", extras);
  if (!applied) return applied.error();
  RequestAnswer answer;
  answer.kind = RequestAnswer::Kind::joined;
  answer.callback = applied->decision.after;
  answer.token = token.text;
  return answer;
}

// A callback whose number needs no proof may join one that is open, or be rung too often.
Result<std::optional<RequestAnswer>> before_proven(Switchboard& board,
                                                   const CallbackRequest& request) {
  const auto digest = phone_digest(board.keys, request.visitor.phone);
  const auto open = board.store.find_open_proven(request.site, digest);
  if (!open) return open.error();
  if (*open) {
    auto joined = join(board, **open, request);
    if (!joined) return joined.error();
    return std::optional(std::move(*joined));
  }
  const auto rings = take_limit(board, "call_number", request.visitor.phone.e164(),
                                board.policy.limits.call_number);
  if (!rings) return rings.error();
  if (!rings->allowance.allowed) return std::optional(limited("call_number", rings->allowance));
  return std::optional<RequestAnswer>();
}

}  // namespace

Result<RequestAnswer> request_callback(Switchboard& board, const CallbackRequest& request) {
  if (request.repeat) {
    const auto earlier = board.store.find_idempotent(request.repeat->key, board.now());
    if (!earlier) return earlier.error();
    if (*earlier) {
      if (board.keys.same((*earlier)->request_hash, request.repeat->request_hash))
        return repeat(board, (*earlier)->callback);
      RequestAnswer conflict;
      conflict.kind = RequestAnswer::Kind::conflict;
      return conflict;
    }
  }

  Extras extras;
  Gatekeeping gate;
  if (request.proven) {
    const auto early = before_proven(board, request);
    if (!early) return early.error();
    if (*early) return **early;
  } else if (board.admission.keeps_codes_back(board.now())) {
    RequestAnswer answer;
    answer.kind = RequestAnswer::Kind::no_texts;
    answer.retry_after = *board.admission.texts_at - board.now();
    return answer;
  } else {
    auto keeping = count_code(board, request);
    if (!keeping) return keeping.error();
    if (keeping->refusal) return *keeping->refusal;
    gate = std::move(*keeping);
    extras.limits = std::move(gate.counted);
  }

  const Callback fresh = fresh_callback(board, request);
  const Token token = make_token(board, fresh.id);
  extras.visitor_tokens.push_back(token.stored);
  extras.idempotency = idempotency_of(board, request);
  auto begun = begin_callback(
      board, fresh, Asked{.proven = request.proven, .suppressed = gate.suppressed}, extras);
  if (!begun) return begun.error();

  RequestAnswer answer;
  answer.suppressed = gate.suppressed;
  answer.blocked_prefix = std::move(gate.blocked_prefix);
  if (begun->decision.verdict == Verdict::over_budget) {
    answer.kind = RequestAnswer::Kind::over_budget;
    return answer;
  }
  answer.callback = std::move(begun->decision.after);
  answer.token = token.text;
  return answer;
}

}  // namespace ringback
