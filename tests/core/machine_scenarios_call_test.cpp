// The call itself: knowledge, the gate, cancel, polls and the closing rule.
#include <catch2/catch.hpp>

#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("gate: 1 opens it, and the same question asked again changes nothing", "[gate]") {
  Story s;
  s.call();
  s.question(Point::answered);
  CHECK(s.is(State::calling, Phase::screening));
  CHECK_FALSE(s.attempt().gate_open);
  s.press("1");
  CHECK(s.is(State::calling, Phase::ringing_visitor));
  CHECK(s.attempt().gate_open);
  CHECK(s.press("1") == Verdict::stale);
  CHECK(s.attempt().gate_open);
}

TEST_CASE("gate: a key that comes as the first news of the call opens it", "[gate]") {
  Story s;
  s.ask();
  s.claim();
  s.press("1");
  CHECK(s.is(State::calling, Phase::ringing_visitor));
}

TEST_CASE("gate: any other key, or silence twice, refuses; silence once does not", "[gate]") {
  Story s;
  s.call();
  s.press("", 1);
  CHECK_FALSE(s.attempt().key_refused);
  s.press("", 2);
  CHECK(s.attempt().key_refused);
  CHECK(s.press("1", 2) == Verdict::stale);
  CHECK(s.is(State::calling, Phase::screening));
  s.business(View::completed);
  CHECK(s.c.last_reason == Reason::business_declined);

  Story other;
  other.call();
  other.press("7");
  CHECK(other.attempt().key_refused);
  CHECK_FALSE(other.attempt().gate_open);
}

TEST_CASE("gate: a machine does not open it", "[gate]") {
  Story s;
  s.call();
  s.feed(Questioned{1, "CA1", Point::answered, 1, "", true});
  s.press("1");
  CHECK_FALSE(s.attempt().gate_open);
  s.business(View::completed);
  CHECK(s.c.last_reason == Reason::business_machine);
}

TEST_CASE("gate: it stays shut after the leg's end, and for another call's question", "[gate]") {
  Story s;
  s.call();
  s.question(Point::answered);
  s.feed(Questioned{1, "CA77", Point::key, 1, "1", false});
  CHECK_FALSE(s.attempt().gate_open);
  s.business(View::completed);
  s.feed(Questioned{1, "CA1", Point::key, 1, "1", false});
  CHECK_FALSE(s.attempt(1).gate_open);
}

TEST_CASE("gate: without a key asked for, an answer opens it", "[gate]") {
  Story s;
  s.rules.accept = Accept::none;
  s.call();
  s.business(View::answered);
  CHECK(s.is(State::calling, Phase::screening));
  s.question(Point::answered);
  CHECK(s.is(State::calling, Phase::ringing_visitor));
  CHECK(s.attempt().gate_open);

  Story first;
  first.rules.accept = Accept::none;
  first.call();
  first.question(Point::answered);
  CHECK(first.is(State::calling, Phase::ringing_visitor));
}

TEST_CASE("gate: an accepted cancel shuts it for good", "[gate][cancel]") {
  Story s;
  s.call();
  s.question(Point::answered);
  CHECK(s.feed(CancelAsked{}) == Verdict::moved);
  CHECK(s.ended(State::cancelled, Reason::by_visitor));
  CHECK(s.ordered(OrderKind::hang_up));
  s.press("1");
  CHECK_FALSE(s.attempt().gate_open);
  s.business(View::completed);
  CHECK(s.attempt().state == AttemptState::ended);
  CHECK(s.alerts() == 0);
  CHECK_FALSE(s.timer(TimerKind::poll));
}

TEST_CASE("gate: cancelled, it stays shut though nobody is asked for a key", "[gate][cancel]") {
  Story s;
  s.rules.accept = Accept::none;
  s.call();
  s.feed(CancelAsked{});
  s.question(Point::answered);
  CHECK_FALSE(s.attempt().gate_open);
  CHECK(s.c.state == State::cancelled);
}

