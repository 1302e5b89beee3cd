#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

using Kind = RequestAnswer::Kind;

CallbackRequest::Repeat repeat_of(const Office& office, const std::string& key,
                                  const std::string& body) {
  return {.key = office.keys.hmac("idempotency", key),
          .request_hash = office.keys.hmac("request", body)};
}

TEST_CASE("a repeated key with another body is a conflict and stores nothing") {
  Office office;
  auto ask = office.asks();
  ask.repeat = repeat_of(office, "key", "body");
  REQUIRE(office.request(ask).kind == Kind::created);
  const auto commits = office.listener.committed.size();
  ask.repeat = repeat_of(office, "key", "another body");
  CHECK(office.request(ask).kind == Kind::conflict);
  CHECK(office.listener.committed.size() == commits);
}

TEST_CASE("a repeated key with the same body gives the same callback and another token") {
  Office office;
  auto ask = office.asks();
  ask.repeat = repeat_of(office, "key", "body");
  const auto first = office.request(ask);
  const auto again = office.request(ask);
  CHECK(again.kind == Kind::repeated);
  CHECK(again.callback.id == first.callback.id);
  CHECK(again.token != first.token);
  for (const auto& token : {first.token, again.token})
    CHECK(*office.store->find_visitor_token(
              visitor_token_digest(office.keys, first.callback.id, token), office.clock.now()) ==
          first.callback.id);
  CHECK(office.take().size() == 1);  // one code went out, not two
}

TEST_CASE("a token opens its own callback, and is kept next to those made before and after it") {
  Office office;
  const auto first = office.request(office.asks());
  const auto digest = visitor_token_digest(office.keys, first.callback.id, first.token);
  const auto& id = first.callback.id.bytes();
  CHECK(std::equal(id.begin(), id.begin() + 8, digest.begin()));
  auto other = id;
  other[0] ^= 1;
  const auto elsewhere = visitor_token_digest(office.keys, CallbackId(other), first.token);
  CHECK_FALSE(*office.store->find_visitor_token(elsewhere, office.clock.now()));
  const auto forged = visitor_token_digest(office.keys, first.callback.id, first.token + "x");
  CHECK_FALSE(*office.store->find_visitor_token(forged, office.clock.now()));
}

TEST_CASE("a wish is one instant, however long it takes to write it down") {
  Office office;
  office.clock.each_look = Millis(1);
  const auto id = office.request(office.asks()).callback.id;
  CHECK(office.at(id).updated_at == office.at(id).created_at);
}

TEST_CASE("a key is forgotten after a day") {
  Office office;
  auto ask = office.asks();
  ask.repeat = repeat_of(office, "key", "body");
  const auto first = office.request(ask);
  office.clock.pass(std::chrono::hours(24));
  const auto later = office.request(ask);
  CHECK(later.kind == Kind::created);
  CHECK(later.callback.id != first.callback.id);
}

TEST_CASE("a second request for an open proven number joins it, under a token of its own") {
  Office office;
  auto ask = office.asks();
  ask.proven = true;
  const auto first = office.request(ask);
  const auto second = office.request(ask);
  CHECK(second.kind == Kind::joined);
  CHECK(second.callback.id == first.callback.id);
  CHECK(*office.store->find_visitor_token(
            visitor_token_digest(office.keys, first.callback.id, second.token),
            office.clock.now()) == first.callback.id);
  CHECK(office.take().size() == 1);  // one call
}

TEST_CASE("a request that joined gives the joined callback again, also when that is over") {
  Office office;
  auto ask = office.asks();
  ask.proven = true;
  const auto first = office.request(ask);
  ask.repeat = repeat_of(office, "key", "body");
  REQUIRE(office.request(ask).kind == Kind::joined);
  REQUIRE(office.cancel(first.callback.id).kind == CancelAnswer::Kind::cancelled);
  const auto again = office.request(ask);
  CHECK(again.kind == Kind::repeated);
  CHECK(again.callback.id == first.callback.id);
}

TEST_CASE("the client's limit of codes is told, and a refusal is not counted") {
  Office office;
  office.policy.limits.verify_client = *parse_limit({"2/1h"});
  CHECK(office.request(office.asks("+12025550121")).kind == Kind::created);
  CHECK(office.request(office.asks("+12025550122")).kind == Kind::created);
  for (int i = 0; i < 3; ++i) {
    const auto refused = office.request(office.asks("+12025550123"));
    CHECK(refused.kind == Kind::limited);
    CHECK(refused.limit == "verify_client");
    CHECK(refused.retry_after == std::chrono::hours(1));
  }
  office.clock.pass(std::chrono::hours(1));
  CHECK(office.request(office.asks("+12025550123")).kind == Kind::created);
}

TEST_CASE("a number that got its codes gets no other, and the answer does not tell") {
  Office office;
  const auto told = office.request(office.asks());
  REQUIRE(office.request(office.asks()).suppressed == false);
  REQUIRE(office.request(office.asks()).suppressed == false);
  REQUIRE(office.take().size() == 3);
  const auto silent = office.request(office.asks());
  CHECK(silent.kind == Kind::created);
  CHECK(silent.suppressed);
  CHECK_FALSE(silent.token.empty());
  CHECK(silent.callback.state == told.callback.state);
  CHECK(silent.callback.verification.tries_left == told.callback.verification.tries_left);
  CHECK(office.take().empty());
}

