// Which members a stored value has: one list for each type, read by the writer and by the reader.
// m(name, member) or m(name, member, default); a default that is not all zero must be given.
#pragma once

#include <concepts>
#include <type_traits>

#include "core/domain/event.hpp"
#include "core/domain/situation.hpp"

namespace ringback::journal_json {

template <class T, class U>
concept Same = std::same_as<std::remove_const_t<T>, U>;

constexpr std::string_view name_of(const Asked&) { return "asked"; }
constexpr std::string_view name_of(const CodeEntered&) { return "code_entered"; }
constexpr std::string_view name_of(const ResendAsked&) { return "resend_asked"; }
constexpr std::string_view name_of(const Joined&) { return "joined"; }
constexpr std::string_view name_of(const CancelAsked&) { return "cancel_asked"; }
constexpr std::string_view name_of(const RetryAsked&) { return "retry_asked"; }
constexpr std::string_view name_of(const TimerRang&) { return "timer_rang"; }
constexpr std::string_view name_of(const DialClaimed&) { return "dial_claimed"; }
constexpr std::string_view name_of(const DialAnswered&) { return "dial_answered"; }
constexpr std::string_view name_of(const LookedUp&) { return "looked_up"; }
constexpr std::string_view name_of(const SenderDied&) { return "sender_died"; }
constexpr std::string_view name_of(const News&) { return "news"; }
constexpr std::string_view name_of(const Questioned&) { return "questioned"; }
constexpr std::string_view name_of(const Snapshot&) { return "snapshot"; }
constexpr std::string_view name_of(const TextClaimed&) { return "text_claimed"; }
constexpr std::string_view name_of(const TextAnswered&) { return "text_answered"; }
constexpr std::string_view name_of(const TextLookedUp&) { return "text_looked_up"; }

template <class M, Same<Asked> E>
void members(M& m, E& e) {
  m("proven", e.proven);
  m("suppressed", e.suppressed);
}
template <class M, Same<CodeEntered> E>
void members(M& m, E& e) {
  m("right", e.right);
}
template <class M, Same<ResendAsked> E>
void members(M& m, E& e) {
  m("suppressed", e.suppressed);
}
template <class M, Same<Joined> E>
void members(M&, E&) {}
template <class M, Same<CancelAsked> E>
void members(M& m, E& e) {
  m("by", e.by, Reason::by_visitor);
}
template <class M, Same<RetryAsked> E>
void members(M& m, E& e) {
  m("anyway", e.anyway);
}
template <class M, Same<TimerRang> E>
void members(M& m, E& e) {
  m("kind", e.kind, TimerKind::code);
}
template <class M, Same<DialClaimed> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
}
template <class M, Same<Outcome> E>
void members(M& m, E& e) {
  m("taken", e.taken, Taken::unknown);
  m("ref", e.ref);
  m("retry_after", e.retry_after);
  m("detail", e.detail);
}
template <class M, Same<DialAnswered> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
  m("fence", e.fence);
  members(m, e.outcome);
}
template <class M, Same<LookedUp> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
  m("candidates", e.candidates);
  m("rival", e.rival);
  m("ref", e.ref);
  m("asked_at", e.asked_at);
}
template <class M, Same<SenderDied> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
  m("message", e.message);
}
template <class M, Same<News> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
  m("ref", e.ref);
  m("side", e.side, Side::business);
  m("view", e.view, View::none);
  m("declined", e.declined);
  m("machine", e.machine);
  m("never_joined", e.never_joined);
  m("hint", e.hint);
  m("talk_seconds", e.talk_seconds);
}
template <class M, Same<Questioned> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
  m("ref", e.ref);
  m("point", e.point, Point::answered);
  m("round", e.round, 1);
  m("digits", e.digits);
  m("machine", e.machine);
}
template <class M, Same<Snapshot> E>
void members(M& m, E& e) {
  m("attempt", e.attempt);
  m("ref", e.ref);
  m("gone", e.gone);
  m("business", e.business, View::none);
  m("business_declined", e.business_declined);
  m("visitor", e.visitor, View::none);
  m("visitor_declined", e.visitor_declined);
  m("never_joined", e.never_joined);
  m("talk_seconds", e.talk_seconds);
  m("asked_at", e.asked_at);
}
template <class M, Same<TextClaimed> E>
void members(M& m, E& e) {
  m("message", e.message);
  m("code_hmac", e.code_hmac);
}
template <class M, Same<TextAnswered> E>
void members(M& m, E& e) {
  m("message", e.message);
  m("fence", e.fence);
  members(m, e.outcome);
}
template <class M, Same<TextLookedUp> E>
void members(M& m, E& e) {
  m("message", e.message);
  m("found", e.found);
  m("ref", e.ref);
  m("asked_at", e.asked_at);
}

template <class M, Same<Situation> S>
void members(M& m, S& s) {
  m("now", s.now);
  m("next_opening", s.next_opening);
  m("today", s.today);
  m("first_due_day", s.first_due_day);
  m("call_left", s.call_left, true);
  m("text_left", s.text_left, true);
  m("line_free", s.line_free, true);
  m("pace_at", s.pace_at);
  m("left_alone", s.left_alone);
  m("texts_at", s.texts_at);
  m("steady_since_claim", s.steady_since_claim);
}

// Rules are written whole: their defaults may change with a release, what was in force did not.
template <class M, Same<AccountRules> A>
void members(M& m, A& a) {
  m("name", a.name);
  m("bridges_itself", a.bridges_itself);
  m("can_hang_up", a.can_hang_up);
  m("can_find_calls", a.can_find_calls);
  m("polled", a.polled);
  m("fetch_lag", a.fetch_lag);
}
template <class M, Same<Times> T>
void members(M& m, T& t) {
  m("lease", t.lease);
  m("first_look", t.first_look);
  m("look_interval", t.look_interval);
  m("quarantine", t.quarantine);
  m("empty_look_gap", t.empty_look_gap);
  m("doubt_end", t.doubt_end);
  m("poll_after_ring", t.poll_after_ring);
  m("poll_first", t.poll_first);
  m("poll_longest", t.poll_longest);
  m("poll_quick", t.poll_quick);
  m("poll_tail", t.poll_tail);
  m("poll_late", t.poll_late);
  m("poll_late_for", t.poll_late_for);
  m("snapshot_gap", t.snapshot_gap);
  m("phantom_recheck", t.phantom_recheck);
  m("second_chance", t.second_chance);
  m("throttle_first", t.throttle_first);
  m("consent", t.consent);
}
template <class M, Same<Rules> R>
void members(M& m, R& r) {
  m("numbers", r.numbers);
  m("accounts", r.accounts);
  m("can_find_texts", r.can_find_texts);
  m("accept", r.accept);
  m("outside_hours", r.outside_hours);
  m("redial_unknown", r.redial_unknown);
  m("attempts", r.attempts);
  m("gaps", r.gaps);
  m("ring", r.ring);
  m("visitor_ring", r.visitor_ring);
  m("talk", r.talk);
  m("give_up", r.give_up);
  m("code_ttl", r.code_ttl);
  m("code_tries", r.code_tries);
  m("resend", r.resend);
  m("most_sends", r.most_sends);
  m("times", r.times);
}

template <class M, Same<Visitor> V>
void members(M& m, V& v) {
  m("phone", v.phone);
  m("region", v.region);
  m("name", v.name);
  m("email", v.email);
  m("message", v.message);
  m("locale", v.locale);
}

}  // namespace ringback::journal_json
