// What follows a call: the next number, rounds, the second chance, the end and its reason, a retry.
#include <catch2/catch.hpp>

#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("next: the numbers in order, then the round again after its gap", "[next]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.call();
  s.business(View::busy);
  CHECK(s.is(State::queued));
  CHECK(s.attempt().business == number(1));
  s.call();
  s.business(View::no_answer);
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.c.reason == Reason::business_no_answer);
  CHECK(s.timer_due(TimerKind::not_before) == s.now() + Minutes(2));
  CHECK(s.c.round == 2);
  s.ring(TimerKind::not_before);
  CHECK(s.attempt().business == number(0));
}

TEST_CASE("next: after the last round somebody is told", "[next]") {
  Story s;
  s.missed_call();
  s.ring(TimerKind::not_before);
  s.call();
  s.business(View::busy);
  CHECK(s.ended(State::missed, Reason::business_busy));
  CHECK(s.alerts() == 1);
  CHECK(s.ordered(OrderKind::send_text, 1));
  CHECK(s.calls() == 2);
  CHECK(s.timers.empty());
}

TEST_CASE("next: a round whose gap ends after the give-up is not waited for", "[next]") {
  Story s;
  s.call();
  s.wait(Minutes(118));
  s.business(View::no_answer);
  CHECK(s.ended(State::missed, Reason::business_no_answer));
}

TEST_CASE("next: too old, no other number is rung", "[next]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.call();
  s.ring(TimerKind::give_up);
  s.business(View::no_answer);
  CHECK(s.ended(State::missed, Reason::business_no_answer));
}

TEST_CASE("next: too old while a phantom is up, it ends when the phantom has", "[next][phantom]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.proven_absent();
  s.feed(News{.attempt = 1, .ref = "CA1", .view = View::ringing});
  s.claim();
  REQUIRE(s.is(State::scheduled, Phase::retry));
  s.c.too_old = true;
  s.feed(News{.attempt = 1, .ref = "CA1", .view = View::no_answer});
  s.ring(TimerKind::not_before);
  CHECK(s.ended(State::failed, Reason::carrier_unavailable));
}

TEST_CASE("next: too old is told at once, though a phantom is up", "[next][phantom]") {
  Story s;
  s.rules.numbers = {number(0), number(1), number(2)};
  s.proven_absent();
  s.claim();
  s.placed();
  s.ring(TimerKind::give_up);
  s.feed(News{.attempt = 1, .ref = "CA1", .view = View::ringing});
  s.business(View::no_answer);
  CHECK(s.ended(State::missed, Reason::business_no_answer));
  CHECK(s.timer(TimerKind::poll));
}

TEST_CASE("second chance: a visitor who was busy is rung once more, not as a round", "[second]") {
  for (const View view : {View::busy, View::no_answer, View::failed}) {
    Story s;
    s.accepted();
    s.visitor(view);
    s.business(View::completed);
    CHECK(s.is(State::scheduled, Phase::retry));
    CHECK(s.c.round == 1);
    CHECK(s.timer_due(TimerKind::not_before) == s.now() + Minutes(5));
    s.ring(TimerKind::not_before);
    CHECK(s.attempt().number_index == 0);
    s.accepted();
    s.visitor(view);
    s.business(View::completed);
    CHECK(s.c.state == State::failed);
    CHECK(s.c.reason == s.attempt().outcome);
    CHECK(s.alerts() == 1);
  }
}

TEST_CASE("second chance: a visitor who declined gets none", "[second]") {
  Story s;
  s.accepted();
  s.visitor(View::busy, true);
  s.business(View::completed);
  CHECK(s.ended(State::failed, Reason::visitor_declined));

  // The letter that knows better may be the second one.
  Story busy_first;
  busy_first.accepted();
  busy_first.visitor(View::busy);
  busy_first.visitor(View::busy, true);
  busy_first.business(View::completed);
  CHECK(busy_first.ended(State::failed, Reason::visitor_declined));

  Story whispered;
  whispered.accepted();
  whispered.feed(News{.attempt = 1,
                      .ref = "CA1",
                      .side = Side::visitor,
                      .view = View::completed,
                      .never_joined = true});
  whispered.business(View::completed);
  CHECK(whispered.ended(State::failed, Reason::visitor_declined));
}

TEST_CASE("second chance: none when it does not fit before the give-up", "[second]") {
  Story s;
  s.accepted();
  s.wait(Minutes(115));
  s.visitor(View::no_answer);
  s.business(View::completed);
  CHECK(s.ended(State::failed, Reason::visitor_no_answer));
}

