// An operator begins a callback anew: what bars it, and that one call comes of it.
#include "core/usecases/retry_callback.hpp"

#include "core/usecases/tell_story.hpp"
#include "tests/usecases/support/office.hpp"

using namespace ringback;
using namespace ringback::office;
using Kind = RetryAnswer::Kind;

namespace {

constexpr std::string_view kActor = "key:0123456789ab";

RetryAnswer retry(Office& office, const CallbackId& id, bool anyway = false) {
  auto answer = office.in_batch([&] { return retry_callback(office.board, id, anyway, kActor); });
  REQUIRE(answer.has_value());
  return *answer;
}

// Asked, dialled, and the reply is lost for good.
CallbackId given_up(Office& office) {
  auto ask = office.asks();
  ask.proven = true;
  const auto id = office.request(ask).callback.id;
  office.settle(office.take_one(OrderKind::dial), lost());
  REQUIRE(office.at(id).phase == Phase::in_doubt);
  while (!is_final(office.at(id).state)) {
    office.clock.pass(Minutes(31));
    office.ring();
    for (auto& errand : office.take())
      if (errand.kind == OrderKind::send_text) office.settle(errand, says("ok T"));
  }
  REQUIRE(office.at(id).reason == Reason::outcome_unknown);
  return id;
}

int dials_due(Office& office) {
  int dials = 0;
  for (const auto& errand : office.take()) dials += errand.kind == OrderKind::dial ? 1 : 0;
  return dials;
}

void story_is_told(Office& office, const CallbackId& id) {
  const auto lines = office.store->journal(id).value();
  const auto chapters = tell_story(office.at(id), lines);
  REQUIRE(chapters.size() == lines.size());
  CHECK(chapters.back().state == office.at(id).state);
}

}  // namespace

TEST_CASE("retry: of nothing is not found", "[retry]") {
  Office office;
  const auto answer =
      office.in_batch([&] { return retry_callback(office.board, CallbackId{}, true, kActor); });
  CHECK(answer.error().code == Errc::not_found);
}

TEST_CASE("retry: while it rings nothing is begun, and who asked is written down", "[retry]") {
  Office office;
  const auto id = office.placed("CA1");
  const auto before = office.at(id);
  const auto answer = retry(office, id, true);
  CHECK(answer.kind == Kind::barred);
  CHECK(answer.bar == RetryBar::not_over);
  CHECK(office.at(id) == before);
  CHECK(office.store->journal(id)->back().actor == kActor);
  CHECK(dials_due(office) == 0);
}

TEST_CASE("retry: in doubt it needs anyway, and then one call is placed", "[retry][doubt]") {
  Office office;
  const auto id = given_up(office);
  const auto refused = retry(office, id);
  CHECK(refused.kind == Kind::barred);
  CHECK(refused.bar == RetryBar::may_have_rung);
  CHECK(dials_due(office) == 0);

  const auto begun = retry(office, id, true);
  CHECK(begun.kind == Kind::begun);
  CHECK(begun.callback.state == State::queued);
  CHECK(begun.callback.generation == 2);
  const auto second = retry(office, id, true);
  CHECK(second.kind == Kind::barred);
  CHECK(second.bar == RetryBar::not_over);
  CHECK(dials_due(office) == 1);
  CHECK(dials_due(office) == 0);
  story_is_told(office, id);
}

TEST_CASE("retry: two in one batch begin one", "[retry]") {
  Office office;
  const auto id = given_up(office);
  std::vector<Kind> kinds;
  const CallbackStore::Work work = [&] {
    const auto answer = retry_callback(office.board, id, true, kActor);
    if (answer) kinds.push_back(answer->kind);
    return answer.has_value();
  };
  const std::vector<CallbackStore::Work> both{work, work};
  REQUIRE(office.store->batch(both));
  CHECK(kinds == std::vector{Kind::begun, Kind::barred});
  CHECK(dials_due(office) == 1);
}

TEST_CASE("retry: not while the number has another callback under way", "[retry]") {
  Office office;
  const auto id = given_up(office);
  auto ask = office.asks();
  ask.proven = true;
  const auto other = office.request(ask).callback.id;
  REQUIRE(other != id);
  const auto answer = retry(office, id, true);
  CHECK(answer.kind == Kind::number_open);
  CHECK(answer.other == other);
  CHECK(is_final(office.at(id).state));
  office.cancel(other);
  CHECK(retry(office, id, true).kind == Kind::begun);
}

TEST_CASE("retry: at the day's cap nothing is begun and nothing written", "[retry][money]") {
  Office office;
  const auto id = given_up(office);
  office.policy.caps.calls = 1;
  const auto lines = office.journal_length(id);
  CHECK(retry(office, id, true).kind == Kind::over_budget);
  CHECK(is_final(office.at(id).state));
  CHECK(office.journal_length(id) == lines);
}

TEST_CASE("cancel: by an operator, with who it was in the journal", "[cancel]") {
  Office office;
  const auto id = office.placed("CA1");
  const auto answer = office.in_batch(
      [&] { return cancel_callback(office.board, id, Reason::by_operator, kActor); });
  REQUIRE(answer.has_value());
  CHECK(answer->kind == CancelAnswer::Kind::cancelled);
  CHECK(office.at(id).reason == Reason::by_operator);
  CHECK(office.store->journal(id)->back().actor == kActor);
  story_is_told(office, id);
}

TEST_CASE("story: a journal that does not lead to the row is not told", "[story]") {
  Office office;
  const auto id = office.placed("CA1");
  const auto lines = office.store->journal(id).value();
  auto other = office.at(id);
  REQUIRE(tell_story(other, lines).size() == lines.size());
  other.attempts[0].polls += 1;
  CHECK(tell_story(other, lines).empty());
  auto lost_rules = lines;
  lost_rules[0].situation.rules = nullptr;
  CHECK(tell_story(office.at(id), lost_rules).empty());
}

TEST_CASE("story: it tells what each line moved and ordered", "[story]") {
  Office office;
  const auto id = office.placed("CA1");
  const auto lines = office.store->journal(id).value();
  const auto story = tell_story(office.at(id), lines);
  REQUIRE(story.size() == 3);  // asked, claimed, placed
  CHECK(story[0].state == State::queued);
  REQUIRE(story[0].orders.size() == 1);
  CHECK(story[0].orders[0].kind == OrderKind::dial);
  REQUIRE(story[1].drops.size() == 1);
  CHECK(story[1].state == State::calling);
  CHECK(story[2].moved);
  CHECK(story[2].phase == Phase::ringing_business);
}
