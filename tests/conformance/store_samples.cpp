#include "tests/conformance/store_samples.hpp"

namespace ringback::conformance {

TimePoint at(std::int64_t seconds) { return TimePoint(Seconds(1'795'000'000)) + Seconds(seconds); }

CallbackId callback_id(std::uint32_t n) {
  IdBytes bytes{0x01, 0x9a};
  for (std::size_t i = 0; i < 4; ++i) bytes[15 - i] = static_cast<std::uint8_t>(n >> (8 * i));
  return CallbackId(bytes);
}

Digest digest(std::uint32_t n) {
  Digest digest{};
  std::uint64_t mix = n * 0x9e3779b97f4a7c15ULL + 1;
  for (auto& byte : digest) {
    mix ^= mix << 13;
    mix ^= mix >> 7;
    mix ^= mix << 17;
    byte = static_cast<std::uint8_t>(mix >> 24);
  }
  return digest;
}

Rules some_rules() {
  Rules rules;
  rules.numbers = {*PhoneNumber::from_e164("+12025550100")};
  rules.accounts = {{.name = "main", .fetch_lag = Seconds(60)}};
  return rules;
}

Callback a_callback(std::uint32_t n) {
  Callback c;
  c.id = callback_id(n);
  c.site = "shop";
  c.visitor.phone = *PhoneNumber::from_e164("+12025550123");
  c.visitor.region = "US";
  c.phone_hmac = digest(n);
  c.version = c.status_version = 1;
  c.created_at = at(0);
  c.updated_at = at(0);
  return c;
}

Attempt an_attempt(int no, AttemptState state) {
  Attempt a;
  a.no = no;
  a.state = state;
  a.business = *PhoneNumber::from_e164("+12025550100");
  a.made_at = at(0);
  if (state != AttemptState::ready) a.claimed_at = at(1);
  return a;
}

Callback a_full_callback(std::uint32_t n) {
  Callback c = a_callback(n);
  c.visitor = {*PhoneNumber::from_e164("+12025550123"),
               "US",
               "Zoë \"Z\"",
               "z@example.com",
               "line one\nline two",
               "de-DE"};
  c.client_hmac = digest(n + 1);
  c.state = State::calling;
  c.phase = Phase::screening;
  c.reason = Reason::carrier_refused;
  c.proven = c.late = c.too_old = true;
  c.cancel = Cancel::too_late;
  c.generation = 2;
  c.round = 3;
  c.number_index = 1;
  c.account = 1;
  c.struck = {0, 2};
  c.rang = true;
  c.last_reason = Reason::business_busy;
  c.visitor_reason = Reason::visitor_busy;
  c.fault = Reason::carrier_unavailable;
  c.in_doubt_ended = c.second_chance_used = true;
  c.alerted_generation = 1;
  c.held_day = 20'778;
  c.slot = at(1);
  c.scheduled_for = at(2);
  c.give_up_at = at(3);
  c.proven_at = at(4);
  c.verification = {3, 4, at(5), at(6), digest(n + 2), true};
  for (int no = 1; no <= 2; ++no) {
    Attempt a = an_attempt(no, no == 1 ? AttemptState::ended : AttemptState::rejected);
    a.generation = 2;
    a.account = 1;
    a.number_index = 1;
    a.fence = 4;
    a.throttled = 5;
    a.budget_day = 20'778;
    a.doubt_until = at(7);
    a.empty_looks = 1;
    a.empty_look_at = at(8);
    a.ref = "CA" + std::to_string(n) + std::to_string(no);
    a.business_leg = {View::no_answer, true, at(9), at(10)};
    a.visitor_leg = {View::busy, true, at(11), at(12)};
    a.gate_open = a.key_refused = a.machine = a.never_joined = a.closed = true;
    a.childless_at = at(13);
    a.gone_at = at(14);
    a.polls = 6;
    a.outcome = Reason::business_machine;
    a.talk_seconds = 77;
    c.attempts.push_back(a);
  }
  Message m;
  m.no = 1;
  m.purpose = MessagePurpose::alert;
  m.state = MessageState::unknown;
  m.generation = 2;
  m.fence = 3;
  m.throttled = 4;
  m.resent = 1;
  m.budget_day = 20'778;
  m.made_at = at(15);
  m.claimed_at = at(16);
  m.doubt_until = at(17);
  m.empty_looks = 1;
  m.empty_look_at = at(18);
  m.ref = "SM1";
  m.outcome = Reason::outcome_unknown;
  c.messages = {m};
  return c;
}

Commit creation(const Callback& callback) {
  Commit c;
  c.after = callback;
  c.line = {at(0), "visitor", Asked{}, {}};
  return c;
}

Commit change(const Callback& before, const Callback& after) {
  Commit c;
  c.expected_version = before.version;
  c.before = &before;
  c.after = after;
  c.line = {at(1), "runner", Joined{}, {}};
  return c;
}

}  // namespace ringback::conformance
