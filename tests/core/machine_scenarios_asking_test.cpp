// Asking, proving the number by a code, and waiting for the time to come.
#include <catch2/catch.hpp>

#include "core/domain/status_text.hpp"
#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

TEST_CASE("asking: at the day's cap of texts nothing is stored or sent", "[asking]") {
  Story s;
  s.world.text_left = false;
  CHECK(s.ask_unproven() == Verdict::over_budget);
  CHECK(s.c == Callback{});
  CHECK(s.nothing_ordered());
  CHECK(s.texts() == 0);
}

TEST_CASE("asking: at the day's cap of calls nothing is stored or dialled", "[asking]") {
  Story s;
  s.world.call_left = false;
  CHECK(s.ask() == Verdict::over_budget);
  CHECK(s.c == Callback{});
  CHECK(s.nothing_ordered());
  CHECK(s.calls() == 0);
}

TEST_CASE("asking: a number over its silent limit looks as always, and no text goes out",
          "[asking]") {
  Story s;
  CHECK(s.feed(Asked{.proven = false, .suppressed = true}) == Verdict::moved);
  CHECK(s.is(State::pending));
  CHECK(s.c.messages.empty());
  CHECK(s.timer(TimerKind::code));
  CHECK(s.texts() == 0);
}

TEST_CASE("asking: an unproven number gets a code and no call", "[asking]") {
  Story s;
  CHECK(s.ask_unproven() == Verdict::moved);
  CHECK(s.is(State::pending));
  CHECK(s.ordered(OrderKind::send_text, 1));
  CHECK(s.timer_due(TimerKind::code) == s.now() + Seconds(300));
  CHECK(s.texts() == 1);
  CHECK(s.calls() == 0);
  CHECK(s.c.attempts.empty());
}

TEST_CASE("asking: a proven number is called at once", "[asking]") {
  Story s;
  CHECK(s.ask() == Verdict::moved);
  CHECK(s.is(State::queued));
  CHECK(s.ordered(OrderKind::dial, 1));
  CHECK(s.calls() == 1);
  CHECK(s.timer_due(TimerKind::give_up) == s.now() + Minutes(120));
}

TEST_CASE("asking: asked twice is not asked again", "[asking]") {
  Story s;
  s.ask();
  CHECK(s.ask() == Verdict::stale);
  CHECK(s.calls() == 1);
  CHECK(s.c.attempts.size() == 1);
}

TEST_CASE("asking: a slot is waited for, and give-up counts from it", "[asking]") {
  Story s;
  s.c.slot = s.now() + Minutes(600);
  s.world.first_due_day = Story::kToday + 1;
  s.ask();
  CHECK(s.is(State::scheduled, Phase::slot));
  CHECK(s.timer_due(TimerKind::not_before) == *s.c.slot);
  CHECK(s.timer_due(TimerKind::give_up) == *s.c.slot + Minutes(120));
  CHECK(s.spent[{Budget::calls, Story::kToday + 1}] == 1);
  s.ring(TimerKind::not_before);
  CHECK(s.is(State::queued));
  CHECK_FALSE(s.c.scheduled_for);
}

TEST_CASE("asking: a slot that is past is now", "[asking]") {
  Story s;
  s.c.slot = s.now() - Minutes(1);
  s.ask();
  CHECK(s.is(State::queued));
}

TEST_CASE("code: a wrong one costs a try, the last one ends it and nobody is told", "[code]") {
  Story s;
  s.ask_unproven();
  for (int tries = 4; tries >= 1; --tries) {
    s.feed(CodeEntered{false});
    CHECK(s.is(State::pending));
    CHECK(s.c.verification.tries_left == tries);
  }
  s.feed(CodeEntered{false});
  CHECK(s.ended(State::expired, Reason::none));
  CHECK(s.c.verification.tries_left == 0);
  CHECK(s.alerts() == 0);
  CHECK_FALSE(s.timer(TimerKind::code));
  CHECK(s.feed(CodeEntered{true}) == Verdict::stale);
}

TEST_CASE("code: what ran out is not good any more, though its timer is late", "[code]") {
  for (const bool right : {true, false}) {
    Story s;
    s.ask_unproven();
    s.wait(Seconds(300));
    s.feed(CodeEntered{right});
    CHECK(s.ended(State::expired, Reason::none));
    CHECK(s.c.verification.tries_left == 5);
    CHECK_FALSE(s.c.proven);
    CHECK(s.calls() == 0);
  }
}