TEST_CASE("cancel: a carrier that cannot hang up is left to end by itself", "[cancel]") {
  Story s;
  s.rules.accounts[0].can_hang_up = false;
  s.call();
  CHECK(s.feed(CancelAsked{}) == Verdict::moved);
  CHECK_FALSE(s.ordered(OrderKind::hang_up));
  CHECK(s.c.state == State::cancelled);
}

TEST_CASE("cancel: once the gate is open it is too late, and nothing follows", "[cancel]") {
  Story s;
  s.accepted();
  CHECK(s.feed(CancelAsked{}) == Verdict::too_late);
  CHECK(s.is(State::calling, Phase::ringing_visitor));
  CHECK(s.c.cancel == Cancel::too_late);
  s.visitor(View::no_answer);
  s.business(View::completed);
  CHECK(s.ended(State::cancelled, Reason::by_visitor));
  CHECK(s.alerts() == 0);
}

TEST_CASE("cancel: too late, and they talked all the same", "[cancel]") {
  Story s;
  s.connected();
  s.feed(CancelAsked{});
  s.visitor(View::completed);
  s.business(View::completed);
  CHECK(s.ended(State::completed, Reason::none));
}

TEST_CASE("cancel: what is over stays as it is", "[cancel]") {
  Story s;
  s.call();
  s.feed(CancelAsked{});
  const Callback over = s.c;
  s.wait(Seconds(1));
  CHECK(s.feed(CancelAsked{Reason::by_operator}) == Verdict::too_late);
  CHECK(s.c == over);
  CHECK(s.nothing_ordered());

  Story missed;
  missed.given_up_in_doubt();
  CHECK(missed.feed(CancelAsked{}) == Verdict::too_late);
  CHECK(missed.c.cancel == Cancel::none);
}

TEST_CASE("cancel: with a carrier that runs the bridge it is too late from the claim on",
          "[cancel][bridge]") {
  Story s;
  s.rules.accounts[0].bridges_itself = true;
  s.ask();
  s.claim();
  CHECK(s.feed(CancelAsked{}) == Verdict::too_late);
  CHECK(s.c.state == State::calling);
}

TEST_CASE("cancel: with such a carrier an absent call keeps cancel too late", "[cancel][bridge]") {
  Story s;
  s.rules.accounts[0].bridges_itself = true;
  s.proven_absent();
  REQUIRE(s.is(State::scheduled, Phase::retry));
  CHECK(s.feed(CancelAsked{}) == Verdict::too_late);
  CHECK(s.is(State::scheduled, Phase::retry));
}

TEST_CASE("bridge: the carrier rings the visitor, whatever comes first", "[bridge]") {
  Story s;
  s.rules.accounts[0].bridges_itself = true;
  s.call();
  s.visitor(View::ringing);
  CHECK(s.is(State::calling, Phase::ringing_visitor));

  Story answered;
  answered.rules.accounts[0].bridges_itself = true;
  answered.call();
  answered.business(View::answered);
  CHECK(answered.is(State::calling, Phase::screening));
  answered.visitor(View::ringing);
  CHECK(answered.is(State::calling, Phase::ringing_visitor));
  answered.visitor(View::answered);
  CHECK(answered.is(State::connected));
}

TEST_CASE("bridge: the business leg's end alone does not end the call", "[bridge][closing]") {
  Story s;
  s.rules.accounts[0].bridges_itself = true;
  s.call();
  s.business(View::completed);
  CHECK(s.attempt().state == AttemptState::placed);
  CHECK(s.ordered(OrderKind::poll));
}

TEST_CASE("knowledge: views only rise, and the first final one stays", "[knowledge]") {
  Story s;
  s.accepted();
  s.visitor(View::answered);
  CHECK(s.is(State::connected));
  CHECK(s.visitor(View::ringing) == Verdict::stale);
  s.visitor(View::completed);
  CHECK(s.visitor(View::no_answer) == Verdict::stale);
  CHECK(s.attempt().visitor_leg.view == View::completed);
}

TEST_CASE("knowledge: unsigned news moves no view", "[knowledge]") {
  Story s;
  s.call();
  News hint{.attempt = 1, .ref = "CA1", .view = View::completed};
  hint.hint = true;
  CHECK(s.feed(hint) == Verdict::acted);
  CHECK(s.attempt().business_leg.view == View::none);
  CHECK(s.ordered(OrderKind::poll));
}

