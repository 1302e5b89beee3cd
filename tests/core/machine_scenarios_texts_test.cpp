// Texts: claimed once, in doubt, sent once more only when proven absent.
#include <catch2/catch.hpp>

#include "core/domain/spread.hpp"
#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

namespace {

Story told() {
  Story s;
  s.shut_for_good();
  s.ask();
  return s;
}
Story in_doubt_text() {
  Story s = told();
  s.claim_text();
  s.text_reply(Taken::unknown);
  return s;
}
void look(Story& s, bool found) {
  s.feed(TextLookedUp{s.message().no, found, found ? "SM1" : "", s.now()});
}
void prove_text_absent(Story& s) {
  s.wait(Seconds(210));
  look(s, false);
  s.wait(Seconds(30));
  look(s, false);
}

}  // namespace

TEST_CASE("texts: one claim, one text, one unit", "[texts][money]") {
  Story s = told();
  CHECK(s.texts() == 0);
  CHECK(s.claim_text() == Verdict::moved);
  CHECK(s.message().state == MessageState::sending);
  CHECK(s.texts() == 1);
  CHECK_FALSE(s.ordered(OrderKind::send_text, 1));
  CHECK(s.timer_due(TimerKind::text_doubt) == s.now() + Seconds(30));
  CHECK(s.claim_text() == Verdict::stale);
  s.text_reply(Taken::accepted);
  CHECK(s.message().state == MessageState::accepted);
  CHECK(s.message().ref == "SM1");
}

TEST_CASE("texts: at the day's cap the business is not told, and that is remembered",
          "[texts][money]") {
  Story s = told();
  s.world.text_left = false;
  s.claim_text();
  CHECK(s.message().state == MessageState::refused);
  CHECK(s.message().outcome == Reason::budget_reached);
  CHECK(s.c.state == State::missed);
  CHECK(s.texts() == 0);
}

TEST_CASE("texts: throttled is tried again, six times in all, then refused", "[texts]") {
  Story s = told();
  for (const int wait : {2, 4, 8, 16, 32}) {
    s.claim_text();
    s.text_reply(Taken::throttled);
    CHECK(s.message().state == MessageState::ready);
    CHECK(s.order_due(OrderKind::send_text, 1) ==
          s.now() + spread(Seconds(wait), s.c.id, s.message().throttled));
  }
  s.claim_text();
  s.text_reply(Taken::not_sent);
  CHECK(s.message().state == MessageState::refused);
  CHECK(s.message().outcome == Reason::carrier_unavailable);
  CHECK(s.texts() == 0);
  CHECK(s.c.state == State::missed);
}

TEST_CASE("texts: refused is refused, and costs nothing", "[texts][money]") {
  Story s = told();
  s.claim_text();
  s.text_reply(Taken::refused_number);
  CHECK(s.message().state == MessageState::refused);
  CHECK(s.message().outcome == Reason::carrier_refused);
  CHECK(s.texts() == 0);
}

TEST_CASE("texts: silence, a dead sender and an old claim are doubt, then looked up", "[texts]") {
  const auto doubted = [](const Event& event) {
    Story s = told();
    s.claim_text();
    s.wait(Seconds(30));
    s.feed(event);
    CHECK(s.message().state == MessageState::unknown);
    CHECK(s.timer_due(TimerKind::text_doubt) == s.now() + Seconds(20));
    s.ring(TimerKind::text_doubt);
    CHECK(s.ordered(OrderKind::look_up_text, 1));
    CHECK(s.timer_due(TimerKind::text_doubt) == s.now() + Seconds(60));
  };
  doubted(TextAnswered{1, 1, Outcome{}});
  doubted(SenderDied{.message = 1});
  doubted(TimerRang{TimerKind::text_doubt});
}