TEST_CASE("code: at the day's cap of calls the right code stays good", "[code]") {
  Story s;
  s.ask_unproven();
  s.world.call_left = false;
  CHECK(s.feed(CodeEntered{true}) == Verdict::over_budget);
  CHECK(s.is(State::pending));
  CHECK(s.c.version == 1);
  CHECK(s.timer(TimerKind::code));
  s.world.call_left = true;
  CHECK(s.feed(CodeEntered{true}) == Verdict::moved);
  CHECK(s.is(State::queued));
}

TEST_CASE("code: who watches cannot tell a number that is sent a text from one that is not",
          "[code]") {
  Story sent;
  Story silent;
  silent.world.text_left = sent.world.text_left = false;
  CHECK(sent.feed(Asked{}) == silent.feed(Asked{.suppressed = true}));
  silent.world.text_left = sent.world.text_left = true;
  CHECK(silent.c == Callback{});
  const auto look_alike = [&] {
    CHECK(sent.c.state == silent.c.state);
    CHECK(sent.c.status_version == silent.c.status_version);
    CHECK(sent.c.updated_at == silent.c.updated_at);
    CHECK(sent.c.verification.tries_left == silent.c.verification.tries_left);
    CHECK(sent.c.verification.expires_at == silent.c.verification.expires_at);
    CHECK(sent.c.verification.resend_at == silent.c.verification.resend_at);
    CHECK(status_sentence(sent.c, "Shop", "") == status_sentence(silent.c, "Shop", ""));
  };
  const auto both = [&](const Event& event) {
    CHECK(sent.feed(event) == silent.feed(event));
    look_alike();
  };
  const auto pass = [&](Seconds span) {
    sent.wait(span);
    silent.wait(span);
  };
  sent.ask_unproven();
  silent.feed(Asked{.suppressed = true});
  look_alike();
  pass(Seconds(2));
  sent.claim_text();
  look_alike();
  pass(Seconds(1));
  sent.text_reply(Taken::accepted);
  CHECK(sent.c.version > silent.c.version);
  look_alike();
  both(CodeEntered{false});
  pass(Seconds(60));
  both(ResendAsked{});
  sent.claim_text();
  sent.text_reply(Taken::unknown);
  look_alike();
  pass(Seconds(299));
  both(CodeEntered{false});
  pass(Seconds(2));
  both(TimerRang{TimerKind::code});
  CHECK(silent.c.state == State::expired);
}

TEST_CASE("code: the right one leads to the call, or to the slot", "[code]") {
  Story s;
  s.ask_unproven();
  s.feed(CodeEntered{true});
  CHECK(s.is(State::queued));
  CHECK(s.c.proven);
  CHECK_FALSE(s.timer(TimerKind::code));
  CHECK(s.calls() == 1);

  Story later;
  later.c.slot = later.now() + Minutes(90);
  later.ask_unproven();
  later.feed(CodeEntered{true});
  CHECK(later.is(State::scheduled, Phase::slot));
}

TEST_CASE("code: it runs out when its timer rings, not before", "[code]") {
  Story s;
  s.ask_unproven();
  const auto due = s.timer_due(TimerKind::code);
  s.wait(Seconds(100));
  // Moved by a resend while its ringing was on its way.
  CHECK(s.feed(TimerRang{TimerKind::code}) == Verdict::acted);
  CHECK(s.is(State::pending));
  CHECK(s.timer_due(TimerKind::code) == due);
  s.ring(TimerKind::code);
  CHECK(s.ended(State::expired, Reason::none));
  CHECK(s.c.version == 2);
}

TEST_CASE("code: resend waits its turn, makes the old code void, and ends after three", "[code]") {
  Story s;
  s.ask_unproven();
  s.claim_text();
  CHECK(s.c.verification.code_hmac);
  CHECK(s.feed(ResendAsked{}) == Verdict::stale);
  s.wait(Seconds(60));
  CHECK(s.feed(ResendAsked{}) == Verdict::moved);
  CHECK_FALSE(s.c.verification.code_hmac);
  CHECK(s.ordered(OrderKind::send_text, 2));
  CHECK(s.timer_due(TimerKind::code) == s.now() + Seconds(300));
  CHECK(s.c.verification.resend_at == s.now() + Seconds(120));
  s.wait(Seconds(120));
  CHECK(s.feed(ResendAsked{}) == Verdict::moved);
  s.wait(Seconds(240));
  CHECK(s.feed(ResendAsked{}) == Verdict::stale);
  s.wait(Seconds(60));
  CHECK(s.feed(ResendAsked{}) == Verdict::stale);
}

TEST_CASE("code: a resend after the code ran out is refused", "[code]") {
  Story s;
  s.ask_unproven();
  s.wait(Seconds(301));
  CHECK(s.feed(ResendAsked{}) == Verdict::stale);
}

