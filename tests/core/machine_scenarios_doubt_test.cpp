// Doubt: a request that may have been taken; adoption; calls that turn up after all.
#include <catch2/catch.hpp>

#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("doubt: it is looked up, and again", "[doubt]") {
  Story s;
  s.in_doubt();
  s.ring(TimerKind::doubt);
  CHECK(s.ordered(OrderKind::look_up));
  CHECK(s.timer_due(TimerKind::doubt) == s.now() + Seconds(60));
  CHECK(s.last.verdict == Verdict::acted);
}

TEST_CASE("doubt: an empty list before the quarantine's end proves nothing", "[doubt]") {
  Story s;
  s.in_doubt();
  s.wait(Seconds(209));
  s.look(0);
  s.look(0);
  CHECK(s.is(State::calling, Phase::in_doubt));
  CHECK(s.attempt().empty_looks == 0);
}

TEST_CASE("doubt: a wall clock that jumped does not shorten the quarantine", "[doubt]") {
  Story s;
  s.in_doubt();
  s.wait(Minutes(10));
  s.world.steady_since_claim = Seconds(209);
  s.look(0);
  s.wait(Seconds(60));
  s.look(0);
  CHECK(s.attempt().empty_looks == 0);
}

TEST_CASE("doubt: absence is proven by two empty lists, 30 s apart", "[doubt]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.in_doubt();
  s.wait(Seconds(210));
  s.look(0);
  CHECK(s.attempt().empty_looks == 1);
  s.wait(Seconds(29));
  s.look(0);
  CHECK(s.is(State::calling, Phase::in_doubt));
  s.wait(Seconds(1));
  s.look(0);
  CHECK(s.attempt(1).state == AttemptState::absent);
  CHECK(s.is(State::queued));
  CHECK(s.attempt().number_index == 1);
  CHECK(s.calls() == 0);  // the next attempt pays at its claim
  CHECK_FALSE(s.timer(TimerKind::doubt));
}

TEST_CASE("doubt: never redial means an alert that a call may have rung", "[doubt]") {
  Story s;
  s.rules.redial_unknown = RedialUnknown::never;
  s.proven_absent();
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
  CHECK(s.attempt().state == AttemptState::in_doubt_ended);
  CHECK(s.alerts() == 1);
  CHECK(s.calls() == 1);
}

TEST_CASE("doubt: absent calls to the end are the carrier's fault", "[doubt][alert]") {
  Story s;
  s.rules.attempts = 1;
  s.proven_absent();
  CHECK(s.ended(State::failed, Reason::carrier_unavailable));
  CHECK(s.calls() == 0);
}

TEST_CASE("doubt: one candidate without a rival is ours", "[doubt]") {
  Story s;
  s.in_doubt();
  CHECK(s.look(2) == Verdict::stale);
  CHECK(s.look(1, true) == Verdict::stale);
  s.look(1);
  CHECK(s.is(State::calling, Phase::ringing_business));
  CHECK(s.attempt().ref == "CA1");
  CHECK(s.ordered(OrderKind::poll));
  CHECK_FALSE(s.timer(TimerKind::doubt));
}

TEST_CASE("doubt: half an hour after the claim it is given up", "[doubt]") {
  Story s;
  s.given_up_in_doubt();
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
  CHECK(s.attempt().state == AttemptState::in_doubt_ended);
  CHECK_FALSE(s.timer(TimerKind::doubt));
  CHECK(s.alerts() == 1);
}

TEST_CASE("doubt: a carrier that cannot be asked is waited for, then never redialled", "[doubt]") {
  Story s;
  s.rules.accounts[0].can_find_calls = false;
  s.in_doubt();
  s.ring(TimerKind::doubt);
  CHECK_FALSE(s.ordered(OrderKind::look_up));
  CHECK(s.timer_due(TimerKind::doubt) == *s.attempt().doubt_until);
  s.ring(TimerKind::doubt);
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
  CHECK(s.attempt().state == AttemptState::in_doubt_ended);
}

