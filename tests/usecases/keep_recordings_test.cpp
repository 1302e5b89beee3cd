#include "core/usecases/keep_recordings.hpp"

#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

Heard recording(const std::string& call, const std::string& ref, bool absent = false) {
  Heard heard;
  heard.delivery = "recording " + ref;
  heard.recordings.push_back({call, ref, absent, 61});
  return heard;
}

TEST_CASE("hear_webhook: a recording of our call is noted once, and is nobody's business else") {
  Office office;
  office.policy.keep_recordings = true;
  const auto id = office.placed("C1");
  SECTION("it waits to be fetched, with the names of the call and of the account") {
    const auto answer = office.hear(id, 1, recording("C1", "R1"));
    CHECK(answer.kind == WebhookAnswer::Kind::applied);
    CHECK(answer.recordings == 1);
    const auto noted = office.store->recordings().find("words", "R1").value();
    REQUIRE(noted);
    CHECK(noted->state == RecordingState::known);
    CHECK(noted->callback == id);
    CHECK(noted->attempt == 1);
    CHECK(noted->call == "C1");
    CHECK(noted->seconds == 61);
    CHECK(*noted->due == office.clock.now());
    CHECK(office.hear(id, 1, recording("C1", "R1")).recordings == 0);
    CHECK(office.store->recordings().due(office.clock.now(), 9).value().size() == 1);
  }
  SECTION("nothing to fetch is noted as such") {
    office.hear(id, 1, recording("C1", "R1", true));
    CHECK(office.store->recordings().find("words", "R1").value()->state == RecordingState::absent);
    CHECK_FALSE(office.store->recordings().next_due().value());
  }
  SECTION("of another call it is not ours") {
    CHECK(office.hear(id, 1, recording("C2", "R1")).kind == WebhookAnswer::Kind::stale);
    CHECK_FALSE(office.store->recordings().find("words", "R1").value());
  }
  SECTION("without an archive nobody would come for it") {
    office.policy.keep_recordings = false;
    CHECK(office.hear(id, 1, recording("C1", "R1")).kind == WebhookAnswer::Kind::stale);
    CHECK_FALSE(office.store->recordings().find("words", "R1").value());
  }
  SECTION("it never moves the call") {
    const auto before = office.at(id);
    office.hear(id, 1, recording("C1", "R1"));
    CHECK(office.at(id) == before);
  }
}

TEST_CASE("recordings are claimed, settled once, and claimed again after a start") {
  Office office;
  office.policy.keep_recordings = true;
  const auto id = office.placed("C1");
  office.hear(id, 1, recording("C1", "R1"));
  const auto claim = [&] {
    return *office.in_batch([&] { return claim_recordings(office.board, 9); });
  };
  const auto settle = [&](const Recording& mine, const RecordingResult& result) {
    return *office.in_batch([&] { return settle_recording(office.board, mine, result); });
  };
  const auto first = claim();
  REQUIRE(first.size() == 1);
  CHECK(claim().empty());
  CHECK(*office.in_batch([&] { return revive_recordings(office.board); }) == 1);
  const auto second = claim();
  REQUIRE(second.size() == 1);
  CHECK_FALSE(settle(first[0], RecordingFault::not_there));  // the dead process's result
  const auto failed = settle(second[0], RecordingFault::archive_unavailable);
  REQUIRE(failed);
  CHECK(claim().empty());
  office.clock.pass(Seconds(5));
  const auto third = claim();
  REQUIRE(third.size() == 1);
  const auto archived = settle(third[0], AudioFacts{AudioType::wav, 7, {}});
  REQUIRE(archived);
  CHECK(archived->state == RecordingState::archived);
  CHECK_FALSE(settle(third[0], RecordingFault::not_there));
  CHECK(*office.in_batch([&] { return revive_recordings(office.board); }) == 0);

  // Old enough, it is to go; what somebody is at work on is not.
  const auto later = office.clock.now() + Minutes(1);
  const auto expired = [&](const RecordingPlace& after, int most) {
    return *office.in_batch([&] { return expired_recordings(office.board, later, after, most); });
  };
  CHECK(expired({}, 9).recordings.size() == 1);
  // A full part is followed by another, an empty one by the first.
  const auto part = expired({}, 1);
  CHECK(part.recordings.size() == 1);
  const auto rest = expired(part.next, 1);
  CHECK(rest.recordings.empty());
  CHECK(expired(rest.next, 1).recordings.size() == 1);
}

}  // namespace
}  // namespace ringback::office