TEST_CASE("code: a number with an open callback steps aside for it", "[code]") {
  Story s;
  s.ask_unproven();
  s.feed(Joined{});
  CHECK(s.ended(State::cancelled, Reason::joined));
  CHECK(s.calls() == 0);
  Story proven;
  proven.feed(Joined{});
  CHECK(proven.ended(State::cancelled, Reason::joined));
}

TEST_CASE("code: whoever waits for a code can cancel", "[code]") {
  Story s;
  s.ask_unproven();
  s.feed(CancelAsked{});
  CHECK(s.ended(State::cancelled, Reason::by_visitor));
  CHECK(s.timers.empty());
  CHECK(s.feed(CodeEntered{true}) == Verdict::stale);
}

TEST_CASE("hours: shut when it is due, it waits for the opening and gives up later", "[hours]") {
  Story s;
  const auto opening = s.now() + Minutes(600);
  s.shut_until(opening);
  s.ask();
  CHECK(s.is(State::scheduled, Phase::opening));
  CHECK(s.c.reason == Reason::outside_hours);
  CHECK(s.timer_due(TimerKind::not_before) == opening);
  CHECK(s.timer_due(TimerKind::give_up) == opening + Minutes(120));
  s.open_again();
  s.ring(TimerKind::not_before);
  CHECK(s.is(State::queued));
  CHECK(s.c.reason == Reason::none);
}

TEST_CASE("hours: with sms nobody is called outside them, and no call is reserved", "[hours]") {
  Story s;
  s.rules.outside_hours = OutsideHours::sms;
  s.world.call_left = false;
  s.shut_until(s.now() + Minutes(600));
  s.ask();
  CHECK(s.ended(State::missed, Reason::outside_hours));
  CHECK(s.alerts() == 1);
  CHECK(s.calls() == 0);
}

TEST_CASE("hours: never open again is missed", "[hours]") {
  Story s;
  s.shut_for_good();
  s.ask();
  CHECK(s.ended(State::missed, Reason::outside_hours));
  CHECK(s.alerts() == 1);
}

TEST_CASE("hours: shut between order and claim, nothing is sent", "[hours]") {
  Story s;
  s.ask();
  s.shut_until(s.now() + Minutes(60));
  s.claim();
  CHECK(s.is(State::scheduled, Phase::opening));
  CHECK(s.attempt().state == AttemptState::withdrawn);
  CHECK_FALSE(s.ordered(OrderKind::dial));
  CHECK(s.calls() == 1);  // still reserved
  CHECK(s.c.give_up_at == s.now() + Minutes(180));
}

TEST_CASE("hours: once it rang, only an opening in time is waited for", "[hours]") {
  for (const bool in_time : {true, false}) {
    Story s;
    s.call();
    const auto give_up = *s.c.give_up_at;
    s.business(View::no_answer);
    REQUIRE(s.is(State::scheduled, Phase::retry));
    s.shut_until(give_up + (in_time ? Millis{0} : Millis{1}));
    s.ring(TimerKind::not_before);
    CHECK(s.c.give_up_at == give_up);
    if (in_time) {
      CHECK(s.is(State::scheduled, Phase::opening));
    } else {
      CHECK(s.ended(State::missed, Reason::business_no_answer));
    }
  }
}

TEST_CASE("waiting: a timer that was moved does not ring early", "[waiting]") {
  Story s;
  s.missed_call();
  const auto due = s.timer_due(TimerKind::not_before);
  CHECK(s.feed(TimerRang{TimerKind::not_before}) == Verdict::acted);
  CHECK(s.timer_due(TimerKind::not_before) == due);
  CHECK(s.feed(TimerRang{TimerKind::give_up}) == Verdict::acted);
  CHECK(s.is(State::scheduled, Phase::retry));
  CHECK(s.timer(TimerKind::give_up));
}

TEST_CASE("waiting: cancel ends it, gives the reserved call back and stops the timers",
          "[waiting]") {
  Story s;
  s.c.slot = s.now() + Minutes(90);
  s.ask();
  CHECK(s.feed(CancelAsked{Reason::by_operator}) == Verdict::moved);
  CHECK(s.ended(State::cancelled, Reason::by_operator));
  CHECK(s.calls() == 0);
  CHECK(s.timers.empty());
  CHECK(s.alerts() == 0);
  CHECK_FALSE(s.c.scheduled_for);
}

TEST_CASE("waiting: give-up while it waits is too old", "[waiting]") {
  Story s;
  s.ask();
  s.ring(TimerKind::give_up);
  CHECK(s.ended(State::expired, Reason::too_old));
  CHECK(s.attempt().state == AttemptState::withdrawn);
  CHECK_FALSE(s.ordered(OrderKind::dial));
  CHECK(s.calls() == 0);
  CHECK(s.alerts() == 1);
  CHECK(s.claim() == Verdict::stale);
}