TEST_CASE("numbers that look alike are counted once each; one too many, and none gets a text") {
  Office office;
  office.policy.limits.verify_prefix = *parse_limit({"2/1h"});
  CHECK_FALSE(office.request(office.asks("+12025550121")).suppressed);
  CHECK_FALSE(office.request(office.asks("+12025550121")).suppressed);
  CHECK_FALSE(office.request(office.asks("+12025550122")).suppressed);
  const auto alarming = office.request(office.asks("+12025550123"));
  CHECK(alarming.suppressed);
  CHECK(alarming.blocked_prefix == "+1202555");
  const auto silent = office.request(office.asks("+12025550122"));
  CHECK(silent.suppressed);
  CHECK(silent.blocked_prefix.empty());                                 // told once
  CHECK_FALSE(office.request(office.asks("+12025560123")).suppressed);  // another prefix
  office.clock.pass(std::chrono::hours(23));
  CHECK(office.request(office.asks("+12025550124")).suppressed);
  office.clock.pass(std::chrono::hours(2));
  CHECK_FALSE(office.request(office.asks("+12025550124")).suppressed);
}

TEST_CASE("a number counts for its prefix again when its last code is older than the window") {
  Office office;
  office.policy.limits.verify_prefix = *parse_limit({"1/1h"});
  office.policy.limits.verify_phone = *parse_limit({"10/1d"});
  REQUIRE_FALSE(office.request(office.asks("+12025550121")).suppressed);
  office.clock.pass(std::chrono::hours(2));
  REQUIRE_FALSE(office.request(office.asks("+12025550121")).suppressed);
  CHECK(office.request(office.asks("+12025550122")).suppressed);
}

TEST_CASE("a number that was rung as often as it may be is refused before anything is stored") {
  Office office;
  office.policy.limits.call_number = *parse_limit({"1/1h"});
  const auto id = office.placed("C1");
  office.hear(id, 1, question("C1", Point::answered));
  REQUIRE(office.hear(id, 1, question("C1", Point::key, "1")).instruction->body == "dial");
  office.hear(id, 1, news("C1", Side::visitor, View::completed));
  office.hear(id, 1, news("C1", Side::business, View::completed));
  REQUIRE(office.at(id).state == State::completed);
  auto ask = office.asks();
  ask.proven = true;
  const auto refused = office.request(ask);
  CHECK(refused.kind == Kind::limited);
  CHECK(refused.limit == "call_number");
  office.clock.pass(std::chrono::hours(1));
  CHECK(office.request(ask).kind == Kind::created);
}

TEST_CASE("a call that never reaches the gate is no ring of the visitor's number") {
  Office office;
  office.policy.limits.call_number = *parse_limit({"1/1h"});
  office.policy.rules.attempts = 1;
  const auto id = office.placed("C1");
  office.hear(id, 1, news("C1", Side::business, View::no_answer));
  REQUIRE(office.at(id).state == State::missed);
  auto ask = office.asks();
  ask.proven = true;
  CHECK(office.request(ask).kind == Kind::created);
}

TEST_CASE("a hundred requests against a cap of ten calls make ten") {
  Office office;
  office.policy.caps.calls = 10;
  int created = 0;
  int refused = 0;
  std::vector<CallbackStore::Work> works;
  for (int i = 0; i < 100; ++i)
    works.emplace_back([&office, &created, &refused, i] {
      auto ask = office.asks("+1202555" + std::to_string(1000 + i));
      ask.proven = true;
      const auto answer = request_callback(office.board, ask);
      if (!answer) return false;
      created += answer->kind == Kind::created ? 1 : 0;
      refused += answer->kind == Kind::over_budget ? 1 : 0;
      return true;
    });
  REQUIRE(office.store->batch(works).has_value());
  CHECK(created == 10);
  CHECK(refused == 90);
  CHECK(*office.store->budget_used(Budget::calls, office.board.day_of(office.clock.now())) == 10);
}

TEST_CASE("at the cap of texts nothing is stored and no limit is used up") {
  Office office;
  office.policy.caps.texts = 0;
  office.policy.limits.verify_client = *parse_limit({"1/1h"});
  CHECK(office.request(office.asks()).kind == Kind::over_budget);
  CHECK(office.listener.committed.empty());
  office.policy.caps.texts = 1;
  CHECK(office.request(office.asks()).kind == Kind::created);
}

TEST_CASE("a work that is rolled back gives its idempotency key and its money back") {
  Office office;
  office.policy.caps.calls = 1;
  auto ask = office.asks();
  ask.proven = true;
  ask.repeat = repeat_of(office, "key", "body");
  const CallbackStore::Work undone = [&] {
    CHECK(request_callback(office.board, ask)->kind == Kind::created);
    return false;
  };
  REQUIRE(office.store->batch(std::span(&undone, 1)).has_value());
  CHECK(office.request(ask).kind == Kind::created);
}

}  // namespace
}  // namespace ringback::office