TEST_CASE("doubt: a webhook with the token binds, whatever it tells", "[doubt]") {
  Story s;
  s.in_doubt();
  s.business(View::ringing);
  CHECK(s.attempt().ref == "CA1");
  CHECK(s.attempt().state == AttemptState::placed);
  CHECK(s.is(State::calling, Phase::ringing_business));

  Story early;
  early.ask();
  early.claim();
  early.question(Point::answered);
  CHECK(early.is(State::calling, Phase::screening));
  CHECK(early.placed() == Verdict::stale);
}

TEST_CASE("doubt: a webhook binds an order that was taken for not sent", "[doubt][money]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::not_sent);
  s.business(View::answered);
  CHECK(s.is(State::calling, Phase::screening));
  CHECK_FALSE(s.ordered(OrderKind::dial));
  CHECK(s.c.held_day == 0);
  CHECK(s.attempt().budget_day == Story::kToday);
}

TEST_CASE("doubt: news that came before the reference counts when it is known", "[doubt]") {
  Story s;
  s.ask();
  s.claim();
  s.feed(News{.attempt = 1, .ref = "", .side = Side::business, .view = View::no_answer});
  s.placed();
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.attempt().state == AttemptState::ended);
}

TEST_CASE("doubt: unsigned news binds and orders a poll, nothing more", "[doubt]") {
  for (const bool queued : {false, true}) {
    Story s;
    s.ask();
    s.claim();
    if (queued) s.reply(Taken::not_sent);
    s.hint();
    CHECK(s.attempt().ref == "CA1");
    CHECK(s.ordered(OrderKind::poll));
    CHECK(s.is(State::calling, Phase::ringing_business));
  }
}

TEST_CASE("doubt: a look-up that comes late is not a second call", "[doubt]") {
  Story s;
  s.call();
  CHECK(s.feed(LookedUp{1, 1, false, "CA99", s.now()}) == Verdict::stale);
  CHECK_FALSE(s.last.foreign_call);
}

TEST_CASE("doubt: news of a second call for one attempt is not believed", "[doubt]") {
  Story s;
  s.call();
  CHECK(s.feed(News{.attempt = 1, .ref = "CA99", .view = View::completed}) == Verdict::stale);
  CHECK(s.last.foreign_call);
  CHECK(s.attempt().business_leg.view == View::none);
}

TEST_CASE("doubt: cancelled in doubt, the call is hung up when it is found", "[doubt][cancel]") {
  Story s;
  s.in_doubt();
  CHECK(s.feed(CancelAsked{}) == Verdict::moved);
  CHECK(s.timer(TimerKind::doubt));
  s.ring(TimerKind::doubt);
  CHECK(s.ordered(OrderKind::look_up));
  s.look(1);
  CHECK(s.ordered(OrderKind::hang_up));
  CHECK(s.ended(State::cancelled, Reason::by_visitor));
}

TEST_CASE("phantom: an absent call that rings is hung up, polled, and bars the next", "[phantom]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.proven_absent();
  REQUIRE(s.is(State::queued));
  const auto news = [&](Side side, View view) {
    return s.feed(News{.attempt = 1, .ref = "CA1", .side = side, .view = view});
  };
  news(Side::business, View::ringing);
  CHECK(s.ordered(OrderKind::hang_up, 1));
  CHECK(s.timer(TimerKind::poll));
  s.claim();
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.timer_due(TimerKind::not_before) == s.now() + Seconds(30));
  s.ring(TimerKind::not_before);
  CHECK(s.is(State::scheduled, Phase::retry));
  news(Side::business, View::no_answer);
  s.ring(TimerKind::not_before);
  CHECK(s.is(State::queued));
}

TEST_CASE("phantom: it turns up in a late answer, in the list, or by unsigned news", "[phantom]") {
  for (const int way : {0, 1, 2}) {
    Story s;
    s.given_up_in_doubt();
    s.outbox.clear();
    if (way == 0) s.placed();
    if (way == 1) s.look(1);
    if (way == 2) s.hint();
    CHECK(s.attempt().ref == "CA1");
    CHECK(s.timer(TimerKind::poll));
    CHECK(s.ordered(OrderKind::hang_up));
    CHECK(s.ordered(OrderKind::poll) == (way != 0));
    CHECK(s.ended(State::missed, Reason::outcome_unknown));
  }
}

TEST_CASE("phantom: unsigned news of a known one orders a poll", "[phantom]") {
  Story s;
  s.given_up_in_doubt();
  s.business(View::ringing);
  s.outbox.clear();
  CHECK(s.hint() == Verdict::acted);
  CHECK(s.ordered(OrderKind::poll));
}

