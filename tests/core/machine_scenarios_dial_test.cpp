// The claim, and what a carrier may answer to the order.
#include <catch2/catch.hpp>

#include "core/domain/spread.hpp"
#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("claim: one request leaves, with a timer for its doubt", "[claim]") {
  Story s;
  s.ask();
  CHECK(s.claim() == Verdict::moved);
  CHECK(s.is(State::calling, Phase::ringing_business));
  CHECK(s.attempt().state == AttemptState::sending);
  CHECK(s.attempt().fence == 1);
  CHECK_FALSE(s.ordered(OrderKind::dial));
  CHECK(s.timer_due(TimerKind::doubt) == s.now() + Seconds(30));
  CHECK(s.attempt().doubt_until == s.now() + Seconds(210));
  CHECK(s.claim() == Verdict::stale);
}

TEST_CASE("claim: without a free line or turn nothing is sent and the order waits", "[claim]") {
  Story s;
  s.ask();
  s.world.line_free = false;
  CHECK(s.claim() == Verdict::acted);
  CHECK(s.is(State::queued));
  CHECK(s.attempt().state == AttemptState::ready);
  CHECK(s.order_due(OrderKind::dial) == s.now() + Seconds(1));
  s.world.line_free = true;
  s.world.pace_at = s.now() + Seconds(5);
  CHECK(s.claim() == Verdict::acted);
  CHECK(s.order_due(OrderKind::dial) == s.now() + Seconds(5));
}

TEST_CASE("claim: the second attempt pays itself, and ends the story at the cap",
          "[claim][money]") {
  Story s;
  s.missed_call();
  s.ring(TimerKind::not_before);
  CHECK(s.calls() == 1);
  s.world.call_left = false;
  s.claim();
  CHECK(s.ended(State::missed, Reason::business_no_answer));
  CHECK(s.attempt().state == AttemptState::withdrawn);
  CHECK(s.calls() == 1);
}

TEST_CASE("claim: at the cap with nothing rung it failed for the budget", "[claim][money]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::refused_account);
  REQUIRE(s.is(State::scheduled, Phase::retry));
  s.ring(TimerKind::not_before);
  s.world.call_left = false;
  s.claim();
  CHECK(s.ended(State::failed, Reason::budget_reached));
  CHECK(s.calls() == 0);
}

TEST_CASE("answer: placed binds the reference", "[answer]") {
  Story s;
  s.ask();
  s.claim();
  s.placed();
  CHECK(s.attempt().state == AttemptState::placed);
  CHECK(s.attempt().ref == "CA1");
  CHECK_FALSE(s.timer(TimerKind::doubt));
  CHECK(s.timer_due(TimerKind::poll) == s.now() + Seconds(40));
  CHECK(s.placed() == Verdict::stale);
}

TEST_CASE("answer: placed without a reference is no answer", "[answer]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::accepted, "");
  CHECK(s.is(State::calling, Phase::in_doubt));
}

TEST_CASE("answer: a reference after the order was taken for not sent is the call", "[answer]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::not_sent);
  REQUIRE(s.is(State::queued));
  s.placed();
  CHECK(s.is(State::calling, Phase::ringing_business));
  CHECK_FALSE(s.ordered(OrderKind::dial));
  CHECK(s.calls() == 1);
}

TEST_CASE("answer: throttled is tried again, later and later, six times in all", "[answer]") {
  Story s;
  s.ask();
  for (const int wait : {2, 4, 8, 16, 32}) {
    s.claim();
    CHECK(s.reply(Taken::throttled) == Verdict::moved);
    CHECK(s.is(State::queued));
    CHECK(s.order_due(OrderKind::dial) ==
          s.now() + spread(Seconds(wait), s.c.id, s.attempt().throttled));
    CHECK_FALSE(s.timer(TimerKind::doubt));
    CHECK(s.calls() == 1);
  }
  s.claim();
  CHECK(s.attempt().fence == 6);
  s.reply(Taken::throttled);
  CHECK(s.attempt().state == AttemptState::rejected);
  CHECK(s.calls() == 0);
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.c.reason == Reason::carrier_unavailable);
}

TEST_CASE("answer: the carrier's own waiting time counts if it is longer", "[answer]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::throttled, "", Seconds(90));
  CHECK(s.order_due(OrderKind::dial) == s.now() + spread(Seconds(90), s.c.id, 1));
}

TEST_CASE("answer: throttled to the end is the carrier's fault", "[answer][alert]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::throttled, "", Minutes(300));
  s.ring(TimerKind::give_up);
  CHECK(s.ended(State::failed, Reason::carrier_unavailable));
  CHECK(s.calls() == 0);
}

TEST_CASE("answer: throttled when it is too old is not tried again", "[answer]") {
  Story s;
  s.ask();
  s.wait(Minutes(119));
  s.claim();
  s.wait(Minutes(1));
  s.ring(TimerKind::give_up);
  CHECK(s.is(State::calling, Phase::ringing_business));
  CHECK(s.c.too_old);
  s.reply(Taken::throttled);
  CHECK(s.ended(State::failed, Reason::carrier_unavailable));
  CHECK(s.alerts() == 1);
}

