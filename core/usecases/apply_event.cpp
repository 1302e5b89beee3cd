#include "core/usecases/apply_event.hpp"

#include <algorithm>

namespace ringback {
namespace {

constexpr int kRacesToLose = 4;

Result<void> read_budget(Switchboard& board, const Callback& callback, const Event& event,
                         Situation& situation) {
  const bool first =
      std::holds_alternative<Asked>(event) || std::holds_alternative<CodeEntered>(event);
  const bool calls = first || std::holds_alternative<DialClaimed>(event) ||
                     std::holds_alternative<RetryAsked>(event);
  const bool texts =
      std::holds_alternative<Asked>(event) || std::holds_alternative<TextClaimed>(event);
  if (first) {
    const auto due =
        callback.slot && *callback.slot > situation.now ? callback.slot : situation.next_opening;
    situation.first_due_day = board.day_of(due.value_or(situation.now));
  }
  if (calls) {
    const auto used =
        board.store.budget_used(Budget::calls, first ? situation.first_due_day : situation.today);
    if (!used) return used.error();
    situation.call_left = *used < board.policy.caps.calls;
  }
  if (texts) {
    const auto used = board.store.budget_used(Budget::texts, situation.today);
    if (!used) return used.error();
    situation.text_left = *used < board.policy.caps.texts;
  }
  return {};
}

const VoiceAccount& account_of(const Switchboard& board, const Callback& callback, int attempt) {
  const Attempt* a = attempt_of(callback, attempt);
  const auto last = board.voices.size() - 1;
  return board.voices[a == nullptr ? 0 : std::min(static_cast<std::size_t>(a->account), last)];
}

Result<void> read_lines(Switchboard& board, const Callback& callback, const DialClaimed& claim,
                        Situation& situation) {
  const auto live = board.store.live_attempts();
  if (!live) return live.error();
  situation.line_free = *live < board.policy.max_concurrent;
  const auto& account = account_of(board, callback, claim.attempt);
  const auto index = static_cast<std::size_t>(&account - board.voices.data());
  situation.left_alone = !board.admission.lets_dial(index);
  if (account.carrier->profile().calls_per_second <= 0) return {};
  const auto slot = board.store.pace_slot(pace_of(account));
  if (!slot) return slot.error();
  situation.pace_at = *slot;
  return {};
}

// A claim that goes through takes this account's turn.
std::optional<std::pair<std::string, TimePoint>> next_turn(const Switchboard& board,
                                                           const Decision& decision,
                                                           const Event& event, TimePoint now) {
  const auto* claim = std::get_if<DialClaimed>(&event);
  if (claim == nullptr) return std::nullopt;
  const Attempt* a = attempt_of(decision.after, claim->attempt);
  if (a == nullptr || a->state != AttemptState::sending) return std::nullopt;
  const auto& account = account_of(board, decision.after, claim->attempt);
  const double pace = account.carrier->profile().calls_per_second;
  if (pace <= 0) return std::nullopt;
  return std::pair{pace_of(account), now + Millis(static_cast<std::int64_t>(1000 / pace))};
}

bool rings_visitor(const Switchboard& board, const Callback& before, const Callback& after,
                   const Event& event) {
  const Attempt* a = live_attempt(after);
  if (a == nullptr) return false;
  const Attempt* was = attempt_of(before, a->no);
  if (a->gate_open) return was == nullptr || !was->gate_open;
  // A carrier that joins the legs by itself rings the visitor without asking again.
  return std::holds_alternative<DialClaimed>(event) && a->state == AttemptState::sending &&
         account_of(board, after, a->no).carrier->profile().bridges_itself;
}

// Rings of one visitor's number are counted when they are about to happen; the business's own
// numbers are not.
Result<void> count_ring(Switchboard& board, const Callback& before, const Callback& after,
                        const Event& event, std::vector<LimitLog>& logs) {
  if (!rings_visitor(board, before, after, event)) return {};
  const auto& numbers = board.policy.rules.numbers;
  if (std::find(numbers.begin(), numbers.end(), after.visitor.phone) != numbers.end()) return {};
  const auto rings =
      take_limit(board, "call_number", after.visitor.phone.e164(), board.policy.limits.call_number);
  if (!rings) return rings.error();
  logs.push_back(rings->log);
  return {};
}

void remember_claim(Switchboard& board, const Decision& decision, const Event& event) {
  const Attempt* live = live_attempt(decision.after);
  const bool doubtful = live != nullptr && (live->state == AttemptState::sending ||
                                            live->state == AttemptState::unknown);
  if (std::holds_alternative<DialClaimed>(event) && doubtful)
    board.claims.note(decision.after.id, board.clock.steady());
  else if (!doubtful)
    board.claims.note(decision.after.id, std::nullopt);
}

// Leaves Applied::before to whoever has the row. What is applied is written where the caller wants
// it: two callbacks are much to hand from one function to the next.
Result<void> commit(Switchboard& board, const Callback* before, const Callback& base,
                    const Event& event, std::string_view actor, const Extras& extras,
                    Applied& applied) {
  const auto situation = brief(board, base, event);
  if (!situation) return situation.error();
  applied.decision = decide(base, event, *situation);
  Decision& decision = applied.decision;
  if (decision.verdict == Verdict::over_budget) return {};

  auto turn = next_turn(board, decision, event, situation->now);
  Commit commit{.expected_version = base.version,
                .before = before,
                .after = std::move(decision.after),  // lent
                .line = {.at = situation->now,
                         .actor = std::string(actor),
                         .event = event,
                         .situation = *situation},
                .drops = decision.drops,
                .orders = decision.orders,
                .timers = decision.timers,
                .budget = decision.budget,
                .caps = board.policy.caps,
                .delivery = extras.delivery,
                .attempt_tokens = extras.attempt_tokens,
                .visitor_tokens = extras.visitor_tokens,
                .idempotency = extras.idempotency,
                .limits = extras.limits,
                .pace = std::move(turn)};
  if (extras.settles) commit.drops.push_back(*extras.settles);
  if (const auto counted = count_ring(board, base, commit.after, event, commit.limits); !counted)
    return counted.error();
  const auto written = board.store.commit(commit);
  if (!written) return written.error();
  decision.after = std::move(commit.after);
  remember_claim(board, decision, event);
  board.observer.on_commit(before, decision, event);
  return {};
}

bool lost_a_race(const Error& error, int race) {
  return error.code == Errc::conflict && race < kRacesToLose;
}

}  // namespace

Result<Situation> brief(Switchboard& board, const Callback& callback, const Event& event) {
  Situation situation;
  // A wish and its first event are one instant: a visitor's document would show two otherwise.
  situation.now = callback.version == 0 ? callback.created_at : board.now();
  situation.rules = &board.policy.rules;
  situation.next_opening = board.opening_after(situation.now);
  situation.today = board.day_of(situation.now);
  situation.first_due_day = situation.today;
  situation.steady_since_claim = board.clock.steady() - board.claims.of(callback.id);
  if (const auto read = read_budget(board, callback, event, situation); !read) return read.error();
  if (const auto* claim = std::get_if<DialClaimed>(&event))
    if (const auto read = read_lines(board, callback, *claim, situation); !read)
      return read.error();
  if (std::holds_alternative<TextClaimed>(event) && board.admission.texts <= 0)
    situation.texts_at = board.admission.texts_at;
  return situation;
}

Result<Applied> apply_event(Switchboard& board, const CallbackId& id, const Event& event,
                            std::string_view actor, const Extras& extras) {
  Result<Applied> result;  // the only one that is returned, so it is made where the caller wants it
  for (int race = 0;; ++race) {
    auto stored = board.store.load(id);
    if (!stored) {
      result = stored.error();
      return result;
    }
    if (extras.delivery) {
      const auto seen = board.store.seen(*extras.delivery);
      if (!seen) {
        result = seen.error();
        return result;
      }
      if (*seen) {
        result->before = *stored;
        result->decision = {};
        result->decision.after = *std::move(stored);
        result->repeated = true;
        return result;
      }
    }
    const auto done = commit(board, &*stored, *stored, event, actor, extras, *result);
    if (done) {
      result->before = *std::move(stored);
      return result;
    }
    if (lost_a_race(done.error(), race)) continue;
    result = done.error();
    return result;
  }
}

Result<Applied> begin_callback(Switchboard& board, const Callback& fresh, const Asked& asked,
                               const Extras& extras) {
  Result<Applied> result;
  for (int race = 0;; ++race) {
    const auto done = commit(board, nullptr, fresh, asked, "visitor", extras, *result);
    if (done) return result;
    if (lost_a_race(done.error(), race)) continue;
    result = done.error();
    return result;
  }
}

Result<LimitTake> take_limit(Switchboard& board, std::string_view name, std::string_view key,
                             const Limit& limit) {
  LimitTake result;
  result.log.key = board.keys.hmac("limit", std::string(name) + "|" + std::string(key));
  const auto stored = board.store.limit_log(result.log.key);
  if (!stored) return stored.error();
  // Bytes that are no log would be our own fault or somebody's: count anew rather than refuse all.
  auto log = log_from_bytes(*stored).value_or(Log{});
  if (!log.taken.empty()) result.before = log.taken.back();
  auto taken = take(std::move(log), limit, board.now());
  result.allowance = taken.allowance;
  result.log.log = log_bytes(taken.log);
  result.log.expires = board.now() + longest_span(limit);
  return result;
}

}  // namespace ringback