TEST_CASE("texts: a timer that rings early doubts nobody and rings again", "[texts]") {
  Story s = told();
  s.claim_text();
  s.wait(Seconds(5));
  s.feed(TimerRang{TimerKind::text_doubt});
  CHECK(s.message().state == MessageState::sending);
  CHECK(s.timer(TimerKind::text_doubt));
}

TEST_CASE("texts: found is accepted", "[texts]") {
  Story s = in_doubt_text();
  look(s, true);
  CHECK(s.message().state == MessageState::accepted);
  CHECK(s.message().ref == "SM1");
}

TEST_CASE("texts: absence is proven twice after the quarantine, then it is sent once more",
          "[texts]") {
  Story s = in_doubt_text();
  s.wait(Seconds(209));
  look(s, false);
  CHECK(s.message().empty_looks == 0);
  s.wait(Seconds(1));
  look(s, false);
  CHECK(s.message().empty_looks == 1);
  s.wait(Seconds(29));
  look(s, false);
  CHECK(s.message().state == MessageState::unknown);
  s.wait(Seconds(1));
  look(s, false);
  CHECK(s.message().state == MessageState::ready);
  CHECK(s.ordered(OrderKind::send_text, 1));
  s.claim_text();
  CHECK(s.texts() == 1);
  CHECK(s.message().fence == 2);
}

TEST_CASE("texts: in doubt again after it was sent once more, it stays in doubt", "[texts]") {
  Story s = in_doubt_text();
  prove_text_absent(s);
  s.claim_text();
  s.text_reply(Taken::unknown);
  prove_text_absent(s);
  CHECK(s.message().state == MessageState::unknown);
  CHECK(s.message().empty_looks == 1);
  CHECK_FALSE(s.ordered(OrderKind::send_text, 1));
}

TEST_CASE("texts: an acceptance that comes late stops the second sending", "[texts]") {
  for (const bool by_look : {false, true}) {
    Story s = in_doubt_text();
    prove_text_absent(s);
    REQUIRE(s.ordered(OrderKind::send_text, 1));
    if (by_look)
      look(s, true);
    else
      s.text_reply(Taken::accepted);
    CHECK(s.message().state == MessageState::accepted);
    CHECK_FALSE(s.ordered(OrderKind::send_text, 1));
  }
}

TEST_CASE("texts: given up on after half an hour, nobody asks any more", "[texts]") {
  Story s = in_doubt_text();
  s.wait(Minutes(30));
  s.ring(TimerKind::text_doubt);
  CHECK(s.message().state == MessageState::unknown);
  CHECK(s.timers.empty());
}

TEST_CASE("texts: without a list of messages doubt is the end of it", "[texts]") {
  Story s = told();
  s.rules.can_find_texts = false;
  s.claim_text();
  s.text_reply(Taken::unknown);
  s.ring(TimerKind::text_doubt);
  CHECK(s.message().state == MessageState::unknown);
  CHECK(s.outbox.empty());
}

TEST_CASE("texts: a code's text in doubt counts as sent", "[texts][code]") {
  Story s;
  s.ask_unproven();
  s.claim_text();
  CHECK(s.c.verification.code_hmac == Digest{1});
  s.text_reply(Taken::unknown);
  CHECK(s.is(State::pending));
  s.ring(TimerKind::text_doubt);
  CHECK_FALSE(s.ordered(OrderKind::look_up_text, 1));
  CHECK(s.feed(CodeEntered{true}) == Verdict::moved);
}

TEST_CASE("texts: a code that cannot be sent fails, and nobody is told", "[texts][code]") {
  Story refused;
  refused.ask_unproven();
  refused.claim_text();
  refused.text_reply(Taken::refused_number);
  CHECK(refused.ended(State::failed, Reason::carrier_refused));
  CHECK(refused.texts() == 0);
  CHECK(refused.alerts() == 0);
  CHECK(refused.timer(TimerKind::code) == false);

  Story budget;
  budget.ask_unproven();
  budget.claim_text();
  budget.wait(Seconds(60));
  budget.feed(ResendAsked{});
  budget.world.text_left = false;
  budget.claim_text();
  CHECK(budget.ended(State::failed, Reason::budget_reached));
  CHECK(budget.texts() == 1);

  Story throttled;
  throttled.ask_unproven();
  for (int i = 0; i < kMostThrottles; ++i) {
    throttled.claim_text();
    throttled.text_reply(Taken::throttled);
  }
  CHECK(throttled.ended(State::failed, Reason::carrier_unavailable));
}