TEST_CASE("answer: a second account is tried after a refusal, and only then", "[answer]") {
  for (const Taken taken : {Taken::refused_account, Taken::throttled}) {
    Story s;
    s.rules.accounts.push_back(account("two"));
    s.ask();
    for (int i = 1; taken == Taken::throttled && i < kMostThrottles; ++i) {
      s.claim();
      s.reply(taken);
    }
    s.claim();
    s.reply(taken);
    CHECK(s.is(State::queued));
    CHECK(s.attempt(1).state == AttemptState::rejected);
    CHECK(s.attempt(2).account == 1);
    CHECK(s.attempt(2).number_index == 0);
    CHECK(s.ordered(OrderKind::dial, 2));
    CHECK(s.calls() == 1);
    s.claim();
    s.reply(Taken::refused_account);
    CHECK(s.is(State::scheduled, Phase::retry));
    CHECK(s.c.reason == Reason::carrier_refused);
    CHECK(s.calls() == 0);
  }
  Story doubt;
  doubt.rules.accounts.push_back(account("two"));
  doubt.in_doubt();
  CHECK(doubt.c.attempts.size() == 1);
}

TEST_CASE("answer: what was to be said, or how, at fault is the account's no for this order alone",
          "[answer]") {
  Story s;
  s.rules.accounts.push_back(account("two"));
  s.ask();
  s.claim();
  s.reply(Taken::refused_content);
  CHECK(s.attempt(1).outcome == Reason::carrier_refused);
  CHECK(s.attempt(2).account == 1);
  s.claim();
  s.reply(Taken::refused_content);
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.c.reason == Reason::carrier_refused);
  CHECK(s.c.struck.empty());
}

TEST_CASE("claim: an account that is left alone is passed over, and costs nothing", "[claim]") {
  Story s;
  s.rules.accounts.push_back(account("two"));
  s.ask();
  s.world.left_alone = true;
  s.claim();
  CHECK(s.is(State::queued));
  CHECK(s.attempt(1).state == AttemptState::withdrawn);
  CHECK_FALSE(s.attempt(1).claimed_at.has_value());
  CHECK(s.attempt(2).account == 1);
  CHECK(s.attempt(2).number_index == 0);
  CHECK_FALSE(s.ordered(OrderKind::dial, 1));
  CHECK(s.ordered(OrderKind::dial, 2));
  CHECK(s.calls() == 1);

  SECTION("the last account is waited for") {
    CHECK(s.claim() == Verdict::acted);
    CHECK(s.is(State::queued));
    CHECK(s.attempt(2).state == AttemptState::ready);
    CHECK(s.c.attempts.size() == 2);
    s.ring(TimerKind::give_up);
    CHECK(s.ended(State::expired, Reason::too_old));
  }
  SECTION("the next account rings, and the next round begins with the first again") {
    s.world.left_alone = false;
    s.claim();
    s.reply(Taken::refused_account);
    REQUIRE(s.is(State::scheduled, Phase::retry));
    s.ring(TimerKind::not_before);
    CHECK(s.attempt(3).account == 0);
  }
}

TEST_CASE("answer: a refused number is struck and not rung again", "[answer]") {
  Story s;
  s.rules.numbers = {number(0), number(1)};
  s.ask();
  s.claim();
  s.reply(Taken::refused_number);
  CHECK(s.is(State::queued));
  CHECK(s.c.struck == std::vector<int>{0});
  CHECK(s.attempt().number_index == 1);
  s.claim();
  s.reply(Taken::refused_number);
  CHECK(s.ended(State::failed, Reason::carrier_refused));
  CHECK(s.calls() == 0);
  CHECK(s.alerts() == 1);
}

TEST_CASE("answer: silence, a dead sender and an old claim are doubt", "[answer][doubt]") {
  const auto doubted = [](const Event& event) {
    Story s;
    s.ask();
    s.claim();
    s.wait(Seconds(30));
    s.feed(event);
    CHECK(s.is(State::calling, Phase::in_doubt));
    CHECK(s.attempt().state == AttemptState::unknown);
    CHECK(s.timer_due(TimerKind::doubt) == s.now() + Seconds(20));
    CHECK(s.c.attempts.size() == 1);
    CHECK(s.calls() == 1);
  };
  doubted(DialAnswered{1, 1, Outcome{}});
  doubted(SenderDied{.attempt = 1});
  doubted(TimerRang{TimerKind::doubt});
}

TEST_CASE("answer: an answer to an earlier claim moves nothing", "[answer]") {
  Story s;
  s.ask();
  s.claim();
  s.reply(Taken::throttled);
  s.claim();
  CHECK(s.feed(DialAnswered{1, 1, Outcome{Taken::refused_account, "", Millis{0}, ""}}) ==
        Verdict::stale);
  CHECK(s.attempt().state == AttemptState::sending);
}

TEST_CASE("answer: after a cancel nothing is tried again", "[answer][cancel]") {
  for (const Taken taken : {Taken::throttled, Taken::refused_account, Taken::refused_number}) {
    Story s;
    s.rules.accounts.push_back(account("two"));
    s.ask();
    s.claim();
    s.feed(CancelAsked{});
    s.reply(taken);
    CHECK(s.ended(State::cancelled, Reason::by_visitor));
    CHECK(s.attempt().state ==
          (taken == Taken::throttled ? AttemptState::withdrawn : AttemptState::rejected));
    CHECK(s.c.struck.empty());
    CHECK(s.c.fault == Reason::none);
    CHECK(s.c.attempts.size() == 1);
    CHECK(s.outbox.empty());
    CHECK(s.timers.empty());
    CHECK(s.calls() == 0);
  }
}

TEST_CASE("answer: a call placed after the cancel is hung up", "[answer][cancel]") {
  Story s;
  s.ask();
  s.claim();
  s.feed(CancelAsked{});
  CHECK_FALSE(s.ordered(OrderKind::hang_up));
  s.placed();
  CHECK(s.ordered(OrderKind::hang_up));
  CHECK(s.ended(State::cancelled, Reason::by_visitor));
  CHECK(s.timer(TimerKind::poll));
}
