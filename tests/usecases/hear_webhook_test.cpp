#include "core/domain/token.hpp"
#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

using Kind = WebhookAnswer::Kind;

TEST_CASE("a token of ours is known without the store, and no other") {
  Office office;
  const auto others = *OpensslKeyring::from(Secret("fedcba9876543210fedcba9876543210"));
  for (int i = 0; i < 200; ++i) {
    const CallbackId id(office.ids.uuid_v7(office.clock.now()));
    const auto token = attempt_token(office.keys, id, i % 5 + 1);
    REQUIRE(is_attempt_token(office.keys, token));
    CHECK_FALSE(is_attempt_token(others, token));
    for (std::size_t at = 0; at < token.size(); ++at) {
      auto changed = token;
      changed[at] = changed[at] == 'A' ? 'B' : 'A';
      CHECK_FALSE(is_attempt_token(office.keys, changed));
    }
    CHECK_FALSE(is_attempt_token(office.keys, token + "A"));
    CHECK_FALSE(is_attempt_token(office.keys, token.substr(1)));
    CHECK_FALSE(is_attempt_token(office.keys, token_text(office.ids.random16())));
  }
  CHECK_FALSE(is_attempt_token(office.keys, ""));
  CHECK_FALSE(is_attempt_token(office.keys, std::string(10'000, 'A')));
}

TEST_CASE("a token of no attempt is unknown, and nothing is written") {
  Office office;
  const auto id = office.placed("C1");
  const auto lines = office.journal_length(id);
  CHECK(office.hear(id, 7, news("C1", Side::business, View::answered)).kind == Kind::unknown_token);
  CHECK(office.journal_length(id) == lines);
}

TEST_CASE("a good letter of another account is not heard, and nothing is written") {
  Office office;
  office.voices.push_back({.name = "other", .carrier = office.carrier, .caller_id = {}});
  office.policy.rules.accounts.push_back({.name = "other"});
  const auto id = office.placed("C1");
  const auto lines = office.journal_length(id);
  const auto version = office.at(id).version;
  CHECK(office.hear(id, 1, question("C1", Point::answered), 1).kind == Kind::unknown_token);
  CHECK(office.journal_length(id) == lines);
  CHECK(office.at(id).version == version);
  CHECK(office.hear(id, 1, question("C1", Point::answered), 0).kind == Kind::applied);
}

TEST_CASE("a delivery heard twice has one effect and one journal line") {
  Office office;
  const auto id = office.placed("C1");
  const auto letter = news("C1", Side::business, View::ringing);
  CHECK(office.hear(id, 1, letter).kind == Kind::applied);
  const auto lines = office.journal_length(id);
  CHECK(office.hear(id, 1, letter).kind == Kind::duplicate);
  CHECK(office.journal_length(id) == lines);
}

TEST_CASE("a question heard twice gets the same answer twice and opens the gate once") {
  Office office;
  const auto id = office.placed("C1");
  const auto greeting = office.hear(id, 1, question("C1", Point::answered));
  REQUIRE(greeting.instruction.has_value());
  CHECK(greeting.instruction->body == "ask");
  CHECK(office.at(id).phase == Phase::screening);
  const auto key = question("C1", Point::key, "1");
  CHECK(office.hear(id, 1, key).instruction->body == "dial");
  const auto version = office.at(id).version;
  const auto again = office.hear(id, 1, key);
  CHECK(again.kind == Kind::duplicate);
  CHECK(again.instruction->body == "dial");
  CHECK(office.at(id).version == version);
}

TEST_CASE("the gate is on disk before the answer that opens it") {
  Office office;
  const auto id = office.placed("C1");
  office.hear(id, 1, question("C1", Point::answered));
  office.hear(id, 1, question("C1", Point::key, "1"));
  CHECK(office.at(id).attempts.front().gate_open);
  CHECK(office.cancel(id).kind == CancelAnswer::Kind::too_late);
}

TEST_CASE("after a cancel that was accepted the gate never opens") {
  Office office;
  const auto id = office.placed("C1");
  office.hear(id, 1, question("C1", Point::answered));
  REQUIRE(office.cancel(id).kind == CancelAnswer::Kind::cancelled);
  const auto answer = office.hear(id, 1, question("C1", Point::key, "1"));
  CHECK(answer.instruction->body == "say");
  CHECK_FALSE(office.at(id).attempts.front().gate_open);
}

TEST_CASE("another key, and silence twice, are a friendly good-bye") {
  Office office;
  const auto id = office.placed("C1");
  office.hear(id, 1, question("C1", Point::answered));
  SECTION("another key") {
    CHECK(office.hear(id, 1, question("C1", Point::key, "2")).instruction->body == "say");
  }
  SECTION("silence") {
    CHECK(office.hear(id, 1, question("C1", Point::key, "", 1)).instruction->body == "ask");
    CHECK(office.hear(id, 1, question("C1", Point::key, "", 2)).instruction->body == "say");
  }
  CHECK_FALSE(office.at(id).attempts.front().gate_open);
}

TEST_CASE("a second call for one attempt is told of, hung up and gets no visitor") {
  Office office;
  const auto id = office.placed("C1");
  office.hear(id, 1, question("C1", Point::answered));
  const auto answer = office.hear(id, 1, question("C2", Point::key, "1"));
  CHECK(answer.foreign_call);
  REQUIRE(answer.end_foreign_call.has_value());
  CHECK(answer.end_foreign_call->body.find("C2") != std::string::npos);
  CHECK(answer.instruction->body == "hang_up");
  CHECK_FALSE(office.at(id).attempts.front().gate_open);
}

TEST_CASE("a webhook that overtakes the answer to its own order binds the call") {
  Office office;
  auto ask = office.asks();
  ask.proven = true;
  const auto id = office.request(ask).callback.id;
  const auto dial = office.take_one(OrderKind::dial);
  CHECK(office.hear(id, 1, question("C1", Point::answered)).instruction->body == "ask");
  CHECK(office.settle(dial, says("ok C1")) == "accepted");
  CHECK(office.at(id).phase == Phase::screening);
}

TEST_CASE("a letter at a shared address says itself whose it is") {
  Office office;
  const auto id = office.placed("C1");
  Webhook webhook;
  webhook.token = "typed into the carrier's dashboard";
  Heard heard = question("C1", Point::answered);
  const auto ask = [&] {
    return *office.in_batch(
        [&] { return hear_webhook(office.board, office.voices.front(), webhook, heard); });
  };
  CHECK(ask().kind == Kind::unknown_token);
  heard.token = attempt_token(office.keys, id, 1);
  const auto answer = ask();
  CHECK(answer.kind == Kind::applied);
  CHECK(answer.instruction->body == "ask");
  // ... and a token of another attempt is another attempt's.
  const auto other = office.placed("C2", "+12025550122");
  heard.token = attempt_token(office.keys, other, 1);
  heard.delivery = "another letter";
  CHECK(ask().foreign_call);
}

TEST_CASE("a letter that tells two things is one delivery") {
  Office office;
  const auto id = office.placed("C1");
  auto letter = news("C1", Side::business, View::ringing);
  letter.question = question("C1", Point::answered).question;
  CHECK(office.hear(id, 1, letter).instruction->body == "ask");
  CHECK(office.at(id).phase == Phase::screening);
  CHECK(office.hear(id, 1, letter).kind == Kind::duplicate);
}

TEST_CASE("further questions are asked at the attempt's own address") {
  Office office;
  const auto id = office.placed("C1");
  const auto answer = office.hear(id, 1, question("C1", Point::answered));
  CHECK(header_of(answer.instruction->headers, "Hook")
            .starts_with("https://ring.example/hooks/words/words/"));
}

TEST_CASE("news that are out of date are heard, kept and change nothing") {
  Office office;
  const auto id = office.placed("C1");
  office.hear(id, 1, news("C1", Side::business, View::answered));
  const auto version = office.at(id).version;
  const auto lines = office.journal_length(id);
  CHECK(office.hear(id, 1, news("C1", Side::business, View::ringing)).kind == Kind::stale);
  CHECK(office.at(id).version == version);
  CHECK(office.journal_length(id) == lines + 1);
}

TEST_CASE("a conversation ends completed, whichever leg's end is told first") {
  const bool visitor_first = GENERATE(true, false);
  Office office;
  const auto id = office.placed("C1");
  office.hear(id, 1, question("C1", Point::answered));
  office.hear(id, 1, question("C1", Point::key, "1"));
  office.hear(id, 1, news("C1", Side::visitor, View::answered));
  CHECK(office.at(id).state == State::connected);
  office.hear(id, 1, news("C1", visitor_first ? Side::visitor : Side::business, View::completed));
  CHECK(office.at(id).state == State::connected);
  office.hear(id, 1, news("C1", visitor_first ? Side::business : Side::visitor, View::completed));
  CHECK(office.at(id).state == State::completed);
}

}  // namespace
}  // namespace ringback::office
