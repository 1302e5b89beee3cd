#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

using Kind = CodeAnswer::Kind;

TEST_CASE("the right code proves the number and makes it due") {
  Office office;
  const auto id = office.pending("123456");
  const auto answer = office.enter(id, "123456");
  CHECK(answer.kind == Kind::verified);
  CHECK(answer.callback.state == State::queued);
}

TEST_CASE("the code is in the text and nowhere in the store") {
  Office office;
  const auto id = office.request(office.asks()).callback.id;
  office.ids.codes.push_back(654321);
  const auto errand = office.take_one(OrderKind::send_text);
  CHECK(errand.letters.front().body.find("654321") != std::string::npos);
  CHECK(office.at(id).verification.code_hmac.has_value());
}

TEST_CASE("a wrong code costs a try; the last one ends it, and what comes later has run out") {
  Office office;
  const auto id = office.pending("123456");
  for (int left = 4; left > 0; --left) {
    const auto answer = office.enter(id, "000000");
    CHECK(answer.kind == Kind::wrong);
    CHECK(answer.attempts_left == left);
  }
  CHECK(office.enter(id, "000000").kind == Kind::too_many);
  CHECK(office.at(id).state == State::expired);
  CHECK(office.enter(id, "123456").kind == Kind::expired);
  CHECK(office.resend(id).kind == ResendAnswer::Kind::not_pending);
}

TEST_CASE("a code that ran out is refused before and after its timer rang") {
  Office office;
  const auto id = office.pending("123456");
  office.clock.pass(Seconds(300));
  CHECK(office.enter(id, "123456").kind == Kind::expired);
  CHECK(office.at(id).state == State::pending);
  office.ring();
  CHECK(office.at(id).state == State::expired);
  CHECK(office.enter(id, "123456").kind == Kind::expired);
}

TEST_CASE("no code is right before its text was claimed") {
  Office office;
  const auto id = office.request(office.asks()).callback.id;
  CHECK(office.enter(id, "000001").kind == Kind::wrong);
}

TEST_CASE("every code is wrong for a callback that was kept silent") {
  Office office;
  office.policy.limits.verify_phone = *parse_limit({"1/1h"});
  office.pending("123456");
  const auto silent = office.request(office.asks()).callback.id;
  CHECK(office.enter(silent, "123456").kind == Kind::wrong);
}

TEST_CASE("a code belongs to its callback") {
  Office office;
  office.pending("123456", "+12025550121");
  const auto other = office.pending("222222", "+12025550122");
  CHECK(office.enter(other, "123456").kind == Kind::wrong);
}

TEST_CASE("whoever is over the limit of wrong codes learns nothing of the right one") {
  Office office;
  office.policy.limits.wrong_client = *parse_limit({"2/1h"});
  const auto id = office.pending("123456");
  CHECK(office.enter(id, "000000").kind == Kind::wrong);
  CHECK(office.enter(id, "000000").kind == Kind::wrong);
  const auto refused = office.enter(id, "123456");
  CHECK(refused.kind == Kind::too_many);
  CHECK(refused.retry_after == std::chrono::hours(1));
  CHECK(office.at(id).verification.tries_left == 3);
  CHECK(office.enter(id, "123456", "192.0.2.2").kind == Kind::verified);
}

TEST_CASE("wrong codes of one number count over all its callbacks") {
  Office office;
  office.policy.limits.wrong_phone = *parse_limit({"1/1h"});
  const auto first = office.pending("111111");
  const auto second = office.pending("222222");
  CHECK(office.enter(first, "000000").kind == Kind::wrong);
  CHECK(office.enter(second, "222222", "192.0.2.2").kind == Kind::too_many);
}

TEST_CASE("a right code is not counted as a wrong one") {
  Office office;
  office.policy.limits.wrong_client = *parse_limit({"1/1h"});
  const auto first = office.pending("111111", "+12025550121");
  const auto second = office.pending("222222", "+12025550122");
  CHECK(office.enter(first, "111111").kind == Kind::verified);
  CHECK(office.enter(second, "222222").kind == Kind::verified);
}

TEST_CASE("a code sent again after it did its work gets the same answer") {
  Office office;
  const auto id = office.pending("123456");
  REQUIRE(office.enter(id, "123456").kind == Kind::verified);
  const auto version = office.at(id).version;
  CHECK(office.enter(id, "123456").kind == Kind::verified);
  CHECK(office.enter(id, "000000").kind == Kind::not_pending);
  CHECK(office.at(id).version == version);
}

