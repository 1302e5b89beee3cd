#include "core/usecases/capabilities.hpp"

#include "tests/support/catch.hpp"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

CarrierProfile able() {
  CarrierProfile profile;
  profile.kind = "able";
  profile.can_ask_for_key = profile.can_hang_up = profile.can_find_calls = true;
  profile.signs_webhooks = true;
  return profile;
}

}  // namespace

TEST_CASE("a carrier that can do all keeps every rule and costs nothing") {
  CHECK(unmet_rules(able(), Rules{}).empty());
  CHECK(costs_of(able(), Rules{}).empty());
}

TEST_CASE("a recording that cannot be had is refused, with every way out") {
  const auto unmet = unmet_rules(able(), Rules{}, true);
  REQUIRE(unmet.size() == 1);
  CHECK(unmet.front().key == "call.record");
  CHECK_THAT(unmet.front().text,
             Contains("call.record = \"off\"") && Contains("another account in carrier.voice"));
  auto profile = able();
  profile.can_record = true;
  CHECK(unmet_rules(profile, Rules{}, true).empty());
}

TEST_CASE("press 1 that cannot be had is refused, with every way out") {
  auto profile = able();
  profile.can_ask_for_key = false;
  profile.bridges_itself = true;
  profile.asking_needs = "build a call flow";
  const auto unmet = unmet_rules(profile, Rules{});
  REQUIRE(unmet.size() == 1);
  CHECK(unmet.front().key == "call.accept");
  CHECK_THAT(unmet.front().text, Contains("build a call flow") &&
                                     Contains("call.accept = \"none\"") &&
                                     Contains("a cancel is too late"));
  Rules rules;
  rules.accept = Accept::none;
  CHECK(unmet_rules(profile, rules).empty());
  CHECK(costs_of(profile, rules).size() == 2);
}

TEST_CASE("a ring that is longer than the carrier's longest is refused") {
  auto profile = able();
  profile.longest_ring = Seconds{60};
  Rules rules;
  rules.ring = rules.visitor_ring = Seconds{60};
  CHECK(unmet_rules(profile, rules).empty());
  rules.visitor_ring = Seconds{61};
  const auto unmet = unmet_rules(profile, rules);
  REQUIRE(unmet.size() == 1);
  CHECK(unmet.front().key == "call.visitor_ring_seconds");
  CHECK_THAT(unmet.front().text, Contains("60 or less"));
}

TEST_CASE("what an account cannot do is told as what it costs") {
  CarrierProfile poor;
  poor.kind = "poor";
  std::string all;
  for (const auto& cost : costs_of(poor, Rules{})) all += cost + "\n";
  CHECK_THAT(all, Contains("cannot hang up") && Contains("only a hint"));
  CHECK_THAT(all, Contains("nobody is rung again"));
  CHECK(costs_of(MessengerProfile{"poor", false}).size() == 1);
}