TEST_CASE("phantom: a list that shows a call of a refused order is not believed", "[phantom]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::refused_account);
  CHECK(s.look(1) == Verdict::stale);
  CHECK(s.attempt().ref.empty());
}

TEST_CASE("phantom: who talks is never cut, and the late truth is told", "[phantom]") {
  Story s;
  s.given_up_in_doubt();
  s.business(View::answered);
  s.outbox.clear();
  s.timers.clear();
  s.visitor(View::answered);
  CHECK_FALSE(s.ordered(OrderKind::hang_up));
  CHECK(s.timer(TimerKind::poll));
  CHECK(s.ended(State::missed, Reason::outcome_unknown));
  s.visitor(View::completed);
  CHECK(s.ended(State::completed, Reason::none));
  CHECK(s.c.late);
}

TEST_CASE("phantom: late truth withdraws the order that waits and drops the unsent text",
          "[phantom]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.proven_absent();
  s.feed(News{.attempt = 1, .ref = "CA1", .side = Side::visitor, .view = View::completed});
  CHECK(s.ended(State::completed, Reason::none));
  CHECK(s.attempt(2).state == AttemptState::withdrawn);
  CHECK_FALSE(s.ordered(OrderKind::dial, 2));
  CHECK(s.calls() == 0);
  CHECK_FALSE(s.timer(TimerKind::give_up));

  Story told;
  told.given_up_in_doubt();
  told.visitor(View::completed);
  told.claim_text();
  CHECK(told.message().state == MessageState::refused);
  CHECK(told.texts() == 0);
}

TEST_CASE("phantom: late truth hangs up the call that rings, not one where they talk",
          "[phantom]") {
  for (const View view : {View::none, View::answered}) {
    Story s;
    s.rules.numbers = {number(0), number(1)};
    s.proven_absent();
    s.claim();
    s.placed();
    if (view != View::none) s.visitor(view);
    s.feed(News{.attempt = 1, .ref = "CA1", .side = Side::visitor, .view = View::completed});
    CHECK(s.ended(State::completed, Reason::none));
    CHECK(s.ordered(OrderKind::hang_up, 2) == (view == View::none));
    s.business(View::completed);
    s.visitor(View::completed);
    CHECK(s.attempt(2).state == AttemptState::ended);
    CHECK(s.c.state == State::completed);
  }
}

TEST_CASE("phantom: cancelled and completed have no late truth", "[phantom]") {
  Story s;
  s.in_doubt();
  s.feed(CancelAsked{});
  s.wait(Minutes(30));
  s.feed(TimerRang{TimerKind::doubt});
  CHECK(s.attempt().state == AttemptState::in_doubt_ended);
  CHECK_FALSE(s.c.in_doubt_ended);
  s.visitor(View::completed);
  CHECK(s.ended(State::cancelled, Reason::by_visitor));
  CHECK_FALSE(s.c.late);

  Story done;
  done.connected();
  done.visitor(View::completed);
  done.business(View::completed);
  REQUIRE(done.ended(State::completed, Reason::none));
  const auto finished_at = done.c.finished_at;
  done.wait(Minutes(5));
  done.feed(News{.attempt = 1,
                 .ref = done.attempt().ref,
                 .side = Side::visitor,
                 .view = View::completed,
                 .talk_seconds = 61});
  done.snapshot(View::completed, View::completed);
  CHECK(done.ended(State::completed, Reason::none));
  CHECK_FALSE(done.c.late);
  CHECK(done.c.finished_at == finished_at);
}

TEST_CASE("phantom: it is polled while another call lives, and forgotten at last",
          "[phantom][polls]") {
  Story s;
  s.given_up_in_doubt();
  s.business(View::ringing);
  s.ring(TimerKind::poll);
  CHECK(s.ordered(OrderKind::poll, 1));
  CHECK(s.feed(RetryAsked{true}) == Verdict::stale);
  s.wait(polling_window(s.rules));
  s.ring(TimerKind::poll);
  CHECK_FALSE(s.timer(TimerKind::poll));
  CHECK(s.feed(RetryAsked{true}) == Verdict::moved);
}
