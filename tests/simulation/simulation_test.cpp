// The simulation as a test: a fixed number of small worlds, and every seed that ever failed.
#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "tests/simulation/world/world.hpp"

namespace ringback::sim {
namespace {

constexpr int kCallbacksOfWorld = 64;

std::int64_t callbacks_wanted() {
  const char* given = std::getenv("RINGBACK_CALLBACKS");
  return given == nullptr ? 8'000 : std::atoll(given);
}

void check(const Outcomes& outcomes, std::uint64_t seed) {
  if (outcomes.violations.empty()) return;
  std::string what;
  for (const auto& violation : outcomes.violations)
    what += violation.callback.text() + " " + violation.what + "\n";
  INFO("ringback_sim --story --seed " << seed << "\n" << what << outcomes.stories);
  CHECK(outcomes.violations.empty());
}

}  // namespace

TEST_CASE("seeds that once broke a promise keep it") {
  const auto folder = std::filesystem::path(RINGBACK_SOURCE_DIR) / "tests" / "seeds";
  int played = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    if (entry.path().extension() != ".txt") continue;
    std::ifstream file(entry.path());
    std::uint64_t seed = 0;
    REQUIRE(static_cast<bool>(file >> seed));
    check(World(plan_of(seed, kCallbacksOfWorld), in_memory()).run(), seed);
    ++played;
  }
  CHECK(played > 0);
}

TEST_CASE("in bad weather, with a program that dies and freezes, every promise is kept") {
  Tally tally;
  for (std::uint64_t seed = 1; tally["callback"] < callbacks_wanted(); ++seed) {
    const auto outcomes = World(plan_of(seed, kCallbacksOfWorld), in_memory()).run();
    check(outcomes, seed);
    for (const auto& [name, times] : outcomes.tally) tally[name] += times;
  }
  // What was never met was not tested.
  for (const auto* name : {"completed",
                           "missed",
                           "failed",
                           "cancelled",
                           "expired",
                           "process died",
                           "process froze",
                           "batch failed",
                           "reply lost",
                           "request late",
                           "request lost",
                           "connection refused",
                           "claim too old to send",
                           "webhook repeated",
                           "cancel accepted",
                           "cancel too late",
                           "joined",
                           "attempt proven absent",
                           "attempt ended in doubt",
                           "operator began anew",
                           "clock jumped",
                           "request over budget"}) {
    INFO(name);
    CHECK(tally[name] > 0);
  }
}

TEST_CASE("real signatures and keys change nothing") {
  for (std::uint64_t seed = 1; seed <= 8; ++seed) {
    Plan plan = plan_of(seed, kCallbacksOfWorld);
    plan.real_hmac = true;
    check(World(plan, in_memory()).run(), seed);
  }
}

TEST_CASE("a seed plays the same world twice") {
  const auto once = World(plan_of(3, kCallbacksOfWorld), in_memory()).run(true);
  const auto again = World(plan_of(3, kCallbacksOfWorld), in_memory()).run(true);
  CHECK(once.stories == again.stories);
  CHECK(once.tally == again.tally);
}

}  // namespace ringback::sim