TEST_CASE("closing: two who talked are not rung again because one end came first", "[closing]") {
  Story s;
  s.connected();
  s.timers.erase(TimerKind::poll);
  s.business(View::completed);
  CHECK(s.is(State::connected));
  CHECK(s.ordered(OrderKind::poll));
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(60));
  s.visitor(View::completed);
  CHECK(s.ended(State::completed, Reason::none));
  CHECK(s.c.attempts.size() == 1);
  CHECK(s.alerts() == 0);
  CHECK_FALSE(s.timer(TimerKind::poll));
  CHECK_FALSE(s.ordered(OrderKind::poll));
}

TEST_CASE("closing: a snapshot with both ends closes at once", "[closing]") {
  Story s;
  s.accepted();
  s.snapshot(View::completed, View::completed);
  CHECK(s.ended(State::completed, Reason::none));
}

TEST_CASE("closing: a snapshot without a visitor leg closes as the second one after the lag",
          "[closing]") {
  Story s;
  s.rules.accounts[0].fetch_lag = Seconds(60);
  s.accepted();
  s.business(View::completed);
  s.wait(Seconds(59));
  s.snapshot(View::completed, View::none);
  CHECK_FALSE(s.attempt().childless_at);
  s.wait(Seconds(1));
  s.snapshot(View::completed, View::none);
  CHECK(s.attempt().childless_at);
  s.wait(Seconds(59));
  s.snapshot(View::completed, View::none);
  CHECK(s.attempt().state == AttemptState::placed);
  s.wait(Seconds(1));
  s.snapshot(View::completed, View::none);
  CHECK(s.attempt().state == AttemptState::ended);
  CHECK(s.c.last_reason == Reason::business_declined);
}

TEST_CASE("closing: the snapshot that shows the end is not yet one after the end", "[closing]") {
  Story s;
  s.accepted();
  s.snapshot(View::completed, View::none);
  CHECK_FALSE(s.attempt().childless_at);
  CHECK(s.ordered(OrderKind::poll));
}

TEST_CASE("closing: a visitor leg that shows after the close is late truth", "[closing]") {
  Story s;
  s.accepted();
  s.business(View::completed);
  s.snapshot(View::completed, View::none);
  s.wait(Seconds(60));
  s.snapshot(View::completed, View::none);
  REQUIRE(s.is(State::scheduled, Phase::retry));
  s.visitor(View::completed);
  CHECK(s.ended(State::completed, Reason::none));
  CHECK(s.c.late);
}

TEST_CASE("closing: no such call, twice, a minute apart, is the end", "[closing]") {
  Story s;
  s.connected();
  s.timers.clear();
  s.gone();
  CHECK(s.is(State::connected));
  CHECK(s.timer(TimerKind::poll));
  s.wait(Seconds(59));
  s.gone();
  CHECK(s.is(State::connected));
  s.wait(Seconds(1));
  s.gone();
  CHECK(s.ended(State::completed, Reason::none));
}

TEST_CASE("closing: an exchange that found its memory again counts anew", "[closing]") {
  Story s;
  s.connected();
  s.gone();
  s.wait(Seconds(60));
  s.snapshot(View::answered, View::answered);
  s.gone();
  CHECK(s.is(State::connected));
}

TEST_CASE("closing: gone before anybody answered, the visitor was not reached", "[closing]") {
  Story s;
  s.accepted();
  s.gone();
  s.wait(Seconds(60));
  s.gone();
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.c.reason == Reason::visitor_unreachable);
}

TEST_CASE("polls: they go on until the call is over", "[polls]") {
  Story s;
  s.call();
  s.ring(TimerKind::poll);
  CHECK(s.ordered(OrderKind::poll));
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(15));
  for (const int gap : {30, 60, 120, 120}) {
    s.ring(TimerKind::poll);
    CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(gap));
  }
  s.wait(Minutes(65));
  s.ring(TimerKind::poll);
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Minutes(10));
}