TEST_CASE("the second callback of a proven number joins the first; a repeat joins it again") {
  Office office;
  const auto first = office.pending("111111");
  const auto second = office.pending("222222");
  REQUIRE(office.enter(first, "111111").kind == Kind::verified);
  const auto joined = office.enter(second, "222222");
  CHECK(joined.kind == Kind::joined);
  CHECK(joined.callback.id == first);
  CHECK(office.at(second).state == State::cancelled);
  CHECK(office.at(second).reason == Reason::joined);
  const auto again = office.enter(second, "222222");
  CHECK(again.kind == Kind::joined);
  CHECK(again.token != joined.token);
  CHECK(office.enter(second, "333333").kind == Kind::not_pending);
}

TEST_CASE("a code that ran out opens no other callback of its number") {
  Office office;
  const auto first = office.pending("111111");
  const auto second = office.pending("222222");
  REQUIRE(office.enter(first, "111111").kind == Kind::verified);
  REQUIRE(office.enter(second, "222222").kind == Kind::joined);
  office.clock.pass(Seconds(300));
  CHECK(office.enter(second, "222222").kind == Kind::not_pending);
}

TEST_CASE("at the cap of calls the code stays good") {
  Office office;
  office.policy.caps.calls = 0;
  const auto id = office.pending("123456");
  CHECK(office.enter(id, "123456").kind == Kind::over_budget);
  CHECK(office.at(id).state == State::pending);
  office.policy.caps.calls = 1;
  CHECK(office.enter(id, "123456").kind == Kind::verified);
}

TEST_CASE("a number that was rung too often cannot be proven for another call") {
  Office office;
  office.policy.limits.call_number = *parse_limit({"1/1h"});
  const auto rung = office.placed("C1");
  office.hear(rung, 1, question("C1", Point::answered));
  office.hear(rung, 1, question("C1", Point::key, "1"));
  office.hear(rung, 1, news("C1", Side::visitor, View::completed));
  office.hear(rung, 1, news("C1", Side::business, View::completed));
  const auto id = office.pending("123456");
  const auto answer = office.enter(id, "123456");
  CHECK(answer.kind == Kind::limited);
  CHECK(answer.retry_after > Millis(0));
}

TEST_CASE("another code voids the one before, and comes no sooner than a minute") {
  Office office;
  const auto id = office.pending("111111");
  const auto soon = office.resend(id);
  CHECK(soon.kind == ResendAnswer::Kind::too_soon);
  CHECK(soon.retry_after == Seconds(60));
  office.clock.pass(Seconds(60));
  CHECK(office.resend(id).kind == ResendAnswer::Kind::sent);
  office.ids.codes.push_back(222222);
  office.settle(office.take_one(OrderKind::send_text), says("ok T2"));
  CHECK(office.enter(id, "111111").kind == Kind::wrong);
  CHECK(office.enter(id, "222222").kind == Kind::verified);
}

TEST_CASE("after three texts there is no other") {
  Office office;
  const auto id = office.pending("111111");
  for (const auto wait : {60, 120}) {
    office.clock.pass(Seconds(wait));
    REQUIRE(office.resend(id).kind == ResendAnswer::Kind::sent);
    office.settle(office.take_one(OrderKind::send_text), says("ok T"));
  }
  office.clock.pass(Seconds(240));
  CHECK(office.resend(id).kind == ResendAnswer::Kind::no_more);
}

TEST_CASE("a code that ran out is not renewed, and asking costs nothing") {
  Office office;
  office.policy.limits.verify_client = *parse_limit({"2/1h"});
  const auto id = office.pending("111111");
  office.clock.pass(Seconds(300));  // its timer has not rung yet
  CHECK(office.resend(id).kind == ResendAnswer::Kind::not_pending);
  CHECK(office.take().empty());
  CHECK(office.request(office.asks("+12025550121")).kind == RequestAnswer::Kind::created);
}

TEST_CASE("a resend over the client's limit is told; over the number's it is silent") {
  Office office;
  office.policy.limits.verify_client = *parse_limit({"2/1h"});
  office.policy.limits.verify_phone = *parse_limit({"1/1h"});
  const auto id = office.pending("111111");
  office.clock.pass(Seconds(60));
  const auto silent = office.resend(id);
  CHECK(silent.kind == ResendAnswer::Kind::sent);
  CHECK(silent.suppressed);
  CHECK(office.take().empty());
  office.clock.pass(Seconds(120));
  CHECK(office.resend(id).kind == ResendAnswer::Kind::limited);
}

TEST_CASE("a cancelled callback asks for no code any more") {
  Office office;
  const auto id = office.pending("123456");
  REQUIRE(office.cancel(id).kind == CancelAnswer::Kind::cancelled);
  CHECK(office.enter(id, "123456").kind == Kind::not_pending);
  CHECK(office.cancel(id).kind == CancelAnswer::Kind::over);
}

}  // namespace
}  // namespace ringback::office
