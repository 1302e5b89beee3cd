// What is known of a call: merged from webhooks, questions and snapshots in whatever order they
// come.
#include <algorithm>

#include "core/domain/machine_step.hpp"

namespace ringback::machine {
namespace {

bool note(bool& flag, bool value) {
  if (!value || flag) return false;
  flag = true;
  return true;
}

bool raise(Leg& leg, View view, bool declined, TimePoint now) {
  // The same end once more may know better: one letter says busy, the next one pushed away.
  if (is_final(leg.view)) return view == leg.view && note(leg.declined, declined);
  if (view <= leg.view) return false;
  leg.view = view;
  if ((view == View::answered || view == View::completed) && !leg.answered_at)
    leg.answered_at = now;
  if (is_final(view)) {
    leg.ended_at = now;
    leg.declined = declined;
  }
  return true;
}

bool note_talk(Attempt& a, int seconds) {
  if (seconds <= a.talk_seconds) return false;
  a.talk_seconds = seconds;
  return true;
}

bool learn_news(Attempt& a, const News& news, TimePoint now) {
  Leg& leg = news.side == Side::business ? a.business_leg : a.visitor_leg;
  bool learned = raise(leg, news.view, news.declined, now);
  learned |= note(a.machine, news.machine && news.side == Side::business);
  learned |= note(a.never_joined, news.never_joined);
  return note_talk(a, news.talk_seconds) || learned;
}

bool learn_question(Attempt& a, const Questioned& asked, TimePoint now) {
  const bool learned = raise(a.business_leg, View::answered, false, now);
  return note(a.machine, asked.machine) || learned;
}

// "No such call", twice: an exchange that lost its memory, or a call deleted at the carrier.
bool learn_gone(Attempt& a, const Snapshot& shot, const Rules& rules, TimePoint now) {
  if (!a.gone_at) {
    a.gone_at = shot.asked_at;
    return true;
  }
  if (shot.asked_at - *a.gone_at < rules.times.snapshot_gap) return false;
  const auto end = [&](Leg& leg) {
    return raise(leg, leg.view == View::answered ? View::completed : View::failed, false, now);
  };
  bool learned = end(a.business_leg);
  if (a.gate_open || a.visitor_leg.view != View::none) learned |= end(a.visitor_leg);
  return note(a.closed, true) || learned;
}

// A snapshot without a visitor leg may merely be early: it closes the attempt only as the second
// one, both asked after the end plus the carrier's lag.
bool learn_childless(Attempt& a, const Snapshot& shot, const Rules& rules, Millis lag) {
  if (!is_final(a.business_leg.view) || shot.visitor != View::none || a.closed) return false;
  if (shot.asked_at < *a.business_leg.ended_at + lag) return false;
  if (!a.childless_at) {
    a.childless_at = shot.asked_at;
    return true;
  }
  if (shot.asked_at - *a.childless_at < rules.times.snapshot_gap) return false;
  return note(a.closed, true);
}

bool learn_snapshot(Attempt& a, const Snapshot& shot, const Rules& rules, Millis lag,
                    TimePoint now) {
  if (shot.gone) return learn_gone(a, shot, rules, now);
  bool learned = a.gone_at.has_value();
  a.gone_at.reset();
  // Before the business leg's end is merged: this snapshot was asked before we knew of the end.
  learned |= learn_childless(a, shot, rules, lag);
  learned |= raise(a.visitor_leg, shot.visitor, shot.visitor_declined, now);
  learned |= raise(a.business_leg, shot.business, shot.business_declined, now);
  learned |= note(a.never_joined, shot.never_joined);
  return note_talk(a, shot.talk_seconds) || learned;
}

}  // namespace

bool learn(Step& step) {
  Attempt* a = step.attempt;
  if (a == nullptr) return false;
  if (const auto* news = std::get_if<News>(&step.event))
    return !news->hint && learn_news(*a, *news, step.now());
  if (const auto* asked = std::get_if<Questioned>(&step.event))
    return learn_question(*a, *asked, step.now());
  if (const auto* shot = std::get_if<Snapshot>(&step.event))
    return learn_snapshot(*a, *shot, step.rules, step.account_of(*a).fetch_lag, step.now());
  return false;
}

TimePoint next_poll(const Attempt& a, const AccountRules& account, const Rules& rules,
                    TimePoint now) {
  const Times& t = rules.times;
  const auto begun = a.claimed_at.value_or(now);
  const bool late = now >= begun + rules.ring + rules.visitor_ring + rules.talk + t.poll_tail;
  // The closing snapshots are wanted as soon as they can count.
  const bool closing = is_final(a.business_leg.view) || a.gone_at;
  if (closing && (account.polled ? !late : a.polls < 8)) return now + t.snapshot_gap;
  if (late) return now + t.poll_late;
  // No webhook tells what happens: somebody waits for the next answer.
  if (account.polled)
    return now + (a.visitor_leg.view < View::answered ? t.poll_quick : t.poll_first);
  const int doublings = std::min(a.polls, 8);
  return now + std::min(t.poll_first * (1 << doublings), t.poll_longest);
}

}  // namespace ringback::machine

namespace ringback {

Millis polling_window(const Rules& rules) {
  return rules.ring + rules.visitor_ring + rules.talk + rules.times.poll_tail +
         rules.times.poll_late_for;
}

}  // namespace ringback