TEST_CASE("polls: without webhooks every few seconds until they are connected", "[polls]") {
  Story s;
  s.rules.accounts[0].polled = s.rules.accounts[0].bridges_itself = true;
  s.rules.accept = Accept::none;
  s.call();
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(3));
  for (int i = 0; i < 12; ++i) {
    s.ring(TimerKind::poll);
    CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(3));
  }
  s.snapshot(View::answered, View::ringing);
  CHECK(s.is(State::calling, Phase::ringing_visitor));
  s.ring(TimerKind::poll);
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(3));
  s.snapshot(View::answered, View::answered);
  CHECK(s.is(State::connected));
  s.ring(TimerKind::poll);
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(15));
  s.snapshot(View::completed, View::completed);
  CHECK(s.ended(State::completed, Reason::none));
}

TEST_CASE("polls: without webhooks the closing looks come at their gap, however many there were",
          "[polls][closing]") {
  Story s;
  s.rules.accounts[0].polled = s.rules.accounts[0].bridges_itself = true;
  s.rules.accept = Accept::none;
  s.call();
  for (int i = 0; i < 12; ++i) s.ring(TimerKind::poll);
  s.snapshot(View::completed, View::none);
  s.ring(TimerKind::poll);
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(60));
}

TEST_CASE("polls: over with nothing known, a call may have rung", "[polls][alert]") {
  Story s;
  s.accepted();
  s.wait(polling_window(s.rules));
  s.ring(TimerKind::poll);
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
  CHECK(s.attempt().state == AttemptState::in_doubt_ended);
  CHECK(s.alerts() == 1);
  CHECK_FALSE(s.timer(TimerKind::poll));
  CHECK(s.feed(RetryAsked{}) == Verdict::stale);
  CHECK(s.feed(RetryAsked{true}) == Verdict::moved);
}

TEST_CASE("polls: over with the visitor seen to answer, they talked", "[polls]") {
  Story s;
  s.connected();
  s.wait(polling_window(s.rules));
  s.ring(TimerKind::poll);
  CHECK(s.ended(State::completed, Reason::none));
  CHECK(s.alerts() == 0);
  CHECK(s.attempt().state == AttemptState::in_doubt_ended);
}

TEST_CASE("polls: over, and the carrier says they were never joined", "[polls]") {
  Story s;
  s.accepted();
  s.feed(News{.attempt = 1,
              .ref = "CA1",
              .side = Side::visitor,
              .view = View::completed,
              .never_joined = true});
  s.wait(polling_window(s.rules));
  s.ring(TimerKind::poll);
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
}

TEST_CASE("polls: a phantom is asked about though the live call is given up", "[polls][phantom]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.proven_absent();
  s.claim();
  s.placed();
  s.wait(polling_window(s.rules) - Minutes(1));
  s.attempt(1).claimed_at = s.now();
  s.feed(News{.attempt = 1, .ref = "CA1", .view = View::answered});
  s.wait(Minutes(1));
  s.ring(TimerKind::poll);
  CHECK(s.attempt(2).state == AttemptState::in_doubt_ended);
  CHECK(s.timer(TimerKind::poll));
  CHECK(s.ordered(OrderKind::poll, 1));
}

TEST_CASE("polls: a poll timer asks while an order waits or sends, about a phantom",
          "[polls][phantom]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.proven_absent();
  s.feed(News{.attempt = 1, .ref = "CA1", .view = View::ringing});
  s.ring(TimerKind::poll);
  CHECK(s.ordered(OrderKind::poll, 1));
  CHECK(s.timer(TimerKind::poll));
}

TEST_CASE("polls: give-up does not end a call under way", "[polls]") {
  Story s;
  s.call();
  s.ring(TimerKind::give_up);
  CHECK(s.is(State::calling, Phase::ringing_business));
  CHECK(s.c.too_old);
  s.business(View::no_answer);
  CHECK(s.ended(State::missed, Reason::business_no_answer));
  CHECK(s.c.attempts.size() == 1);
}

TEST_CASE("polls: give-up means nothing to a call that is over", "[polls]") {
  Story s;
  s.call();
  s.feed(CancelAsked{});
  CHECK(s.feed(TimerRang{TimerKind::give_up}) == Verdict::stale);
  CHECK_FALSE(s.c.too_old);
}
