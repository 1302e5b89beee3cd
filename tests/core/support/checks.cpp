#include "tests/core/support/checks.hpp"

#include <algorithm>

namespace ringback::test {
namespace {

bool same_decision(const Decision& a, const Decision& b) {
  return a.verdict == b.verdict && a.after == b.after && a.orders == b.orders &&
         a.drops == b.drops && a.timers == b.timers && a.budget == b.budget && a.rows == b.rows;
}

int live_attempts(const Callback& c) {
  return static_cast<int>(std::count_if(c.attempts.begin(), c.attempts.end(),
                                        [](const Attempt& a) { return is_live(a.state); }));
}

// A leg's view may only rise, and a final one stays.
bool fell(View before, View after) { return is_final(before) ? before != after : after < before; }

std::string broken_in_attempts(const Callback& before, const Callback& after) {
  if (after.attempts.size() < before.attempts.size()) return "an attempt was forgotten";
  for (std::size_t i = 0; i < before.attempts.size(); ++i) {
    const Attempt& was = before.attempts[i];
    const Attempt& is = after.attempts[i];
    if (fell(was.business_leg.view, is.business_leg.view) ||
        fell(was.visitor_leg.view, is.visitor_leg.view))
      return "a view went back";
    if (!was.ref.empty() && was.ref != is.ref) return "a reference changed";
    if (was.gate_open && !is.gate_open) return "an open gate was shut";
    if (!is_live(was.state) && was.state != is.state) return "a dead attempt changed its state";
    if (!was.gate_open && is.gate_open &&
        (is_final(before.state) || before.cancel == Cancel::accepted || is.machine ||
         is.ref.empty()))
      return "the gate opened when it must not";
    if (was.state != AttemptState::sending && is.state == AttemptState::sending &&
        is.fence != was.fence + 1)
      return "a claim without a new fence";
  }
  return {};
}

bool is_reopening(const Event& event) { return std::holds_alternative<RetryAsked>(event); }

// What is learned is acted on: a call is bound by its first news, hung up if nobody wants it any
// more, and believed though it was given up.
std::string broken_in_knowledge(const Callback& before, const Event& event, const Situation& world,
                                const Decision& d) {
  const auto* news = std::get_if<News>(&event);
  for (std::size_t i = 0; i < before.attempts.size(); ++i) {
    const Attempt& was = before.attempts[i];
    const Attempt& is = d.after.attempts[i];
    if (news != nullptr && news->attempt == was.no && !news->ref.empty() && is.ref.empty())
      return "news of a call did not bind it";
    const auto& accounts = world.rules->accounts;
    const bool can =
        accounts[std::min(static_cast<std::size_t>(is.account), accounts.size() - 1)].can_hang_up;
    const bool hung_up = std::any_of(d.orders.begin(), d.orders.end(), [&](const Order& o) {
      return o.kind == OrderKind::hang_up && o.item == is.no;
    });
    if (is_final(before.state) && was.ref.empty() && is.state == AttemptState::placed && can &&
        !hung_up)
      return "a call that came after the end was not hung up";
    if (!is_live(was.state) && !talked(was) && talked(is) && d.after.state != State::cancelled &&
        d.after.state != State::completed)
      return "late truth was not told";
  }
  return {};
}

std::string broken_in_end(const Callback& before, const Event& event, const Decision& d) {
  const Callback& after = d.after;
  const auto alerts = [](const Callback& c) {
    return std::count_if(c.messages.begin(), c.messages.end(),
                         [](const Message& m) { return m.purpose == MessagePurpose::alert; });
  };
  const auto new_alerts = alerts(after) - alerts(before);
  if (is_final(before.state)) {
    const bool late = !before.late && after.late && after.state == State::completed &&
                      before.state != State::cancelled && before.state != State::completed;
    if (before.state != after.state && !late && !is_reopening(event))
      return "a callback that is over moved";
    if (!is_reopening(event) && !late && (before.reason != after.reason || new_alerts != 0))
      return "a callback that is over got another reason or text";
    if (!is_reopening(event) && after.attempts.size() != before.attempts.size())
      return "a callback that is over got an attempt";
    if ((before.state == State::cancelled || before.state == State::completed) &&
        before.state != after.state)
      return "cancelled and completed have no way out";
  }
  const bool told =
      after.state == State::missed || after.state == State::failed || after.state == State::expired;
  const bool ended_now = is_final(after.state) &&
                         (before.state != after.state || before.generation != after.generation);
  if (ended_now && after.proven && told && new_alerts != 1) return "an end without its one text";
  if (ended_now && (!after.proven || !told) && new_alerts != 0) return "a text that nobody needs";
  if (!ended_now && new_alerts != 0) return "a text before the end";
  if (ended_now && told && after.proven && after.reason == Reason::none)
    return "an end without a reason";
  if (ended_now) {
    const bool visitor =
        after.reason >= Reason::visitor_no_answer && after.reason <= Reason::visitor_unreachable;
    const bool business =
        after.reason >= Reason::business_no_answer && after.reason <= Reason::business_machine;
    if (visitor && after.state != State::failed) return "a visitor's reason without failed";
    if (business && after.state != State::missed) return "a business's reason without missed";
  }
  return {};
}

}  // namespace

std::string broken_by(const Callback& before, const Event& event, const Situation& world,
                      const Decision& d) {
  const Callback& after = d.after;
  // Deciding twice costs as much as all the rest: every eighth row is enough to see a hidden state.
  if ((before.version & 7) == 1 && !same_decision(d, decide(before, event, world)))
    return "the same question, another answer";
  Callback unchanged = after;
  unchanged.version = before.version;
  unchanged.status_version = before.status_version;
  unchanged.updated_at = before.updated_at;
  if (after.version != before.version + (unchanged == before ? 0 : 1))
    return "the version is wrong";
  const auto shown = after.status_version - before.status_version;
  if (shown != 0 && (shown != 1 || after.version == before.version))
    return "the status document's version is wrong";
  if (d.verdict == Verdict::stale || d.verdict == Verdict::over_budget) {
    const bool sets = std::any_of(d.timers.begin(), d.timers.end(),
                                  [](const TimerChange& t) { return t.due.has_value(); });
    if (!(after == before) || sets || !d.orders.empty() || !d.budget.empty())
      return "stale, and yet something is to be done";
  }
  for (std::size_t i = 0; i < d.timers.size(); ++i)
    for (std::size_t j = i + 1; j < d.timers.size(); ++j)
      if (d.timers[i].kind == d.timers[j].kind) return "two changes of one timer";
  if (live_attempts(after) > 1) return "two live attempts";
  for (const Order& o : d.orders) {
    if (o.kind != OrderKind::dial) continue;
    const Attempt* a = attempt_of(after, o.item);
    if (a == nullptr || a->state != AttemptState::ready)
      return "a dial order for what is not ready";
  }
  auto broken = broken_in_attempts(before, after);
  if (broken.empty()) broken = broken_in_knowledge(before, event, world, d);
  return broken.empty() ? broken_in_end(before, event, d) : broken;
}

std::string broken_in(const Story& s) {
  const Callback& c = s.c;
  if (c.version == 0) return {};
  int units = c.held_day != 0 ? 1 : 0;
  for (const Attempt& a : c.attempts) {
    units += a.budget_day != 0 ? 1 : 0;
    const bool free = a.state == AttemptState::ready || a.state == AttemptState::rejected ||
                      a.state == AttemptState::absent || a.state == AttemptState::withdrawn;
    if (free != (a.budget_day == 0)) return "an attempt is not paid for what it is";
  }
  if (units != s.calls()) return "the money of calls does not add up";
  if (is_final(c.state) && c.held_day != 0) return "an end that holds money";
  int texts = 0;
  for (const Message& m : c.messages) texts += m.budget_day != 0 ? 1 : 0;
  if (texts != s.texts()) return "the money of texts does not add up";

  bool bound_dead = false;
  for (const Attempt& a : c.attempts) {
    const bool carrier = s.rules.accounts[0].bridges_itself;
    bound_dead = bound_dead || (!a.ref.empty() && is_phantom(a, carrier));
    if (a.state == AttemptState::ready && !s.ordered(OrderKind::dial, a.no))
      return "an order to dial is lost";
    if (a.state != AttemptState::ready && s.ordered(OrderKind::dial, a.no))
      return "an order to dial is left over";
    if ((a.state == AttemptState::sending || a.state == AttemptState::unknown) &&
        !s.timer(TimerKind::doubt))
      return "a doubt that nobody resolves";
    if (a.state == AttemptState::placed && !s.timer(TimerKind::poll))
      return "a call that nobody asks about";
  }
  if (bound_dead && !s.timer(TimerKind::poll)) return "a phantom that nobody asks about";
  for (const Message& m : c.messages) {
    if (m.state == MessageState::ready && !s.ordered(OrderKind::send_text, m.no))
      return "an order to text is lost";
    if (m.state == MessageState::sending && !s.timer(TimerKind::text_doubt))
      return "a text that nobody asks about";
  }
  if (is_final(c.state)) {
    if (s.timer(TimerKind::code) || s.timer(TimerKind::not_before) || s.timer(TimerKind::give_up))
      return "an end with a timer that moves states";
    return {};
  }
  const Attempt* live = live_attempt(c);
  switch (c.state) {
    case State::pending:
      return s.timer(TimerKind::code) ? "" : "a code that never runs out";
    case State::scheduled:
      if (live != nullptr) return "it waits while an attempt lives";
      return s.timer(TimerKind::not_before) && c.scheduled_for ? "" : "nothing wakes it";
    case State::queued:
      if (!c.too_old && !s.timer(TimerKind::give_up)) return "it queues for ever";
      return live != nullptr && live->state == AttemptState::ready ? "" : "queued without an order";
    default:
      break;
  }
  return live != nullptr && live->state != AttemptState::ready ? "" : "a call without an attempt";
}

}  // namespace ringback::test
