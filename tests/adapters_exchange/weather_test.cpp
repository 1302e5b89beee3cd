// Lost replies, errors, letters that come late, twice or never: on purpose, and by seed.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/adapters_exchange/booth.hpp"

using namespace ringback;
using namespace ringback::exchange;

namespace {

Booth& storm(Booth& booth, const Faults& faults) {
  booth.world.change_faults(faults);
  return booth;
}

ExchangeOptions automatic() {
  ExchangeOptions options;
  options.manners.automatic = true;
  return options;
}

// One story in this weather, as text: every delivery in its order.
std::string story(std::uint64_t seed) {
  Booth booth(automatic());
  Faults faults;
  faults.latency = Millis{20};
  faults.lose_reply_rate = 0.2;
  faults.error_rate = 0.2;
  faults.duplicate_rate = 0.3;
  faults.drop_rate = 0.2;
  faults.reorder = Millis{5'000};
  faults.seed = seed;
  storm(booth, faults);
  std::string text;
  for (int i = 0; i < 20; ++i) {
    booth.token = fmt::format("token{}", i);
    const Outcome outcome = booth.order();
    text += fmt::format("order {} {}\n", static_cast<int>(outcome.taken), booth.lost);
    booth.pass(Seconds{7});
  }
  booth.pass(Minutes{10});
  for (const auto& letter : booth.letters)
    text +=
        letter.url + " " + std::string(header_of(letter.headers, "X-Simulator-Delivery")) + "\n";
  return text;
}

}  // namespace

TEST_CASE("the same seed is the same weather, another seed another", "[exchange][weather]") {
  CHECK(story(7) == story(7));
  CHECK(story(7) != story(8));
}

TEST_CASE("a lost reply hides a call that rings; the list has it", "[exchange][weather]") {
  Booth booth;
  Faults faults;
  faults.lose_reply_rate = 1;
  storm(booth, faults);
  booth.order();
  REQUIRE(booth.lost);
  booth.world.change_faults(Faults{});

  const FindOrder find{kBusiness, {}, booth.now - Seconds{60}, booth.now};
  const auto reply = booth.world.handle(booth.carrier.find_calls(find), booth.now);
  const auto found = booth.carrier.read_found({}, *reply.response);
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  CHECK(found->front().ref == booth.leg(Side::business)->id);
  CHECK(found->front().created_at == booth.now);

  // Its webhooks name it as well.
  booth.pass(Seconds{1});
  REQUIRE_FALSE(booth.news.empty());
  CHECK(booth.news.front().ref == found->front().ref);

  // Outside the window, or to another number, there is nothing.
  FindOrder later = find;
  later.from = booth.now;
  later.to = booth.now + Seconds{60};
  FindOrder elsewhere = find;
  elsewhere.business = kVisitor;
  for (const auto& other : {later, elsewhere}) {
    const auto none = booth.world.handle(booth.carrier.find_calls(other), booth.now);
    CHECK(booth.carrier.read_found({}, *none.response)->empty());
  }
}

TEST_CASE("an error may come before or after the call was taken: unknown", "[exchange][weather]") {
  Booth booth;
  Faults faults;
  faults.error_rate = 1;
  bool before = false;
  bool after = false;
  for (std::uint64_t seed = 1; seed <= 32 && !(before && after); ++seed) {
    faults.seed = seed;
    storm(booth, faults);
    const auto calls = booth.world.log().size();
    const Outcome outcome = booth.order();
    if (outcome.taken == Taken::accepted) continue;
    CHECK(outcome.taken == Taken::unknown);
    (booth.world.log().size() == calls ? before : after) = true;
  }
  CHECK(before);
  CHECK(after);
}

TEST_CASE("throttled and refused orders ring nobody", "[exchange][weather]") {
  Booth booth;
  Faults faults;
  SECTION("throttled") {
    faults.throttle_rate = 1;
    storm(booth, faults);
    const Outcome outcome = booth.order();
    CHECK(outcome.taken == Taken::throttled);
    CHECK(outcome.retry_after == Seconds{1});
  }
  SECTION("refused") {
    faults.refuse_rate = 1;
    storm(booth, faults);
    CHECK(booth.order().taken == Taken::refused_number);
  }
  booth.pass(Minutes{1});
  CHECK(booth.world.log().empty());
  CHECK(booth.letters.empty());
}

TEST_CASE("replies and letters are late by the latency", "[exchange][weather]") {
  Booth booth;
  Faults faults;
  faults.latency = Millis{700};
  storm(booth, faults);
  const auto reply = booth.world.handle(booth.carrier.fetch("call-0-1").front(), booth.now);
  CHECK(reply.delay == Millis{700});
  booth.order();
  booth.pass(Millis{699});
  CHECK(booth.letters.empty());
  booth.pass(Millis{1});
  CHECK(booth.letters.size() == 1);
}

TEST_CASE("letters that come twice keep their delivery key", "[exchange][weather]") {
  Booth booth(automatic());
  Faults faults;
  faults.duplicate_rate = 1;
  storm(booth, faults);
  booth.order();
  REQUIRE(booth.until([&] { return booth.over(); }));
  booth.pass(Seconds{5});
  REQUIRE_FALSE(booth.deliveries.empty());
  for (const auto& key : booth.deliveries) CHECK(booth.deliveries.count(key) == 2);
  // Questions came twice; the visitor was rung once.
  CHECK(booth.world.log().front().visitor_rings == 1);
}

TEST_CASE("lost questions are asked again until the call is carried on", "[exchange][weather]") {
  Booth booth(automatic());
  Faults faults;
  faults.drop_rate = 0.5;
  faults.seed = 3;
  storm(booth, faults);
  int joined = 0;
  for (int i = 0; i < 20; ++i) {
    booth.order();
    REQUIRE(booth.until([&] { return booth.over(); }));
    if (booth.world.log().back().joined_at) ++joined;
  }
  CHECK(joined > 0);
  CHECK(booth.unreadable == 0);
}

TEST_CASE("letters come out of order when they may", "[exchange][weather]") {
  Booth booth(automatic());
  Faults faults;
  faults.reorder = Millis{60'000};
  storm(booth, faults);
  bool fell = false;
  for (int i = 0; i < 10 && !fell; ++i) {
    booth.news.clear();
    booth.order();
    REQUIRE(booth.until([&] { return booth.over(); }));
    booth.pass(Minutes{3});
    View last = View::none;
    for (const auto& news : booth.news) {
      if (news.side != Side::business) continue;
      if (news.view < last) fell = true;
      last = news.view;
    }
  }
  CHECK(fell);
}

TEST_CASE("a program that answers 500 is asked again, under the same key", "[exchange][weather]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  booth.broken_answers = 4;
  REQUIRE(booth.until([&] { return !booth.leg(Side::business)->prompt.empty(); }));
  CHECK(booth.heard(Point::answered));
  booth.pass(Seconds{5});  // news is repeated more slowly than questions
  int repeats = 0;
  std::map<std::string_view, int> deliveries;
  for (const auto& letter : booth.letters)
    if (++deliveries[header_of(letter.headers, "X-Simulator-Delivery")] > 1) ++repeats;
  CHECK(repeats == 4);
}

TEST_CASE("a program that is gone: the call fails, the news is given up in the end",
          "[exchange][weather]") {
  Booth booth;
  booth.order();
  REQUIRE(booth.until([&] { return booth.is(Side::business, LegStatus::ringing); }));
  booth.reachable = false;
  booth.business_does("answer");
  REQUIRE(booth.until([&] { return booth.over(); }));
  CHECK(booth.leg(Side::business)->cause == Cause::failed);
  booth.pass(Minutes{10});
  CHECK_FALSE(booth.world.next_due().has_value());
  CHECK(booth.snapshot(booth.leg(Side::business)->id).business == View::failed);
}

TEST_CASE("a webhook that nobody answers counts as failed after its time", "[exchange][weather]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  // Taken by nobody: not even a refusal comes back.
  const auto taken = booth.world.take_due(booth.now);
  REQUIRE_FALSE(taken.empty());
  booth.pass(kWebhookTimeout + Seconds{1});
  CHECK_FALSE(booth.leg(Side::business)->prompt.empty());
  // The late answer of the first delivery is ignored.
  for (const auto& webhook : taken)
    booth.world.webhook_answered(webhook.id, HttpResponse{200, {}, R"({"hang_up":{}})"}, booth.now);
  CHECK(booth.is(Side::business, LegStatus::answered));
}

TEST_CASE("the weather is read strictly", "[exchange][weather]") {
  Booth booth;
  const auto before = booth.world.faults_json();
  for (const char* body :
       {"", "[]", "{", R"({"rain":1})", R"({"drop_rate":1.5})", R"({"drop_rate":-1})",
        R"({"drop_rate":"0"})", R"({"latency_ms":-1})", R"({"latency_ms":1.5})",
        R"({"latency_ms":600001})", R"({"seed":-1})", R"({"seed":"x"})"}) {
    INFO(body);
    CHECK(booth.world.change_faults(std::string_view(body)).has_error());
    CHECK(booth.world.faults_json() == before);
  }
  REQUIRE(booth.world
              .change_faults(std::string_view(
                  R"({"latency_ms":5,"drop_rate":0.5,"reorder_ms":7,"seed":9,"error_rate":1})"))
              .has_value());
  CHECK_THAT(booth.world.faults_json(), Catch::Matchers::Contains(R"("reorder_ms":7)"));
}