TEST_CASE("second chance: what ends it while it waits, the visitor was the reason",
          "[second][alert]") {
  Story gave_up;
  gave_up.accepted();
  gave_up.visitor(View::busy);
  gave_up.business(View::completed);
  gave_up.ring(TimerKind::give_up);
  CHECK(gave_up.ended(State::failed, Reason::visitor_busy));

  Story refused;
  refused.rules.attempts = 1;
  refused.accepted();
  refused.visitor(View::failed);
  refused.business(View::completed);
  refused.ring(TimerKind::not_before);
  refused.claim();
  refused.reply(Taken::refused_account);
  CHECK(refused.ended(State::failed, Reason::visitor_unreachable));
}

TEST_CASE("second chance: a business that misses it was the reason", "[second][alert]") {
  Story s;
  s.rules.attempts = 1;
  s.accepted();
  s.visitor(View::busy);
  s.business(View::completed);
  s.ring(TimerKind::not_before);
  s.call();
  s.business(View::no_answer);
  CHECK(s.ended(State::missed, Reason::business_no_answer));
}

TEST_CASE("reason: hung up while the visitor's telephone rang is declined", "[alert]") {
  Story s;
  s.rules.attempts = 1;
  s.accepted();
  s.visitor(View::canceled);
  s.business(View::completed);
  CHECK(s.ended(State::missed, Reason::business_declined));
}

TEST_CASE("reason: declined at the first ring", "[alert]") {
  Story s;
  s.rules.attempts = 1;
  s.call();
  s.business(View::busy, true);
  CHECK(s.ended(State::missed, Reason::business_declined));
}

TEST_CASE("reason: a doubt after a visitor was missed is told as doubt", "[alert]") {
  Story s;
  s.accepted();
  s.visitor(View::busy);
  s.business(View::completed);
  s.ring(TimerKind::not_before);
  s.given_up_in_doubt();
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
}

TEST_CASE("retry: an operator begins anew, with everything counted anew", "[retry]") {
  Story s;
  s.rules.attempts = 1;
  s.missed_call();
  REQUIRE(s.ended(State::missed, Reason::business_no_answer));
  CHECK(s.feed(RetryAsked{}) == Verdict::moved);
  CHECK(s.is(State::queued));
  CHECK(s.c.generation == 2);
  CHECK_FALSE(s.c.finished_at);
  CHECK_FALSE(s.c.rang);
  CHECK(s.calls() == 2);
  CHECK(s.timer_due(TimerKind::give_up) == s.now() + Minutes(120));
  s.claim();
  CHECK(s.calls() == 2);
  s.placed();
  s.business(View::no_answer);
  CHECK(s.alerts() == 2);
}

TEST_CASE("retry: at the day's cap nothing is dialled", "[retry][money]") {
  Story s;
  s.rules.attempts = 1;
  s.missed_call();
  s.world.call_left = false;
  const Callback before = s.c;
  CHECK(s.feed(RetryAsked{}) == Verdict::over_budget);
  CHECK(s.c == before);
}

TEST_CASE("retry: outside hours with sms the call is given back and the business told again",
          "[retry][money]") {
  Story s;
  s.rules.attempts = 1;
  s.missed_call();
  s.rules.outside_hours = OutsideHours::sms;
  s.shut_until(s.now() + Minutes(60));
  s.feed(RetryAsked{});
  CHECK(s.ended(State::missed, Reason::outside_hours));
  CHECK(s.calls() == 1);
  CHECK(s.alerts() == 2);
}

TEST_CASE("retry: not what is open, cancelled, completed, unproven or a day old", "[retry]") {
  Story open;
  open.ask();
  CHECK(open.feed(RetryAsked{true}) == Verdict::stale);
  Story cancelled;
  cancelled.ask();
  cancelled.feed(CancelAsked{});
  CHECK(cancelled.feed(RetryAsked{true}) == Verdict::stale);
  Story talked;
  talked.connected();
  talked.snapshot(View::completed, View::completed);
  CHECK(talked.feed(RetryAsked{true}) == Verdict::stale);
  Story unproven;
  unproven.ask_unproven();
  unproven.ring(TimerKind::code);
  CHECK(unproven.feed(RetryAsked{true}) == Verdict::stale);
  Story old;
  old.rules.attempts = 1;
  old.missed_call();
  old.wait(Minutes(24 * 60));
  old.world.now += Millis{1};
  CHECK(old.feed(RetryAsked{true}) == Verdict::stale);
}

TEST_CASE("retry: a call in doubt needs \"dial again anyway\"", "[retry][doubt]") {
  Story s;
  s.given_up_in_doubt();
  CHECK(s.feed(RetryAsked{}) == Verdict::stale);
  CHECK(s.feed(RetryAsked{true}) == Verdict::moved);
}

TEST_CASE("retry: not while a phantom is up", "[retry][phantom]") {
  Story s;
  s.given_up_in_doubt();
  s.business(View::ringing);
  CHECK(s.feed(RetryAsked{true}) == Verdict::stale);
}
