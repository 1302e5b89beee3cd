#include "core/usecases/carry_out.hpp"

#include <algorithm>
#include <set>

#include "core/domain/local_time_text.hpp"
#include "core/domain/spread.hpp"
#include "core/domain/status_text.hpp"
#include "core/domain/verification.hpp"

namespace ringback {
namespace {

// Between two looks at an order whose account is left alone: soon enough after it is put right.
constexpr Seconds kSoonestLook{1};
constexpr Seconds kLatestLook{15};

constexpr auto kFindMargin = Seconds(150);  // the carrier's clock may differ from ours by so much

// An attempt may be older than the configuration.
std::size_t account_of(const Switchboard& board, const Attempt& a) {
  return std::min(static_cast<std::size_t>(a.account), board.voices.size() - 1);
}

const VoiceAccount& voice_of(const Switchboard& board, const Attempt& a) {
  return board.voices[account_of(board, a)];
}

// Where we are asked what to say, we announce it there.
std::optional<Announcement> recorded_by_carrier(const Switchboard& board,
                                                const VoiceAccount& account) {
  if (!account.carrier->profile().bridges_itself) return std::nullopt;
  Prompts prompts;
  prompts.business_name = board.policy.business_name;
  prompts.recorded = board.policy.record;
  return announcement_for(prompts);
}

std::string hook_of(const Switchboard& board, const Callback& callback, const Attempt& a) {
  const VoiceAccount& account = voice_of(board, a);
  return board.policy.public_url + "/hooks/" + account.carrier->profile().kind + "/" +
         account.name + "/" + attempt_token(board.keys, callback.id, a.no);
}

Errand errand_of(const Switchboard& board, const DueOrder& order) {
  Errand errand;
  errand.callback = order.callback;
  errand.kind = order.kind;
  errand.item = order.item;
  errand.asked_at = board.now();
  errand.claimed_steady = board.clock.steady();
  return errand;
}

void through(Errand& errand, const VoiceAccount& account) {
  errand.account = account.name;
  errand.pace = pace_of(account);
  errand.carrier_kind = account.carrier->profile().kind;
}
void through(Errand& errand, const TextAccount& account) {
  errand.account = account.name;
  errand.pace = pace_of(account);
  errand.carrier_kind = account.messenger->profile().kind;
}

using MaybeErrand = Result<std::optional<Errand>>;

// An order that cannot be carried out would come back for ever.
MaybeErrand drop(Switchboard& board, const DueOrder& order) {
  if (const auto dropped = board.store.drop_order(order.callback, order.kind, order.item); !dropped)
    return dropped.error();
  return std::optional<Errand>();
}

// Held back without a line in the journal: nothing has happened.
MaybeErrand look_again(Switchboard& board, const DueOrder& order, TimePoint when) {
  const auto due = std::clamp(when, board.now() + kSoonestLook, board.now() + kLatestLook);
  if (const auto put_off = board.store.postpone(order.callback, order.kind, order.item, due);
      !put_off)
    return put_off.error();
  return std::optional<Errand>();
}

// Its account is left alone, and there is no other to go through.
Result<bool> dial_must_wait(Switchboard& board, const DueOrder& order) {
  const auto& dials = board.admission.dials;
  if (std::all_of(dials.begin(), dials.end(), [](int many) { return many > 0; })) return false;
  const auto stored = board.store.load(order.callback);
  if (!stored) return stored.error();
  const Attempt* a = attempt_of(*stored, order.item);
  if (a == nullptr) return false;
  const std::size_t account = account_of(board, *a);
  return !board.admission.lets_dial(account) && account + 1 == board.voices.size();
}

MaybeErrand claim_dial(Switchboard& board, const DueOrder& order) {
  const auto held = dial_must_wait(board, order);
  if (!held) return held.error();
  if (*held) return look_again(board, order, board.now() + kLatestLook);
  Extras extras;
  extras.attempt_tokens.push_back(
      {.hash = token_digest(board.keys, attempt_token(board.keys, order.callback, order.item)),
       .attempt = order.item,
       .expires = board.now() + board.policy.token_keep});
  const auto applied =
      apply_event(board, order.callback, DialClaimed{.attempt = order.item}, "runner", extras);
  if (!applied) return applied.error();
  const Callback& callback = applied->decision.after;
  const Attempt* a = attempt_of(callback, order.item);
  const Attempt* was = attempt_of(applied->before, order.item);
  if (a == nullptr || was == nullptr || a->fence == was->fence) {
    // Not claimed: it waits, or it is over.
    if (applied->decision.verdict == Verdict::stale) return drop(board, order);
    return std::optional<Errand>();
  }
  board.admission.dialled(account_of(board, *a));
  const VoiceAccount& account = voice_of(board, *a);
  const Rules& rules = board.policy.rules;
  const OriginateOrder originate{
      .business = a->business,
      .visitor = callback.visitor.phone,
      .caller_id = account.caller_id,
      .ring = std::chrono::duration_cast<Seconds>(rules.ring),
      .visitor_ring = std::chrono::duration_cast<Seconds>(rules.visitor_ring),
      .talk = std::chrono::duration_cast<Seconds>(rules.talk),
      .ask_for_key = rules.accept == Accept::press_1,
      .recorded = recorded_by_carrier(board, account),
      .hook = hook_of(board, callback, *a)};
  Errand errand = errand_of(board, order);
  through(errand, account);
  errand.fence = a->fence;
  errand.letters.push_back(account.carrier->originate(originate));
  return std::optional(std::move(errand));
}

std::string draw_code(IdSource& ids) {
  for (;;)
    if (auto code = code_from(ids.random32())) return *code;
}

std::string text_of(const Switchboard& board, const Callback& callback, const Message& message,
                    const std::string& code) {
  if (message.purpose == MessagePurpose::code)
    return code_sms(board.policy.business_name, code,
                    std::chrono::duration_cast<Seconds>(board.policy.rules.code_ttl),
                    board.policy.page_host);
  return alert_text(callback, weekday_time_text(*board.policy.zone, callback.created_at),
                    text_reference(board.keys, callback.id, message.no));
}

// The same, for carriers that put it into registered words.
TextVariables variables_of(const Switchboard& board, const Callback& callback,
                           const Message& message, const std::string& code) {
  const Policy& policy = board.policy;
  if (message.purpose == MessagePurpose::code)
    return {{"business", policy.business_name},
            {"code", code},
            {"minutes", std::to_string(policy.rules.code_ttl / Minutes(1))}};
  return {{"business", policy.business_name},
          {"name", callback.visitor.name},
          {"phone", callback.visitor.phone.e164()},
          {"reason", std::string(reason_for_business(callback))},
          {"time", weekday_time_text(*policy.zone, callback.created_at)},
          {"message", callback.visitor.message},
          {"reference", text_reference(board.keys, callback.id, message.no)}};
}

Seconds good_for(const Switchboard& board, const Message& message) {
  if (message.purpose != MessagePurpose::code) return Seconds(0);
  return std::chrono::duration_cast<Seconds>(board.policy.rules.code_ttl);
}

PhoneNumber addressee(const Switchboard& board, const Callback& callback, const Message& message) {
  return message.purpose == MessagePurpose::code ? callback.visitor.phone : board.policy.sms_number;
}

// Texts are left alone. Whoever waits for a code for too long is told so by the claim.
bool text_must_wait(const Switchboard& board, const Message* message) {
  if (board.admission.texts > 0 || message == nullptr) return false;
  return message->purpose != MessagePurpose::code || !board.admission.keeps_codes_back(board.now());
}

// The code exists only here and in the text: what is stored is its keyed digest.
MaybeErrand claim_text(Switchboard& board, const DueOrder& order) {
  auto stored = board.store.load(order.callback);
  if (!stored) return stored.error();
  if (text_must_wait(board, message_of(*stored, order.item)))
    return look_again(board, order, board.admission.texts_at.value_or(board.now()));
  const std::string code = draw_code(board.ids);
  const Digest digest =
      board.keys.hmac("code", code_binding_text(stored->id.text(), stored->visitor.phone, code));
  auto applied = apply_event(board, order.callback,
                             TextClaimed{.message = order.item, .code_hmac = digest}, "runner");
  if (!applied) return applied.error();
  Callback& callback = applied->decision.after;
  const Message* message = message_of(callback, order.item);
  if (message == nullptr || message->state != MessageState::sending ||
      applied->decision.verdict == Verdict::stale) {
    if (applied->decision.verdict == Verdict::stale) return drop(board, order);
    return std::optional<Errand>();
  }
  if (board.admission.texts != Admission::kAny) --board.admission.texts;
  const TextAccount& account = board.texts.front();
  Errand errand = errand_of(board, order);
  through(errand, account);
  errand.fence = message->fence;
  errand.letters.push_back(
      account.messenger->send_text({.to = addressee(board, callback, *message),
                                    .body = text_of(board, callback, *message, code),
                                    .good_for = good_for(board, *message),
                                    .purpose = message->purpose,
                                    .variables = variables_of(board, callback, *message, code)}));
  return std::optional(std::move(errand));
}

// The question after a lost reply, the same when it is asked and when its answer is read.
FindOrder find_order(const Switchboard& board, const Attempt& a, TimePoint asked_at) {
  return {.business = a.business,
          .caller_id = voice_of(board, a).caller_id,
          .from = a.claimed_at.value_or(a.made_at) - kFindMargin,
          .to = asked_at + kFindMargin};
}

FindTextOrder find_text_order(const Switchboard& board, const Callback& callback,
                              const Message& message, TimePoint asked_at) {
  return {.to = addressee(board, callback, message),
          .from = message.claimed_at.value_or(message.made_at) - kFindMargin,
          .until = asked_at + kFindMargin};
}

// Orders that may be repeated come back when their lease ends, later and later.
MaybeErrand lease(Switchboard& board, const DueOrder& order) {
  auto stored = board.store.load(order.callback);
  if (!stored) return stored.error();
  const auto back_off = spread(board.policy.rules.times.lease * (1 << std::min(order.tries, 4)),
                               order.callback, order.tries);
  if (const auto leased =
          board.store.lease(order.callback, order.kind, order.item, board.now() + back_off);
      !leased)
    return leased.error();
  Errand errand = errand_of(board, order);

  if (order.kind == OrderKind::look_up_text) {
    const Message* message = message_of(*stored, order.item);
    if (message == nullptr || !message->claimed_at) return drop(board, order);
    const TextAccount& account = board.texts.front();
    through(errand, account);
    errand.letters.push_back(
        account.messenger->find_texts(find_text_order(board, *stored, *message, errand.asked_at)));
    return std::optional(std::move(errand));
  }

  const Attempt* a = attempt_of(*stored, order.item);
  if (a == nullptr) return drop(board, order);
  const VoiceAccount& account = voice_of(board, *a);
  through(errand, account);
  if (order.kind == OrderKind::look_up) {
    errand.letters.push_back(account.carrier->find_calls(find_order(board, *a, errand.asked_at)));
  } else if (a->ref.empty()) {
    return drop(board, order);
  } else if (order.kind == OrderKind::poll) {
    errand.letters = account.carrier->fetch(a->ref);
  } else {
    errand.letters.push_back(account.carrier->hang_up(a->ref));
  }
  return std::optional(std::move(errand));
}

MaybeErrand take(Switchboard& board, const DueOrder& order) {
  switch (order.kind) {
    case OrderKind::dial:
      return claim_dial(board, order);
    case OrderKind::send_text:
      return claim_text(board, order);
    default:
      return lease(board, order);
  }
}

std::string_view word_of(Taken taken) {
  switch (taken) {
    case Taken::accepted:
      return "accepted";
    case Taken::refused_number:
      return "refused_number";
    case Taken::refused_account:
      return "refused_account";
    case Taken::refused_content:
      return "refused_content";
    case Taken::throttled:
      return "throttled";
    case Taken::not_sent:
      return "not_sent";
    case Taken::unknown:
      break;
  }
  return "unknown";
}

Outcome outcome_of_failure(const SendError& error) {
  return {.taken = error.failure == SendFailure::not_sent ? Taken::not_sent : Taken::unknown,
          .ref = {},
          .retry_after = Millis(0),
          .detail = error.detail};
}

template <class Codec>
Outcome outcome_of(const std::vector<Reply>& replies, Codec read) {
  if (replies.empty()) return {};
  if (const auto* error = std::get_if<SendError>(&replies.front()))
    return outcome_of_failure(*error);
  return read(std::get<HttpResponse>(replies.front()));
}

// All answers, or nothing if one is missing.
std::optional<std::vector<HttpResponse>> all_answers(const std::vector<Reply>& replies) {
  std::vector<HttpResponse> answers;
  for (const Reply& reply : replies) {
    const auto* answer = std::get_if<HttpResponse>(&reply);
    if (answer == nullptr) return std::nullopt;
    answers.push_back(*answer);
  }
  return answers;
}

using Word = Result<std::string_view>;

Word apply_result(Switchboard& board, const Errand& errand, const Event& event,
                  std::string_view word) {
  Extras extras;
  if (errand.kind != OrderKind::dial && errand.kind != OrderKind::send_text)
    extras.settles = OrderDrop{errand.kind, errand.item};
  const auto applied = apply_event(board, errand.callback, event, "carrier", extras);
  if (!applied) return applied.error();
  return word;
}

// What became of a dial or a text.
Result<Settled> settled(Switchboard& board, const Errand& errand, const Event& event,
                        const Outcome& outcome) {
  const auto word = apply_result(board, errand, event, word_of(outcome.taken));
  if (!word) return word.error();
  return Settled{.word = *word, .taken = outcome.taken, .said = outcome.detail};
}

// Calls that the carrier shows and no attempt has. Decided here, in the transaction of the answer:
// what was free when the list was fetched may be taken now.
Word settle_look_up(Switchboard& board, const Errand& errand, const Callback& callback,
                    const Attempt& a, const std::vector<HttpResponse>& answers) {
  const auto calls = voice_of(board, a).carrier->read_found(find_order(board, a, errand.asked_at),
                                                            answers.front());
  if (!calls) return std::string_view("failed");
  std::vector<std::string> refs;
  for (const FoundCall& call : *calls) refs.push_back(call.ref);
  const auto taken = board.store.taken_refs(a.account, refs);
  if (!taken) return taken.error();
  std::erase_if(refs, [&](const std::string& ref) {
    return std::find(taken->begin(), taken->end(), ref) != taken->end();
  });
  // A list without the calls under way proves nothing by being empty.
  if (refs.empty() && !voice_of(board, a).carrier->profile().lists_live_calls) {
    if (const auto dropped = board.store.drop_order(errand.callback, errand.kind, errand.item);
        !dropped)
      return dropped.error();
    return std::string_view("empty");
  }
  // A rival's lost request may have been taken as late as the quarantine's end, so one that was
  // claimed before the list's window may still have a call in it.
  const Times& times = board.policy.rules.times;
  const auto from = a.claimed_at.value_or(a.made_at) - kFindMargin - times.lease - times.quarantine;
  const auto rival = board.store.has_rival(a.account, a.business, from, board.now() + kFindMargin,
                                           callback.id, a.no);
  if (!rival) return rival.error();
  const LookedUp event{.attempt = a.no,
                       .candidates = static_cast<int>(std::min<std::size_t>(refs.size(), 2)),
                       .rival = *rival,
                       .ref = refs.size() == 1 ? refs.front() : "",
                       .asked_at = errand.asked_at};
  return apply_result(board, errand, event, refs.empty() ? "empty" : "found");
}

Word settle_text_look_up(Switchboard& board, const Errand& errand, Callback callback,
                         const std::vector<HttpResponse>& answers) {
  const Message* message = message_of(callback, errand.item);
  if (message == nullptr) return std::string_view("failed");
  const auto texts = board.texts.front().messenger->read_found(
      find_text_order(board, callback, *message, errand.asked_at), answers.front());
  if (!texts) return std::string_view("failed");
  TextLookedUp event{
      .message = errand.item, .found = false, .ref = {}, .asked_at = errand.asked_at};
  const auto reference = text_reference(board.keys, errand.callback, errand.item);
  for (const FoundText& text : *texts) {
    if (text.body.find(reference) == std::string::npos) continue;
    event.found = true;
    event.ref = text.ref;
  }
  return apply_result(board, errand, event, event.found ? "found" : "empty");
}

Word settle_poll(Switchboard& board, const Errand& errand, const Attempt& a,
                 const std::vector<HttpResponse>& answers) {
  auto snapshot = voice_of(board, a).carrier->read_fetched(answers);
  if (!snapshot) return std::string_view("failed");
  snapshot->attempt = a.no;
  snapshot->ref = a.ref;
  snapshot->asked_at = errand.asked_at;
  return apply_result(board, errand, *snapshot, snapshot->gone ? "gone" : "accepted");
}

Word settle_hang_up(Switchboard& board, const Errand& errand, const Attempt& a,
                    const std::vector<HttpResponse>& answers) {
  if (!voice_of(board, a).carrier->read_hung_up(answers.front())) return std::string_view("failed");
  if (const auto dropped = board.store.drop_order(errand.callback, errand.kind, errand.item);
      !dropped)
    return dropped.error();
  return std::string_view("accepted");
}

Word settle_repeatable(Switchboard& board, const Errand& errand,
                       const std::vector<HttpResponse>& answers) {
  const auto callback = board.store.load(errand.callback);
  if (!callback) return callback.error();
  if (errand.kind == OrderKind::look_up_text)
    return settle_text_look_up(board, errand, *callback, answers);
  const Attempt* a = attempt_of(*callback, errand.item);
  if (a == nullptr) return std::string_view("failed");
  switch (errand.kind) {
    case OrderKind::look_up:
      return settle_look_up(board, errand, *callback, *a, answers);
    case OrderKind::poll:
      return settle_poll(board, errand, *a, answers);
    default:
      return settle_hang_up(board, errand, *a, answers);
  }
}

// Dials: all others would only be told to wait, one commit each.
struct DialTurns {
  int now = 0;
  std::optional<TimePoint> next;  // if there is none now
};

// One for each turn of each pace. Several accounts may keep the same one.
Result<DialTurns> dial_turns(Switchboard& board, int most, const Paces& paces) {
  DialTurns turns;
  std::set<std::string_view> counted;
  for (const auto& account : board.voices) {
    const std::string& pace = pace_of(account);
    if (!counted.insert(pace).second) continue;
    int here = most;
    TimePoint next = board.now();
    if (account.carrier->profile().calls_per_second > 0) {
      const auto slot = board.store.pace_slot(pace);
      if (!slot) return slot.error();
      here = *slot && **slot > next ? 0 : 1;
      next = std::max(next, slot->value_or(next));
    }
    if (const auto at = paces.find(pace); at != paces.end()) {
      here = std::min(here, at->second.left);
      if (at->second.left == 0) next = std::max(next, at->second.more_at);
    }
    turns.now = std::min(most, turns.now + here);
    if (here == 0) turns.next = std::min(turns.next.value_or(next), next);
  }
  return turns;
}

// Without a free line there is no turn either, however long ago the last one was; nor a next one:
// whoever hangs up wakes us.
Result<DialTurns> dials_now(Switchboard& board, int most, const Paces& paces) {
  if (most <= 0) return DialTurns{};
  const auto live = board.store.live_attempts();
  if (!live) return live.error();
  const int lines = std::clamp(board.policy.max_concurrent - *live, 0, most);
  if (lines == 0) return DialTurns{};
  return dial_turns(board, lines, paces);
}

Turns text_turns(const Switchboard& board, int most, const Paces& paces) {
  const auto at = board.texts.empty() ? paces.end() : paces.find(pace_of(board.texts.front()));
  return at == paces.end() ? Turns{.left = most} : at->second;
}

// Whose turn an order would take; nullptr: it needs none, or will tell by itself what is wrong.
Turns* turns_for(Switchboard& board, const DueOrder& order, Paces& paces) {
  const auto of = [&](const auto& account) {
    const auto at = paces.find(pace_of(account));
    return at == paces.end() ? nullptr : &at->second;
  };
  if (paces.empty()) return nullptr;
  if (order.kind == OrderKind::send_text)
    return board.texts.empty() ? nullptr : of(board.texts.front());
  if (order.kind != OrderKind::dial) return nullptr;
  const auto stored = board.store.load(order.callback);
  const Attempt* a = stored ? attempt_of(*stored, order.item) : nullptr;
  return a == nullptr ? nullptr : of(voice_of(board, *a));
}

// It stays what it is: no claim, no try, nothing in its story. A dial steps aside, for those behind
// it may go through another account.
Result<void> leave(Switchboard& board, const DueOrder& order, const Turns& turns) {
  if (order.kind != OrderKind::dial || board.voices.size() == 1) return {};
  return board.store.postpone(order.callback, order.kind, order.item, turns.more_at);
}

}  // namespace

Result<std::vector<Errand>> take_due_orders(Switchboard& board, int most, int most_dials,
                                            Paces paces) {
  const auto dials = dials_now(board, std::min(most, most_dials), paces);
  if (!dials) return dials.error();
  const Room room{.dials = dials->now, .texts = text_turns(board, most, paces).left};
  const auto due = board.store.due_orders(board.now(), most, room);
  if (!due) return due.error();
  std::vector<Errand> errands;
  for (const DueOrder& order : *due) {
    Turns* turns = turns_for(board, order, paces);
    if (turns != nullptr && turns->left == 0) {
      if (const auto left = leave(board, order, *turns); !left) return left.error();
      continue;
    }
    auto errand = take(board, order);
    if (errand) {
      if (!*errand) continue;
      if (turns != nullptr) turns->left -= 1;
      errands.push_back(std::move(**errand));
      continue;
    }
    // One row that cannot be read must not keep everybody else waiting. (If it is the whole store
    // that fails, nothing of this batch comes true.)
    board.observer.on_trouble(order.callback, errand.error());
    const auto later = board.now() + board.policy.rules.times.lease;
    if (const auto put_off = board.store.postpone(order.callback, order.kind, order.item, later);
        !put_off)
      return put_off.error();
  }
  return errands;
}

Result<std::optional<TimePoint>> next_work(Switchboard& board, int most_dials, const Paces& paces) {
  const auto dials = dials_now(board, most_dials, paces);
  if (!dials) return dials.error();
  const Turns texts = text_turns(board, 1, paces);
  auto next = board.store.next_due({.dials = dials->now, .texts = texts.left});
  if (!next) return next.error();
  const auto consider = [&](TimePoint turn) { *next = std::min(next->value_or(turn), turn); };
  if (dials->now == 0 && dials->next) consider(*dials->next);
  if (texts.left == 0) consider(texts.more_at);
  return *next;
}

Result<Settled> settle_order(Switchboard& board, const Errand& errand,
                             const std::vector<Reply>& replies) {
  if (errand.kind == OrderKind::dial) {
    const auto callback = board.store.load(errand.callback);
    if (!callback) return callback.error();
    const Attempt* a = attempt_of(*callback, errand.item);
    if (a == nullptr) return Settled{};
    const auto& carrier = *voice_of(board, *a).carrier;
    const DialAnswered event{.attempt = errand.item,
                             .fence = errand.fence,
                             .outcome = outcome_of(replies, [&](const HttpResponse& r) {
                               return carrier.read_originated(r);
                             })};
    return settled(board, errand, event, event.outcome);
  }
  if (errand.kind == OrderKind::send_text) {
    const auto& messenger = *board.texts.front().messenger;
    const TextAnswered event{.message = errand.item,
                             .fence = errand.fence,
                             .outcome = outcome_of(replies, [&](const HttpResponse& r) {
                               return messenger.read_sent(r);
                             })};
    return settled(board, errand, event, event.outcome);
  }
  const auto answers = all_answers(replies);
  if (!answers || answers->empty()) return Settled{};
  const auto word = settle_repeatable(board, errand, *answers);
  if (!word) return word.error();
  return Settled{.word = *word, .taken = {}, .said = {}};
}

}  // namespace ringback
