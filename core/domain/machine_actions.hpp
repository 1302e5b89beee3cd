// What rows of the transition table do, beside moving the state. Each says what a row means.
#pragma once

#include <algorithm>

#include "core/domain/machine_guards.hpp"
#include "core/domain/spread.hpp"

namespace ringback::machine::actions {

inline void nothing(Step&) {}

inline Reason reason_of_asked(const Step& s) {
  const auto* asked = std::get_if<CancelAsked>(&s.event);
  return asked != nullptr ? asked->by : Reason::none;
}

inline Millis doubled(Millis first, int times) { return first * (1 << std::min(times, 10)); }

// Money.
inline void give_back_hold(Step& s) {
  if (s.callback.held_day != 0) s.budget(Budget::calls, s.callback.held_day, -1);
  s.callback.held_day = 0;
}
inline void give_back_attempt(Step& s) {
  if (s.attempt->budget_day != 0) s.budget(Budget::calls, s.attempt->budget_day, -1);
  s.attempt->budget_day = 0;
}
inline void take_unit(Step& s) {
  Attempt& a = *s.attempt;
  a.budget_day = s.callback.held_day != 0 ? s.callback.held_day : s.situation.today;
  if (s.callback.held_day == 0) s.budget(Budget::calls, a.budget_day, +1);
  s.callback.held_day = 0;
}
inline void hold_again(Step& s) {
  s.callback.held_day = s.attempt->budget_day;
  s.attempt->budget_day = 0;
}
inline void give_back_text(Step& s) {
  if (s.message->budget_day != 0) s.budget(Budget::texts, s.message->budget_day, -1);
  s.message->budget_day = 0;
}
inline void refuse_for_budget(Step& s) { s.decision.verdict = Verdict::over_budget; }

// Texts.
inline Message& order_text(Step& s, MessagePurpose purpose) {
  Message m;
  m.no = static_cast<int>(s.callback.messages.size()) + 1;
  m.purpose = purpose;
  m.generation = s.callback.generation;
  m.made_at = s.now();
  s.callback.messages.push_back(m);
  s.order(OrderKind::send_text, m.no, s.now());
  return s.callback.messages.back();
}
inline void prepare_code(Step& s) {
  Verification& v = s.callback.verification;
  v.sends += 1;
  v.tries_left = s.rules.code_tries;
  v.expires_at = s.now() + s.rules.code_ttl;
  v.resend_at = s.now() + doubled(s.rules.resend, v.sends - 1);
  v.code_hmac.reset();
  v.suppressed = v.suppressed || guards::is_suppressed(s);
  s.set_timer(TimerKind::code, *v.expires_at);
}
inline void first_code(Step& s) {
  prepare_code(s);
  if (s.callback.verification.suppressed) return;
  order_text(s, MessagePurpose::code).budget_day = s.situation.today;
  s.budget(Budget::texts, s.situation.today, +1);
}
inline void new_code(Step& s) {
  prepare_code(s);
  if (!s.callback.verification.suppressed) order_text(s, MessagePurpose::code);
}
inline void count_wrong_code(Step& s) { s.callback.verification.tries_left -= 1; }

inline void set_give_up(Step& s, TimePoint first_due) {
  s.callback.give_up_at = first_due + s.rules.give_up;
  s.set_timer(TimerKind::give_up, *s.callback.give_up_at);
}

// The number is the visitor's: from here on a call is reserved and somebody will be told of the
// end.
inline void prove(Step& s) {
  s.callback.proven = true;
  s.callback.proven_at = s.now();
  s.clear_timer(TimerKind::code);
  if (guards::would_call(s)) {
    s.callback.held_day = s.situation.first_due_day;
    s.budget(Budget::calls, s.situation.first_due_day, +1);
  }
  set_give_up(s, guards::slot_ahead(s) ? *s.callback.slot : s.now());
}

// Waiting.
inline void wait_until(Step& s, TimePoint due) {
  s.callback.scheduled_for = due;
  s.set_timer(TimerKind::not_before, due);
}
inline void prove_for_slot(Step& s) {
  prove(s);
  wait_until(s, *s.callback.slot);
}
inline void wait_for_phantom(Step& s) { wait_until(s, s.now() + s.rules.times.phantom_recheck); }
inline void wait_for_opening(Step& s) {
  s.callback.reason = Reason::outside_hours;
  wait_until(s, *s.situation.next_opening);
}
inline void wait_for_first_opening(Step& s) {
  wait_for_opening(s);
  set_give_up(s, *s.situation.next_opening);
}
inline void step_number(Step& s) {
  s.callback.number_index = guards::number_from(s, s.callback.number_index + 1);
  s.callback.account = 0;
}
inline void next_round(Step& s) {
  wait_until(s, guards::next_round_at(s));
  s.callback.round += 1;
  s.callback.number_index = guards::number_from(s, 0);
  s.callback.account = 0;
  s.callback.reason = guards::reason_so_far(s.callback);
}
inline void note_too_old(Step& s) { s.callback.too_old = true; }

// Dialling.
inline void make_attempt(Step& s) {
  Attempt a;
  a.no = static_cast<int>(s.callback.attempts.size()) + 1;
  a.generation = s.callback.generation;
  a.account = std::min(s.callback.account, static_cast<int>(s.rules.accounts.size()) - 1);
  const int last = static_cast<int>(s.rules.numbers.size()) - 1;
  a.number_index = std::min(s.callback.number_index, last);
  a.business = s.rules.numbers[static_cast<std::size_t>(a.number_index)];
  a.made_at = s.now();
  s.callback.in_doubt_ended = false;
  s.callback.attempts.push_back(a);
  s.order(OrderKind::dial, a.no, s.now());
}
inline void withdraw_attempt(Step& s) {
  if (s.attempt == nullptr) return;
  s.attempt->state = AttemptState::withdrawn;
  s.drop(OrderKind::dial, s.attempt->no);
}
inline void withdraw_for_budget(Step& s) {
  withdraw_attempt(s);
  s.attempt->outcome = Reason::budget_reached;
  s.callback.fault = Reason::budget_reached;
}
inline void withdraw_too_old(Step& s) {
  withdraw_attempt(s);
  note_too_old(s);
}
inline void postpone_dial(Step& s) {
  // A free line is not announced; a second is soon enough and costs nothing. A turn is known.
  const auto turn = s.situation.pace_at.value_or(s.now());
  const bool only_pace = s.situation.line_free && turn > s.now();
  s.order(OrderKind::dial, s.attempt->no, only_pace ? turn : std::max(turn, s.now() + Seconds(1)));
}
inline void claim(Step& s) {
  Attempt& a = *s.attempt;
  take_unit(s);
  a.state = AttemptState::sending;
  a.fence += 1;
  a.claimed_at = s.now();
  a.doubt_until = s.now() + s.rules.times.lease + s.rules.times.quarantine;
  a.empty_looks = 0;
  a.empty_look_at.reset();
  s.drop(OrderKind::dial, a.no);
  s.set_timer(TimerKind::doubt, s.now() + s.rules.times.lease);
}
// Why nothing rang. What comes in after the end is about the attempt alone.
inline void note_fault(Step& s, Reason why) {
  if (!s.was_over) s.callback.fault = why;
}
inline void retry_dial(Step& s) {
  Attempt& a = *s.attempt;
  const auto wait = std::max(doubled(s.rules.times.throttle_first, a.throttled),
                             std::get<DialAnswered>(s.event).outcome.retry_after);
  a.throttled += 1;
  a.state = AttemptState::ready;
  hold_again(s);
  note_fault(s, Reason::carrier_unavailable);
  s.clear_timer(TimerKind::doubt);
  s.drop(OrderKind::look_up, a.no);
  s.order(OrderKind::dial, a.no, s.now() + spread(wait, s.callback.id, a.throttled));
}
inline void withdraw_untaken(Step& s) {
  s.attempt->state = AttemptState::withdrawn;
  give_back_attempt(s);
  s.clear_timer(TimerKind::doubt);
  s.drop(OrderKind::look_up, s.attempt->no);
}
inline void end_request(Step& s, AttemptState state, Reason why) {
  s.attempt->state = state;
  s.attempt->outcome = why;
  s.clear_timer(TimerKind::doubt);
  s.drop(OrderKind::look_up, s.attempt->no);
}
inline void reject(Step& s, Reason why) {
  end_request(s, AttemptState::rejected, why);
  give_back_attempt(s);
  note_fault(s, why);
}
inline void reject_unavailable(Step& s) { reject(s, Reason::carrier_unavailable); }
inline void reject_refused(Step& s) { reject(s, Reason::carrier_refused); }
inline void strike_number(Step& s) {
  reject(s, Reason::carrier_refused);
  if (!s.was_over && !guards::is_struck(s.callback, s.attempt->number_index))
    s.callback.struck.push_back(s.attempt->number_index);
}
inline void next_account(Step& s, Reason why) {
  end_request(s, AttemptState::rejected, why);
  hold_again(s);
  s.callback.fault = why;
  s.callback.account = s.attempt->account + 1;
  make_attempt(s);
}
inline void pass_over_account(Step& s) {
  withdraw_attempt(s);
  s.callback.account = s.attempt->account + 1;
  make_attempt(s);
}
inline void next_account_unavailable(Step& s) { next_account(s, Reason::carrier_unavailable); }
inline void next_account_refused(Step& s) { next_account(s, Reason::carrier_refused); }

// Doubt.
inline void doubt(Step& s) {
  s.attempt->state = AttemptState::unknown;
  s.set_timer(TimerKind::doubt, s.now() + s.rules.times.first_look);
}
inline void look_up(Step& s) {
  s.order(OrderKind::look_up, s.attempt->no, s.now());
  s.set_timer(TimerKind::doubt, s.now() + s.rules.times.look_interval);
}
inline void wait_out_quarantine(Step& s) { s.set_timer(TimerKind::doubt, *s.attempt->doubt_until); }
inline void count_empty_look(Step& s) {
  s.attempt->empty_looks += 1;
  s.attempt->empty_look_at = std::get<LookedUp>(s.event).asked_at;
}
inline void prove_absent(Step& s) {
  end_request(s, AttemptState::absent, Reason::none);
  give_back_attempt(s);
  note_fault(s, Reason::carrier_unavailable);
}
inline void end_in_doubt(Step& s) {
  end_request(s, AttemptState::in_doubt_ended, Reason::outcome_unknown);
  if (!s.was_over) s.callback.in_doubt_ended = true;
}

// A call is known.
inline void poll_now(Step& s) {
  for (const Attempt& a : s.callback.attempts)
    if (guards::to_poll(s, a)) s.order(OrderKind::poll, a.no, s.now());
}
inline void hang_up(Step& s) {
  if (s.account_of(*s.attempt).can_hang_up && !s.attempt->ref.empty())
    s.order(OrderKind::hang_up, s.attempt->no, s.now());
}
inline void bind(Step& s) {
  Attempt& a = *s.attempt;
  a.ref = std::string(guards::ref_of(s.event));
  a.state = AttemptState::placed;
  s.clear_timer(TimerKind::doubt);
  s.drop(OrderKind::dial, a.no);
  s.drop(OrderKind::look_up, a.no);
  const auto first_poll = s.account_of(a).polled ? s.rules.times.poll_quick
                                                 : s.rules.ring + s.rules.times.poll_after_ring;
  s.set_timer(TimerKind::poll, s.now() + first_poll);
  // News of an order that we had taken for not sent: it is paid for all the same.
  if (a.budget_day == 0) take_unit(s);
  if (!a.claimed_at) a.claimed_at = s.now();
  if (a.generation == s.callback.generation) s.callback.rang = true;
  if (s.was_over) hang_up(s);
}
inline void bind_and_poll(Step& s) {
  bind(s);
  poll_now(s);
}
inline void bind_phantom(Step& s) {
  s.attempt->ref = std::string(guards::ref_of(s.event));
  if (!s.attempt->claimed_at) s.attempt->claimed_at = s.now();
  s.set_timer(TimerKind::poll, s.now() + s.rules.times.poll_first);
}
inline void bind_phantom_and_poll(Step& s) {
  bind_phantom(s);
  poll_now(s);
}
inline void poll_for_end(Step& s) {
  poll_now(s);
  s.set_timer(TimerKind::poll,
              s.now() + s.account_of(*s.attempt).fetch_lag + s.rules.times.snapshot_gap);
}
inline void poll_again(Step& s) {
  auto due = TimePoint::max();
  for (Attempt& a : s.callback.attempts) {
    if (!guards::to_poll(s, a)) continue;
    s.order(OrderKind::poll, a.no, s.now());
    due = std::min(due, next_poll(a, s.account_of(a), s.rules, s.now()));
    a.polls += 1;
  }
  s.set_timer(TimerKind::poll, due);
}
// Nobody will ever know. It is not asked about any more, and bars nothing; its views stay open, so
// that late truth still counts.
inline void poll_again_or_forget(Step& s) {
  for (Attempt& a : s.callback.attempts)
    if (!is_live(a.state) && guards::to_poll(s, a) && guards::out_of_window(s, a)) a.closed = true;
  if (guards::something_to_poll(s)) poll_again(s);
}
inline void stop_polling(Step& s) {
  end_in_doubt(s);
  s.attempt->closed = true;
  poll_again_or_forget(s);
}

// The call goes on.
inline void open_gate(Step& s) { s.attempt->gate_open = true; }
inline void refuse_key(Step& s) { s.attempt->key_refused = true; }

inline void end_attempt(Step& s) {
  Attempt& a = *s.attempt;
  a.state = AttemptState::ended;
  s.clear_timer(TimerKind::poll);
  s.clear_timer(TimerKind::doubt);
  s.drop(OrderKind::poll, a.no);
  if (guards::something_to_poll(s))
    s.set_timer(TimerKind::poll, s.now() + s.rules.times.poll_first);
}

// Settling.
inline Reason visitor_reason_of(const Attempt& a) {
  if (a.visitor_leg.declined || a.visitor_leg.view == View::completed)
    return Reason::visitor_declined;
  if (a.visitor_leg.view == View::busy) return Reason::visitor_busy;
  if (a.visitor_leg.view == View::no_answer) return Reason::visitor_no_answer;
  return Reason::visitor_unreachable;
}
inline Reason business_reason_of(const Attempt& a) {
  if (a.machine) return Reason::business_machine;
  if (a.business_leg.declined || a.key_refused || a.business_leg.view == View::completed)
    return Reason::business_declined;
  if (a.business_leg.view == View::busy) return Reason::business_busy;
  return Reason::business_no_answer;
}
inline void settle_visitor(Step& s) {
  s.attempt->outcome = visitor_reason_of(*s.attempt);
  s.callback.visitor_reason = s.attempt->outcome;
}
inline void give_second_chance(Step& s) {
  settle_visitor(s);
  s.callback.reason = s.attempt->outcome;
  s.callback.second_chance_used = true;
  wait_until(s, s.now() + s.rules.times.second_chance);
}
inline void settle_business(Step& s) {
  s.attempt->outcome = business_reason_of(*s.attempt);
  s.callback.last_reason = s.attempt->outcome;
  s.callback.visitor_reason = Reason::none;
}

// The end.
inline void finish(Step& s) {
  s.clear_timer(TimerKind::code);
  s.clear_timer(TimerKind::not_before);
  s.clear_timer(TimerKind::give_up);
  give_back_hold(s);
  s.callback.finished_at = s.now();
}
inline void end_with(Step& s, Reason why) {
  s.callback.reason = why;
  finish(s);
}
inline void tell_business(Step& s) {
  if (s.callback.alerted_generation == s.callback.generation) return;
  s.callback.alerted_generation = s.callback.generation;
  order_text(s, MessagePurpose::alert);
}
inline void alert_with(Step& s, Reason why) {
  end_with(s, why);
  tell_business(s);
}
inline void alert_visitor(Step& s) { alert_with(s, s.callback.visitor_reason); }
inline void alert_unknown(Step& s) { alert_with(s, Reason::outcome_unknown); }
inline void alert_business(Step& s) { alert_with(s, s.callback.last_reason); }
inline void alert_fault(Step& s) { alert_with(s, s.callback.fault); }
inline void alert_too_old(Step& s) { alert_with(s, Reason::too_old); }

inline void complete(Step& s) { end_with(s, Reason::none); }
inline void complete_unseen(Step& s) {
  stop_polling(s);
  end_with(s, Reason::none);
}
inline void cancel_late(Step& s) {
  end_with(s, s.callback.cancel == Cancel::too_late_by_operator ? Reason::by_operator
                                                                : Reason::by_visitor);
}
inline void step_aside(Step& s) { end_with(s, Reason::joined); }
inline void let_code_expire(Step& s) { end_with(s, Reason::none); }
inline void let_code_be_guessed(Step& s) {
  count_wrong_code(s);
  end_with(s, Reason::none);
}

inline void cancel(Step& s) {
  s.callback.cancel = Cancel::accepted;
  end_with(s, reason_of_asked(s));
}
inline void cancel_waiting(Step& s) {
  withdraw_attempt(s);
  cancel(s);
}
inline void cancel_call(Step& s) {
  cancel(s);
  hang_up(s);
}
inline void refuse_cancel_over(Step& s) { s.decision.verdict = Verdict::too_late; }
inline void refuse_cancel(Step& s) {
  if (s.callback.cancel == Cancel::none)
    s.callback.cancel =
        reason_of_asked(s) == Reason::by_operator ? Cancel::too_late_by_operator : Cancel::too_late;
  s.decision.verdict = Verdict::too_late;
}

// Late truth and a fresh start.
inline void tell_late_truth(Step& s) {
  if (Attempt* live = live_attempt(s.callback)) {
    if (live->state == AttemptState::ready) {
      live->state = AttemptState::withdrawn;
      s.drop(OrderKind::dial, live->no);
    } else if (!live->gate_open && live->visitor_leg.view != View::answered && !live->ref.empty() &&
               s.account_of(*live).can_hang_up) {
      s.order(OrderKind::hang_up, live->no, s.now());
    }
  }
  s.callback.late = true;
  s.callback.cancel = Cancel::none;
  end_with(s, Reason::none);
}
inline void hang_up_phantom(Step& s) {
  hang_up(s);
  s.set_timer(TimerKind::poll, s.now() + s.rules.times.poll_first);
}
inline void watch_phantom(Step& s) {
  s.set_timer(TimerKind::poll, s.now() + s.rules.times.poll_first);
}
inline void begin_again(Step& s) {
  Callback& c = s.callback;
  c.generation += 1;
  c.round = 1;
  c.number_index = 0;
  c.account = 0;
  c.struck.clear();
  c.rang = false;
  c.last_reason = c.visitor_reason = c.fault = Reason::none;
  c.in_doubt_ended = c.second_chance_used = c.too_old = c.late = false;
  c.cancel = Cancel::none;
  c.reason = Reason::none;
  c.finished_at.reset();
  c.held_day = s.situation.today;
  s.budget(Budget::calls, c.held_day, +1);
  set_give_up(s, s.now());
}

// Texts.
inline void refuse_text(Step& s, Reason why) {
  s.message->state = MessageState::refused;
  s.message->outcome = why;
  s.drop(OrderKind::send_text, s.message->no);
  s.drop(OrderKind::look_up_text, s.message->no);
  give_back_text(s);
}
inline void drop_text(Step& s) { refuse_text(s, Reason::none); }
inline void refuse_text_for_budget(Step& s) { refuse_text(s, Reason::budget_reached); }
inline void refuse_text_unavailable(Step& s) { refuse_text(s, Reason::carrier_unavailable); }
inline void refuse_text_refused(Step& s) { refuse_text(s, Reason::carrier_refused); }
inline void fail_code_for_budget(Step& s) {
  refuse_text(s, Reason::budget_reached);
  end_with(s, Reason::budget_reached);
}
inline void fail_code_unavailable(Step& s) {
  refuse_text(s, Reason::carrier_unavailable);
  end_with(s, Reason::carrier_unavailable);
}
inline void fail_code_refused(Step& s) {
  refuse_text(s, Reason::carrier_refused);
  end_with(s, Reason::carrier_refused);
}
inline void claim_text(Step& s) {
  Message& m = *s.message;
  if (m.budget_day == 0) {
    m.budget_day = s.situation.today;
    s.budget(Budget::texts, m.budget_day, +1);
  }
  m.state = MessageState::sending;
  m.fence += 1;
  m.claimed_at = s.now();
  m.doubt_until = s.now() + s.rules.times.lease + s.rules.times.quarantine;
  m.empty_looks = 0;
  m.empty_look_at.reset();
  if (m.purpose == MessagePurpose::code)
    s.callback.verification.code_hmac = std::get<TextClaimed>(s.event).code_hmac;
  s.drop(OrderKind::send_text, m.no);
  s.set_timer(TimerKind::text_doubt, s.now() + s.rules.times.lease);
}
inline void accept_text(Step& s) {
  s.message->state = MessageState::accepted;
  s.drop(OrderKind::send_text, s.message->no);
  s.drop(OrderKind::look_up_text, s.message->no);
  if (const auto* answer = std::get_if<TextAnswered>(&s.event))
    s.message->ref = answer->outcome.ref;
  else if (const auto* looked = std::get_if<TextLookedUp>(&s.event))
    s.message->ref = looked->ref;
}
inline void retry_text(Step& s) {
  Message& m = *s.message;
  const auto wait = std::max(doubled(s.rules.times.throttle_first, m.throttled),
                             std::get<TextAnswered>(s.event).outcome.retry_after);
  m.throttled += 1;
  m.state = MessageState::ready;
  s.drop(OrderKind::look_up_text, m.no);
  s.order(OrderKind::send_text, m.no, s.now() + spread(wait, s.callback.id, m.throttled));
}
inline void doubt_text(Step& s) {
  s.message->state = MessageState::unknown;
  if (guards::text_findable(s))
    s.set_timer(TimerKind::text_doubt, s.now() + s.rules.times.first_look);
}
inline void look_up_text(Step& s) {
  s.order(OrderKind::look_up_text, s.message->no, s.now());
  s.set_timer(TimerKind::text_doubt, s.now() + s.rules.times.look_interval);
}
inline void count_absent_text(Step& s) {
  s.message->empty_looks += 1;
  s.message->empty_look_at = std::get<TextLookedUp>(s.event).asked_at;
}
inline void send_text_again(Step& s) {
  s.message->resent += 1;
  s.message->state = MessageState::ready;
  s.drop(OrderKind::look_up_text, s.message->no);
  s.order(OrderKind::send_text, s.message->no, s.now());
}
inline void leave_text_unknown(Step& s) { s.drop(OrderKind::look_up_text, s.message->no); }

}  // namespace ringback::machine::actions