TEST_CASE("texts: a code that would have to wait longer than its visitor fails at once",
          "[texts][code]") {
  Story s;
  s.ask_unproven();
  SECTION("for long") {
    s.world.texts_at = s.now() + kPatienceForCode + Millis(1);
    s.claim_text();
    CHECK(s.ended(State::failed, Reason::carrier_unavailable));
    CHECK(s.message().state == MessageState::refused);
    CHECK(s.texts() == 0);
    CHECK(s.alerts() == 0);
    CHECK(s.outbox.empty());
    CHECK(s.timers.empty());
  }
  SECTION("for a moment") {
    s.world.texts_at = s.now() + kPatienceForCode;
    s.claim_text();
    CHECK(s.is(State::pending));
    CHECK(s.message().state == MessageState::sending);
  }
  SECTION("an old code is not what is waited for") {
    s.wait(Seconds(60));
    s.feed(ResendAsked{});
    s.world.texts_at = s.now() + Minutes(5);
    s.claim_text(1);
    CHECK(s.is(State::pending));
    CHECK(s.message(1).state == MessageState::refused);
  }
}

TEST_CASE("texts: the text to the business is not given up for a pause", "[texts]") {
  Story s = told();
  s.world.texts_at = s.now() + Minutes(30);
  s.claim_text();
  CHECK(s.message().state == MessageState::sending);
  CHECK(s.c.state == State::missed);
}

TEST_CASE("texts: content that is refused is refused, and never sent again", "[texts]") {
  Story s = told();
  s.claim_text();
  s.text_reply(Taken::refused_content);
  CHECK(s.message().state == MessageState::refused);
  CHECK(s.message().outcome == Reason::carrier_refused);
  CHECK(s.outbox.empty());

  Story code;
  code.ask_unproven();
  code.claim_text();
  code.text_reply(Taken::refused_content);
  CHECK(code.ended(State::failed, Reason::carrier_refused));
}

TEST_CASE("texts: a code that nobody waits for any more is not sent", "[texts][code]") {
  Story s;
  s.ask_unproven();
  s.feed(CancelAsked{});
  s.claim_text();
  CHECK(s.message().state == MessageState::refused);
  CHECK(s.texts() == 0);

  Story resent;
  resent.ask_unproven();
  resent.wait(Seconds(60));
  resent.feed(ResendAsked{});
  resent.claim_text(1);
  CHECK(resent.message(1).state == MessageState::refused);
  CHECK(resent.is(State::pending));
  resent.claim_text(2);
  CHECK(resent.message(2).state == MessageState::sending);
}

TEST_CASE("texts: the old code's refusal does not end the wait for the new one", "[texts][code]") {
  Story s;
  s.ask_unproven();
  s.claim_text(1);
  s.wait(Seconds(60));
  s.feed(ResendAsked{});
  s.text_reply(Taken::refused_account, 1);
  CHECK(s.is(State::pending));
  CHECK(s.message(1).state == MessageState::refused);
}

TEST_CASE("texts: events about texts and calls that do not exist change nothing", "[texts]") {
  Story s;
  s.ask();
  const Callback before = s.c;
  CHECK(s.feed(TextClaimed{3, Digest{}}) == Verdict::stale);
  CHECK(s.feed(DialClaimed{9}) == Verdict::stale);
  CHECK(s.feed(News{.attempt = -1, .ref = "CA1", .view = View::completed}) == Verdict::stale);
  CHECK(s.c == before);
}
