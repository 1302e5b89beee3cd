// The questions that rows of the transition table ask. No effects.
#pragma once

#include <algorithm>

#include "core/domain/machine_step.hpp"
#include "core/domain/retry.hpp"

namespace ringback::machine::guards {

inline const News* news_of(const Step& s) { return std::get_if<News>(&s.event); }

inline std::string_view ref_of(const Event& event) {
  if (const auto* news = std::get_if<News>(&event)) return news->ref;
  if (const auto* asked = std::get_if<Questioned>(&event)) return asked->ref;
  if (const auto* shot = std::get_if<Snapshot>(&event)) return shot->ref;
  if (const auto* looked = std::get_if<LookedUp>(&event)) return looked->ref;
  if (const auto* answer = std::get_if<DialAnswered>(&event)) return answer->outcome.ref;
  return {};
}

inline bool bridges(const Step& s) {
  return s.attempt != nullptr && s.account_of(*s.attempt).bridges_itself;
}

inline bool phantom_up(const Step& s) {
  return std::any_of(s.callback.attempts.begin(), s.callback.attempts.end(), [&](const Attempt& a) {
    return is_phantom(a, s.account_of(a).bridges_itself);
  });
}

inline bool must_prove(const Step& s) { return !std::get<Asked>(s.event).proven; }

inline bool is_suppressed(const Step& s) {
  if (const auto* asked = std::get_if<Asked>(&s.event)) return asked->suppressed;
  if (const auto* resend = std::get_if<ResendAsked>(&s.event))
    return resend->suppressed || s.callback.verification.suppressed;
  return false;
}

inline bool no_text_left(const Step& s) { return must_prove(s) && !s.situation.text_left; }

inline bool slot_ahead(const Step& s) { return s.callback.slot && *s.callback.slot > s.now(); }

// Outside hours with "sms" nobody is called, so no call need be left.
inline bool would_call(const Step& s) {
  if (slot_ahead(s) || s.situation.open()) return true;
  return s.rules.outside_hours == OutsideHours::schedule && s.situation.next_opening.has_value();
}

inline bool no_call_left(const Step& s) { return would_call(s) && !s.situation.call_left; }

inline bool code_is_old(const Step& s) {
  const auto& expires_at = s.callback.verification.expires_at;
  return expires_at && *expires_at <= s.now();
}
inline bool tries_left(const Step& s) { return s.callback.verification.tries_left > 1; }

inline bool may_resend(const Step& s) {
  const Verification& v = s.callback.verification;
  return v.sends < s.rules.most_sends && v.resend_at && *v.resend_at <= s.now() && !code_is_old(s);
}

inline bool is_too_old(const Step& s) { return s.callback.too_old; }
inline bool is_open(const Step& s) { return s.situation.open(); }

inline bool waits_for_opening(const Step& s) {
  return s.rules.outside_hours == OutsideHours::schedule && s.situation.next_opening.has_value();
}
inline bool opens_first(const Step& s) { return waits_for_opening(s) && !s.callback.rang; }
inline bool opens_in_time(const Step& s) {
  return waits_for_opening(s) && s.callback.give_up_at &&
         *s.situation.next_opening <= *s.callback.give_up_at;
}

inline bool is_struck(const Callback& callback, int number) {
  return std::find(callback.struck.begin(), callback.struck.end(), number) != callback.struck.end();
}

// The first number from `from` on that may be rung; -1: none.
inline int number_from(const Step& s, int from) {
  for (int i = from; i < static_cast<int>(s.rules.numbers.size()); ++i)
    if (!is_struck(s.callback, i)) return i;
  return -1;
}

inline bool another_number(const Step& s) {
  return number_from(s, s.callback.number_index + 1) >= 0;
}

inline TimePoint next_round_at(const Step& s) {
  const auto& gaps = s.rules.gaps;
  if (gaps.empty()) return s.now();
  const auto i =
      std::min<std::size_t>(static_cast<std::size_t>(s.callback.round - 1), gaps.size() - 1);
  return s.now() + gaps[i];
}

inline bool another_round(const Step& s) {
  return s.callback.round < s.rules.attempts && number_from(s, 0) >= 0 && s.callback.give_up_at &&
         next_round_at(s) < *s.callback.give_up_at;
}

inline bool shut_or_phantom(const Step& s) { return !s.situation.open() || phantom_up(s); }
inline bool must_wait(const Step& s) {
  return !s.situation.line_free || s.situation.left_alone ||
         (s.situation.pace_at && *s.situation.pace_at > s.now());
}
inline bool budget_spent(const Step& s) {
  return s.callback.held_day == 0 && !s.situation.call_left;
}

inline bool is_over(const Step& s) { return s.was_over; }
inline bool not_over(const Step& s) { return !s.was_over; }
inline bool may_try_again(const Step& s) {
  return s.attempt->throttled + 1 < kMostThrottles && !s.callback.too_old;
}
inline bool another_account(const Step& s) {
  return !s.was_over && !s.callback.too_old &&
         s.attempt->account + 1 < static_cast<int>(s.rules.accounts.size());
}

// Its circuit is open: nothing was sent, so the next one may be asked.
inline bool left_alone_and_another(const Step& s) {
  return s.situation.left_alone && another_account(s);
}

inline bool unbound(const Step& s) { return s.attempt->ref.empty() && !ref_of(s.event).empty(); }

inline bool doubt_over(const Step& s) {
  return s.attempt->claimed_at && s.now() >= *s.attempt->claimed_at + s.rules.times.doubt_end;
}
inline bool cannot_ask(const Step& s) { return !s.account_of(*s.attempt).can_find_calls; }
inline bool cannot_ask_any_more(const Step& s) {
  return cannot_ask(s) && s.attempt->doubt_until && s.now() >= *s.attempt->doubt_until;
}

// Does an empty look prove anything yet? A wall clock that jumps must not shorten the quarantine.
inline bool empty_counts(const Step& s) {
  const Attempt& a = *s.attempt;
  const auto asked_at = std::get<LookedUp>(s.event).asked_at;
  return a.doubt_until && asked_at >= *a.doubt_until &&
         s.situation.steady_since_claim >= s.rules.times.lease + s.rules.times.quarantine &&
         (!a.empty_look_at || asked_at - *a.empty_look_at >= s.rules.times.empty_look_gap);
}
inline bool empty_proves(const Step& s) { return empty_counts(s) && s.attempt->empty_looks >= 1; }
inline bool empty_proves_and_redials(const Step& s) {
  return empty_proves(s) && s.rules.redial_unknown == RedialUnknown::when_absent;
}

inline bool all_over(const Step& s) { return legs_over(*s.attempt, bridges(s)); }
inline bool business_answered(const Step& s) {
  return s.attempt->business_leg.view >= View::answered && s.attempt->business_leg.answered_at;
}
inline bool visitor_leg_seen(const Step& s) {
  return bridges(s) && s.attempt->visitor_leg.view != View::none;
}
inline bool visitor_answered(const Step& s) {
  return s.attempt->visitor_leg.view == View::answered ||
         s.attempt->visitor_leg.view == View::completed;
}

inline const Attempt* attempt_before(const Step& s) { return attempt_of(s.before, s.attempt->no); }

// The business leg has just ended and a visitor leg may still be up: only the carrier can tell.
inline bool half_over(const Step& s) {
  const Attempt* was = attempt_before(s);
  return is_final(s.attempt->business_leg.view) && was != nullptr &&
         !is_final(was->business_leg.view);
}
inline bool first_gone(const Step& s) {
  const Attempt* was = attempt_before(s);
  return s.attempt->gone_at && was != nullptr && !was->gone_at;
}

// A question of this very call, by an attempt that lives: only its answer may open the gate.
inline bool asked_by_this_call(const Step& s) {
  const auto* asked = std::get_if<Questioned>(&s.event);
  return asked != nullptr && !s.was_over && s.attempt->state == AttemptState::placed &&
         asked->ref == s.attempt->ref && !s.attempt->gate_open && !s.attempt->machine &&
         !s.attempt->key_refused && !is_final(s.attempt->business_leg.view);
}
inline bool accepts_unasked(const Step& s) {
  const auto* asked = std::get_if<Questioned>(&s.event);
  return s.rules.accept == Accept::none && asked_by_this_call(s) && asked->point == Point::answered;
}
inline bool pressed_1(const Step& s) {
  return asked_by_this_call(s) && std::get<Questioned>(s.event).digits == "1";
}
inline bool pressed_other(const Step& s) {
  const auto& asked = std::get<Questioned>(s.event);
  return asked_by_this_call(s) && (!asked.digits.empty() || asked.round >= 2);
}

inline bool out_of_window(const Step& s, const Attempt& a) {
  return a.claimed_at && s.now() >= *a.claimed_at + polling_window(s.rules);
}
inline bool polling_over(const Step& s) { return out_of_window(s, *s.attempt); }
inline bool polling_over_and_seen(const Step& s) {
  return !s.was_over && polling_over(s) && s.attempt->visitor_leg.answered_at.has_value() &&
         !s.attempt->never_joined;
}
inline bool to_poll(const Step& s, const Attempt& a) {
  return !a.ref.empty() && !legs_over(a, s.account_of(a).bridges_itself);
}
inline bool something_to_poll(const Step& s) {
  return std::any_of(s.callback.attempts.begin(), s.callback.attempts.end(),
                     [&](const Attempt& a) { return to_poll(s, a); });
}

inline bool they_talked(const Step& s) { return talked(*s.attempt); }
inline bool cancelled_too_late(const Step& s) {
  return s.callback.cancel == Cancel::too_late || s.callback.cancel == Cancel::too_late_by_operator;
}

// The visitor's phone was rung and the visitor is the reason that nobody talked. A visitor leg that
// was canceled ended because the business hung up first.
inline bool visitor_missed(const Step& s) {
  const Leg& leg = s.attempt->visitor_leg;
  return leg.view == View::busy || leg.view == View::no_answer || leg.view == View::failed ||
         (leg.view == View::completed && s.attempt->never_joined);
}
inline bool visitor_declined(const Step& s) {
  return visitor_missed(s) &&
         (s.attempt->visitor_leg.declined || s.attempt->visitor_leg.view == View::completed);
}
inline bool second_chance(const Step& s) {
  return visitor_missed(s) && !s.callback.second_chance_used && !s.callback.too_old &&
         s.callback.give_up_at && s.now() + s.rules.times.second_chance < *s.callback.give_up_at;
}

// The answer to "why has nobody talked yet": the visitor, the business's last leg, or what kept the
// telephone from ringing.
inline Reason reason_so_far(const Callback& c) {
  if (c.visitor_reason != Reason::none) return c.visitor_reason;
  return c.last_reason != Reason::none ? c.last_reason : c.fault;
}
inline bool visitor_was_reason(const Step& s) { return s.callback.visitor_reason != Reason::none; }
inline bool nobody_can_tell(const Step& s) { return s.callback.in_doubt_ended; }
inline bool business_rang(const Step& s) {
  return s.callback.rang && s.callback.last_reason != Reason::none;
}
inline bool was_outside_hours(const Step& s) { return s.callback.fault == Reason::outside_hours; }
inline bool carrier_at_fault(const Step& s) { return s.callback.fault != Reason::none; }

inline bool late_truth(const Step& s) {
  return talked(*s.attempt) && s.callback.state != State::cancelled &&
         s.callback.state != State::completed;
}
inline bool up_and_nobody_talks(const Step& s) {
  return is_phantom(*s.attempt, bridges(s)) && s.attempt->visitor_leg.view != View::answered;
}
inline bool phantom_here(const Step& s) { return is_phantom(*s.attempt, bridges(s)); }

inline bool may_retry(const Step& s) {
  const bool anyway = std::get<RetryAsked>(s.event).anyway;
  return retry_bar(s.callback, s.rules, s.now(), anyway) == RetryBar::none;
}
inline bool retry_over_budget(const Step& s) { return may_retry(s) && !s.situation.call_left; }

// Cancel is too late once the gate is open; with a carrier that runs the bridge, from the claim on.
inline bool may_be_bridged_unseen(const Step& s) {
  return std::any_of(s.callback.attempts.begin(), s.callback.attempts.end(), [&](const Attempt& a) {
    const bool bridging = s.account_of(a).bridges_itself;
    return bridging && !legs_over(a, true) &&
           (a.state == AttemptState::absent || a.state == AttemptState::in_doubt_ended);
  });
}
inline bool can_still_cancel(const Step& s) {
  return !s.attempt->gate_open && !bridges(s) && !may_be_bridged_unseen(s);
}
inline bool may_be_found(const Step& s) {
  return unbound(s) && (s.attempt->state == AttemptState::absent ||
                        s.attempt->state == AttemptState::in_doubt_ended);
}

// Texts.
inline bool is_code(const Step& s) { return s.message->purpose == MessagePurpose::code; }
inline bool is_newest_code(const Step& s) {
  for (auto it = s.callback.messages.rbegin(); it != s.callback.messages.rend(); ++it)
    if (it->purpose == MessagePurpose::code) return it->no == s.message->no;
  return false;
}
inline bool code_wanted(const Step& s) {
  return is_code(s) && s.callback.state == State::pending && is_newest_code(s);
}
// Nobody waits for the code any more, or they talked after all.
inline bool text_not_wanted(const Step& s) {
  return is_code(s) ? !code_wanted(s) : s.callback.state == State::completed;
}
inline bool text_over_budget(const Step& s) {
  return s.message->budget_day == 0 && !s.situation.text_left;
}
inline bool code_waits_too_long(const Step& s) {
  return is_code(s) && s.situation.texts_at && *s.situation.texts_at - s.now() > kPatienceForCode;
}
inline bool code_over_budget(const Step& s) { return is_code(s) && text_over_budget(s); }
inline bool text_may_try_again(const Step& s) { return s.message->throttled + 1 < kMostThrottles; }
inline bool text_lease_over(const Step& s) {
  return s.message->claimed_at && s.now() >= *s.message->claimed_at + s.rules.times.lease;
}
inline bool text_findable(const Step& s) { return !is_code(s) && s.rules.can_find_texts; }
inline bool text_still_asked(const Step& s) {
  return text_findable(s) && s.message->claimed_at &&
         s.now() < *s.message->claimed_at + s.rules.times.doubt_end;
}
inline bool text_absence_counts(const Step& s) {
  const auto asked_at = std::get<TextLookedUp>(s.event).asked_at;
  const Message& m = *s.message;
  return m.doubt_until && asked_at >= *m.doubt_until &&
         (!m.empty_look_at || asked_at - *m.empty_look_at >= s.rules.times.empty_look_gap);
}
inline bool text_absence_proves(const Step& s) {
  return text_absence_counts(s) && s.message->empty_looks >= 1 && s.message->resent == 0;
}
inline bool text_absence_twice(const Step& s) {
  return text_absence_counts(s) && s.message->empty_looks >= 1;
}

}  // namespace ringback::machine::guards
