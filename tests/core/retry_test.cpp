// When an operator may begin a callback anew, and what is said when not.
#include "core/domain/retry.hpp"

#include "tests/core/support/story.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using ringback::test::Story;

namespace {

RetryBar bar(const Story& s, bool anyway = false) {
  return retry_bar(s.c, s.rules, s.now(), anyway);
}

}  // namespace

TEST_CASE("retry bar: what is under way is not begun anew, not even anyway", "[retry]") {
  Story unproven;
  unproven.ask_unproven();
  CHECK(bar(unproven, true) == RetryBar::not_over);
  Story ringing;
  ringing.call();
  CHECK(bar(ringing, true) == RetryBar::not_over);
}

TEST_CASE("retry bar: while a call is in doubt no other is begun, not even anyway",
          "[retry][doubt]") {
  Story s;
  s.in_doubt();
  CHECK(has_doubt(s.c));
  CHECK(bar(s, true) == RetryBar::not_over);
  const Callback before = s.c;
  CHECK(s.feed(RetryAsked{true}) == Verdict::stale);
  CHECK(s.c == before);
}

TEST_CASE("retry bar: a doubt that nobody could resolve needs \"anyway\"", "[retry][doubt]") {
  Story s;
  s.given_up_in_doubt();
  CHECK(has_doubt(s.c));
  CHECK(bar(s) == RetryBar::may_have_rung);
  CHECK(bar(s, true) == RetryBar::none);
  // Once said, it must be said again: the old call is as unknown as it was.
  s.rules.attempts = 1;
  REQUIRE(s.feed(RetryAsked{true}) == Verdict::moved);
  CHECK(bar(s, true) == RetryBar::not_over);
  s.claim();
  s.placed();
  s.business(View::busy);
  REQUIRE(s.ended(State::missed, Reason::business_busy));
  CHECK(bar(s) == RetryBar::may_have_rung);
}

TEST_CASE("retry bar: a call proven absent bars nothing", "[retry][doubt]") {
  Story s;
  s.rules.attempts = 1;
  s.proven_absent();
  REQUIRE(is_final(s.c.state));
  CHECK_FALSE(has_doubt(s.c));
  CHECK(bar(s) == RetryBar::none);
}

TEST_CASE("retry bar: each reason has a name of its own", "[retry]") {
  Story talked;
  talked.connected();
  talked.snapshot(View::completed, View::completed);
  CHECK(bar(talked, true) == RetryBar::completed);
  Story cancelled;
  cancelled.ask();
  cancelled.feed(CancelAsked{});
  CHECK(bar(cancelled, true) == RetryBar::cancelled);
  Story never;
  never.ask_unproven();
  never.ring(TimerKind::code);
  CHECK(bar(never, true) == RetryBar::never_proven);
  Story phantom;
  phantom.given_up_in_doubt();
  phantom.business(View::ringing);
  CHECK(bar(phantom, true) == RetryBar::phantom_up);
  Story missed;
  missed.rules.attempts = 1;
  missed.missed_call();
  CHECK(bar(missed) == RetryBar::none);
  missed.wait(missed.rules.times.consent);
  CHECK(bar(missed) == RetryBar::none);
  missed.wait(Millis(1));
  CHECK(bar(missed, true) == RetryBar::consent_old);
}

TEST_CASE("retry bar: final for everybody, but its call is not known to be over", "[retry]") {
  // Late truth ends a callback whose newer call still lives.
  Story s;
  s.rules.numbers = {ringback::test::number(0), ringback::test::number(1)};
  s.proven_absent();
  s.claim();
  s.placed();
  s.feed(News{.attempt = 1, .ref = "CA1", .side = Side::visitor, .view = View::completed});
  REQUIRE(s.ended(State::completed, Reason::none));
  CHECK(bar(s, true) == RetryBar::completed);
  Story cancelled;
  cancelled.call();
  cancelled.feed(CancelAsked{});
  CHECK(bar(cancelled, true) == RetryBar::cancelled);
}

TEST_CASE("retry: asked twice, one call is ordered", "[retry]") {
  Story s;
  s.given_up_in_doubt();
  REQUIRE(s.feed(RetryAsked{true}) == Verdict::moved);
  const auto attempts = s.c.attempts.size();
  const auto money = s.calls();
  CHECK(s.feed(RetryAsked{true}) == Verdict::stale);
  CHECK(s.c.attempts.size() == attempts);
  CHECK(s.calls() == money);
}

TEST_CASE("cancel: too late by an operator, the end says so", "[cancel]") {
  Story s;
  s.accepted();
  CHECK(s.feed(CancelAsked{Reason::by_operator}) == Verdict::too_late);
  // Who was first stays.
  CHECK(s.feed(CancelAsked{Reason::by_visitor}) == Verdict::too_late);
  s.visitor(View::no_answer);
  s.business(View::completed);
  CHECK(s.ended(State::cancelled, Reason::by_operator));
}
