#include "core/domain/machine.hpp"

#include <algorithm>
#include <tuple>

#include "core/domain/machine_guards.hpp"
#include "core/domain/machine_step.hpp"

namespace ringback {
namespace machine {

const AccountRules& Step::account_of(const Attempt& a) const {
  // An attempt may be older than the configuration.
  const auto last = rules.accounts.size() - 1;
  return rules.accounts[std::min(static_cast<std::size_t>(std::max(a.account, 0)), last)];
}

void Step::order(OrderKind kind, int item, TimePoint due) {
  std::erase_if(decision.orders, [&](const Order& o) { return o.kind == kind && o.item == item; });
  decision.orders.push_back({kind, item, due});
}

void Step::drop(OrderKind kind, int item) {
  std::erase_if(decision.orders, [&](const Order& o) { return o.kind == kind && o.item == item; });
  decision.drops.push_back({kind, item});
}

void Step::set_timer(TimerKind kind, TimePoint due) {
  std::erase_if(decision.timers, [&](const TimerChange& t) { return t.kind == kind; });
  decision.timers.push_back({kind, due});
}

void Step::clear_timer(TimerKind kind) {
  std::erase_if(decision.timers, [&](const TimerChange& t) { return t.kind == kind; });
  decision.timers.push_back({kind, std::nullopt});
}

void Step::budget(Budget what, int day, int delta) {
  decision.budget.push_back({what, day, delta});
}

namespace {

template <class... F>
struct Overloaded : F... {
  using F::operator()...;
};
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

// Whom an event names; none: it is about the callback. Number 0 is nobody.
std::optional<int> attempt_no(const Event& event) {
  using No = std::optional<int>;
  return std::visit(Overloaded{
                        [](const DialClaimed& e) { return No(e.attempt); },
                        [](const DialAnswered& e) { return No(e.attempt); },
                        [](const LookedUp& e) { return No(e.attempt); },
                        [](const SenderDied& e) { return e.message != 0 ? No() : No(e.attempt); },
                        [](const News& e) { return No(e.attempt); },
                        [](const Questioned& e) { return No(e.attempt); },
                        [](const Snapshot& e) { return No(e.attempt); },
                        [](const auto&) { return No(); },
                    },
                    event);
}

std::optional<int> message_no(const Event& event) {
  using No = std::optional<int>;
  return std::visit(Overloaded{
                        [](const TextClaimed& e) { return No(e.message); },
                        [](const TextAnswered& e) { return No(e.message); },
                        [](const TextLookedUp& e) { return No(e.message); },
                        [](const SenderDied& e) { return e.message != 0 ? No(e.message) : No(); },
                        [](const auto&) { return No(); },
                    },
                    event);
}

// Still waiting for the code, with the same time and tries: only the fate of its text moved.
bool waits_as_before(const Callback& before, const Callback& after) {
  const auto shown = [](const Verification& v) {
    return std::tie(v.sends, v.tries_left, v.expires_at, v.resend_at);
  };
  return before.version > 0 && before.state == State::pending && after.state == State::pending &&
         shown(before.verification) == shown(after.verification);
}

On on_answer(const DialAnswered& e) {
  switch (e.outcome.taken) {
    case Taken::accepted:
      return e.outcome.ref.empty() ? On::no_answer : On::placed;
    case Taken::refused_number:
      return On::refused_number;
    case Taken::refused_account:
    case Taken::refused_content:
      return On::refused_account;
    case Taken::throttled:
    case Taken::not_sent:
      return On::not_taken;
    case Taken::unknown:
      break;
  }
  return On::no_answer;
}

On on_text_answer(const TextAnswered& e) {
  switch (e.outcome.taken) {
    case Taken::accepted:
      return On::text_accepted;
    case Taken::refused_number:
    case Taken::refused_account:
    case Taken::refused_content:
      return On::text_refused;
    case Taken::throttled:
    case Taken::not_sent:
      return On::text_not_taken;
    case Taken::unknown:
      break;
  }
  return On::text_no_answer;
}

On on_timer(const TimerRang& e) {
  switch (e.kind) {
    case TimerKind::code:
      return On::code_ran_out;
    case TimerKind::not_before:
      return On::not_before_rang;
    case TimerKind::give_up:
      return On::give_up_rang;
    case TimerKind::poll:
      return On::poll_rang;
    case TimerKind::doubt:
      return On::doubt_rang;
    case TimerKind::text_doubt:
      break;
  }
  return On::text_doubt_rang;
}

On on_look(const LookedUp& e) {
  if (e.candidates == 0) return On::look_empty;
  const bool ours = e.candidates == 1 && !e.rival && !e.ref.empty();
  return ours ? On::look_found : On::look_ambiguous;
}

On on(const Event& event) {
  return std::visit(
      Overloaded{
          [](const Asked&) { return On::asked; },
          [](const CodeEntered& e) { return e.right ? On::code_right : On::code_wrong; },
          [](const ResendAsked&) { return On::resend; },
          [](const Joined&) { return On::joined; },
          [](const CancelAsked&) { return On::cancel; },
          [](const RetryAsked&) { return On::retry; },
          [](const TimerRang& e) { return on_timer(e); },
          [](const DialClaimed&) { return On::dial_claimed; },
          [](const DialAnswered& e) { return on_answer(e); },
          [](const LookedUp& e) { return on_look(e); },
          [](const SenderDied&) { return On::sender_died; },
          [](const News& e) { return e.hint ? On::hinted : On::known; },
          [](const Questioned&) { return On::known; },
          [](const Snapshot&) { return On::known; },
          [](const TextClaimed&) { return On::text_claimed; },
          [](const TextAnswered& e) { return on_text_answer(e); },
          [](const TextLookedUp& e) { return e.found ? On::text_found : On::text_absent; },
      },
      event);
}

bool is_knowledge(const Event& event) {
  return std::holds_alternative<News>(event) || std::holds_alternative<Questioned>(event) ||
         std::holds_alternative<Snapshot>(event);
}

// A result belongs to one claim; a later claim has its own.
bool is_of_another_claim(const Step& s) {
  if (const auto* e = std::get_if<DialAnswered>(&s.event))
    return e->outcome.taken != Taken::accepted && e->fence != s.attempt->fence;
  if (const auto* e = std::get_if<TextAnswered>(&s.event)) return e->fence != s.message->fence;
  return false;
}

// A second call for one attempt: it cannot happen, and if it does nothing of it is believed. A call
// from the carrier's list is merely not taken: it may be anybody's.
bool is_foreign(const Step& s) {
  if (std::holds_alternative<LookedUp>(s.event)) return false;
  const auto ref = guards::ref_of(s.event);
  return s.attempt != nullptr && !s.attempt->ref.empty() && !ref.empty() && ref != s.attempt->ref;
}

Place place_of_live(const Step& s) {
  switch (s.attempt->state) {
    case AttemptState::ready:
      return Place::queued;
    case AttemptState::sending:
      return Place::sending;
    case AttemptState::unknown:
      return Place::unknown;
    default:
      break;
  }
  if (is_final(s.callback.state))
    return s.attempt->gate_open ? Place::ringing_visitor : Place::ringing_business;
  if (s.callback.state == State::connected) return Place::connected;
  switch (s.callback.phase) {
    case Phase::screening:
      return Place::screening;
    case Phase::ringing_visitor:
      return Place::ringing_visitor;
    default:
      return Place::ringing_business;
  }
}

Place place_of(const Step& s) {
  if (s.message != nullptr) {
    switch (s.message->state) {
      case MessageState::ready:
        return Place::text_ready;
      case MessageState::sending:
        return Place::text_sending;
      case MessageState::unknown:
        return Place::text_unknown;
      default:
        return Place::over;
    }
  }
  // Asked twice is not asked again: only what is not stored yet comes from nowhere.
  if (std::holds_alternative<Asked>(s.event))
    return s.before.version == 0 ? Place::nowhere : Place::over;
  if (s.attempt != nullptr) return is_live(s.attempt->state) ? place_of_live(s) : Place::dead;
  if (is_final(s.callback.state)) return Place::over;
  return s.callback.state == State::pending ? Place::pending : Place::scheduled;
}

const Row* find_row(const Step& s, Place place, On event) {
  const Places here = at(place);
  for (const RowNo no : rows_on(event)) {
    const Row* const row = table_begin() + no;
    if ((row->from & here) != 0 && row->when.holds(s)) return row;
  }
  return nullptr;
}

void set_state(Callback& c, State state, Phase phase) {
  c.state = state;
  c.phase = phase;
  if (state != State::scheduled) c.scheduled_for.reset();
  // While something is under way there is no reason yet.
  if (!is_final(state) && state != State::scheduled) c.reason = Reason::none;
}

void move_to(Callback& c, To to) {
  switch (to) {
    case To::pending:
      return set_state(c, State::pending, Phase::none);
    case To::scheduled_opening:
      return set_state(c, State::scheduled, Phase::opening);
    case To::scheduled_slot:
      return set_state(c, State::scheduled, Phase::slot);
    case To::scheduled_retry:
      return set_state(c, State::scheduled, Phase::retry);
    case To::queued:
      return set_state(c, State::queued, Phase::none);
    case To::as_known:
    case To::ringing_business:
      return set_state(c, State::calling, Phase::ringing_business);
    case To::in_doubt:
      return set_state(c, State::calling, Phase::in_doubt);
    case To::screening:
      return set_state(c, State::calling, Phase::screening);
    case To::ringing_visitor:
      return set_state(c, State::calling, Phase::ringing_visitor);
    case To::connected:
      return set_state(c, State::connected, Phase::none);
    case To::completed:
      return set_state(c, State::completed, Phase::none);
    case To::missed:
      return set_state(c, State::missed, Phase::none);
    case To::failed:
      return set_state(c, State::failed, Phase::none);
    case To::cancelled:
      return set_state(c, State::cancelled, Phase::none);
    case To::expired:
      return set_state(c, State::expired, Phase::none);
    default:
      return;
  }
}

std::optional<Place> routine(To to) {
  switch (to) {
    case To::due:
      return Place::due;
    case To::next:
      return Place::next;
    case To::alert:
      return Place::alert;
    case To::settle:
      return Place::settle;
    default:
      return std::nullopt;
  }
}

bool is_live_phase(To to) {
  return to == To::ringing_business || to == To::screening || to == To::ringing_visitor ||
         to == To::connected || to == To::as_known;
}

void leave_waiting(Step& s, const Row& row) {
  if (s.callback.state == State::scheduled && row.to != To::stays && !routine(row.to) &&
      row.to != To::scheduled_opening && row.to != To::scheduled_slot &&
      row.to != To::scheduled_retry && s.before.scheduled_for)
    s.clear_timer(TimerKind::not_before);
}

// Takes rows until none applies or one says where it ends. Every step makes progress, so a long way
// is a bug of the table.
void follow(Step& s, On first) {
  constexpr int kLongestWay = 12;
  Place place = place_of(s);
  On event = first;
  for (int steps = 0; steps < kLongestWay; ++steps) {
    const Row* row = find_row(s, place, event);
    if (row == nullptr) return;
    s.decision.rows.push_back(static_cast<int>(row - table_begin()));
    row->then.run(s);
    // Over is over: what is learned may be acted on, but the callback does not move.
    const bool stuck = s.was_over && !row->reopens;
    if (row->reopens) s.was_over = false;
    if (row->to == To::stays || (stuck && row->to != To::as_known)) return;
    if (stuck || place == Place::dead) {
      if (row->to != To::as_known) {
        move_to(s.callback, row->to);
        return;
      }
      event = On::known;
      place = place_of(s);
      continue;
    }
    if (const auto next = routine(row->to)) {
      place = *next;
      event = On::entered;
      continue;
    }
    leave_waiting(s, *row);
    move_to(s.callback, row->to);
    if (!is_live_phase(row->to) || !(is_knowledge(s.event) || row->to == To::as_known)) return;
    event = On::known;
    place = place_of(s);
  }
}

void follow_texts(Step& s) {
  for (std::size_t i = 0; i < s.callback.messages.size(); ++i) {
    s.message = &s.callback.messages[i];
    if (s.message->state == MessageState::sending || s.message->state == MessageState::unknown)
      follow(s, On::text_doubt_rang);
  }
  // One timer serves all texts: whoever is still in flight or in doubt keeps it going.
  const bool set =
      std::any_of(s.decision.timers.begin(), s.decision.timers.end(),
                  [](const TimerChange& t) { return t.kind == TimerKind::text_doubt && t.due; });
  const bool in_flight =
      std::any_of(s.callback.messages.begin(), s.callback.messages.end(),
                  [](const Message& m) { return m.state == MessageState::sending; });
  if (!set && in_flight) s.set_timer(TimerKind::text_doubt, s.now() + s.rules.times.lease);
}

// A timer that was moved while its ringing was on its way is not due yet.
std::optional<TimePoint> due_later(const Step& s, TimerKind kind) {
  const Callback& c = s.callback;
  std::optional<TimePoint> due;
  if (kind == TimerKind::code && c.state == State::pending) due = c.verification.expires_at;
  if (kind == TimerKind::not_before && c.state == State::scheduled) due = c.scheduled_for;
  if (kind == TimerKind::give_up && !is_final(c.state) && !c.too_old) due = c.give_up_at;
  return due && *due > s.now() ? due : std::nullopt;
}

void decide_into(Step& s) {
  if (is_foreign(s)) {
    s.decision.foreign_call = true;
    return;
  }
  if ((s.attempt != nullptr || s.message != nullptr) && is_of_another_claim(s)) return;

  const auto* timer = std::get_if<TimerRang>(&s.event);
  if (timer != nullptr) {
    if (const auto due = due_later(s, timer->kind)) return s.set_timer(timer->kind, *due);
    s.clear_timer(timer->kind);
  }
  if (timer != nullptr && timer->kind == TimerKind::text_doubt) return follow_texts(s);

  learn(s);
  follow(s, on(s.event));
  const auto* asked = std::get_if<Questioned>(&s.event);
  if (asked != nullptr && asked->point == Point::key) follow(s, On::key);
}

}  // namespace
}  // namespace machine

Decision decide(const Callback& before, const Event& event, const Situation& situation) {
  Decision decision;
  Callback& after = decision.after;
  // One decision makes at most one attempt and one text: pointers into the lists stay good.
  after.attempts.reserve(before.attempts.size() + 1);
  after.messages.reserve(before.messages.size() + 1);
  after = before;

  const auto attempt = machine::attempt_no(event);
  const auto message = machine::message_no(event);
  machine::Step step{.before = before,
                     .callback = after,
                     .attempt = attempt ? attempt_of(after, *attempt) : live_attempt(after),
                     .message = message ? message_of(after, *message) : nullptr,
                     .event = event,
                     .situation = situation,
                     .rules = *situation.rules,
                     .decision = decision,
                     .was_over = is_final(before.state)};
  const bool names_nobody =
      (attempt && step.attempt == nullptr) || (message && step.message == nullptr);
  if (!names_nobody) machine::decide_into(step);

  if (decision.verdict == Verdict::over_budget) {
    // Refused as a whole: nothing may be left of it.
    after = before;
    decision.orders.clear();
    decision.drops.clear();
    decision.timers.clear();
    decision.budget.clear();
    return decision;
  }
  if (after == before) {
    const bool timer_set = std::any_of(decision.timers.begin(), decision.timers.end(),
                                       [](const TimerChange& t) { return t.due.has_value(); });
    if (decision.verdict == Verdict::stale && (timer_set || !decision.orders.empty()))
      decision.verdict = Verdict::acted;
    return decision;
  }
  after.version = before.version + 1;
  if (!machine::waits_as_before(before, after)) {
    after.status_version = before.status_version + 1;
    after.updated_at = situation.now;
  }
  if (decision.verdict == Verdict::stale) decision.verdict = Verdict::moved;
  return decision;
}

int table_size() { return static_cast<int>(machine::table_end() - machine::table_begin()); }

}  // namespace ringback
