// The process dies before and after every call of a port, once in each life; the next process finds
// what is on disk, and everything must end truthfully, with no telephone rung twice.
#include <catch2/catch.hpp>
#include <cstdlib>

#include "core/domain/words.hpp"
#include "tests/crash/fateful_store.hpp"
#include "tests/simulation/world/world.hpp"
#include "tests/storage/sqlite_folder.hpp"

namespace ringback::crash {
namespace {

using sim::Does;
using sim::Fate;
using sim::Outcomes;
using sim::Plan;

constexpr int kMostPoints = 20'000;  // a life has fewer; more would be a loop

// One visitor, one business with two numbers, no weather: what goes wrong is written below.
Plan quiet_plan() {
  Plan plan;
  plan.callbacks = 1;
  plan.arrivals = Millis(1);
  plan.proven = plan.same_phone = plan.forgets_code = plan.mistypes = 0;
  plan.resends = plan.cancels = plan.slots = 0;
  plan.in_order = true;
  plan.businesses = {Does::accept};
  plan.visitors = {Does::accept};
  plan.rules.numbers = {sim::business_number(0), sim::business_number(1)};
  plan.rules.accounts = {sim::account_rules("first")};
  plan.rules.attempts = 1;
  plan.rules.talk = Minutes(10);
  plan.hours = sim::always_open();
  plan.storm = Minutes(30);
  return plan;
}

struct Variant {
  std::string name;
  Plan plan;
  State ends = State::completed;  // when nobody dies
};

std::vector<Variant> variants() {
  std::vector<Variant> all;
  const auto add = [&](std::string name, auto change, State ends = State::completed) {
    Plan plan = quiet_plan();
    change(plan);
    all.push_back({std::move(name), std::move(plan), ends});
  };
  add("they talk", [](Plan&) {});
  add("the reply to the dial is lost", [](Plan& p) { p.faults.lose_reply_rate = 0.5; });
  add("the first number declines, the second accepts", [](Plan& p) {
    p.businesses = {Does::decline, Does::accept};
  });
  add("the visitor does not answer, then does", [](Plan& p) {
    p.visitors = {Does::ignore, Does::accept};
  });
  add(
      "the visitor cancels while it rings",
      [](Plan& p) {
        p.proven = 1;
        p.cancels = 1;
        p.cancels_within = Seconds(9);
        p.businesses = {Does::ignore};
      },
      State::cancelled);
  add(
      "nobody answers, a text goes out", [](Plan& p) { p.businesses = {Does::ignore}; },
      State::missed);
  add("every webhook comes twice", [](Plan& p) { p.faults.duplicate_rate = 1; });
  add("no status letter arrives", [](Plan& p) {
    p.proven = 1;
    p.faults.drop_rate = 0.5;
  });
  return all;
}

using Open = std::function<sim::OpenStore(Fate&)>;

// In memory: what a batch wrote stays, what it had not finished is rolled back.
Open in_memory() {
  return [](Fate& fate) -> sim::OpenStore {
    return [&fate, inner = sim::in_memory()](std::unique_ptr<CallbackStore> old) {
      if (old) return old;
      return std::unique_ptr<CallbackStore>(std::make_unique<FatefulStore>(inner(nullptr), fate));
    };
  };
}

// In a file: the dead process's store is closed without a commit, and the file opened anew.
Open in_file() {
  return [](Fate& fate) -> sim::OpenStore {
    const auto folder = std::make_shared<conformance::SqliteFolder>();
    return [&fate, folder](std::unique_ptr<CallbackStore> old) {
      old.reset();
      auto store = sqlite::open_sqlite_store(folder->options());
      REQUIRE(store.has_value());
      return std::unique_ptr<CallbackStore>(
          std::make_unique<FatefulStore>(std::move(*store), fate));
    };
  };
}

Outcomes live(const Plan& plan, const Open& open, Fate& fate) {
  sim::World world(plan, open(fate), &fate);
  return world.run();
}

// stride: every so manieth point only.
void die_everywhere(const Open& open, int stride) {
  for (const Variant& variant : variants()) {
    DYNAMIC_SECTION(variant.name) {
      int point = 1;
      for (; point < kMostPoints; point += stride) {
        Fate fate;
        fate.die_at(point);
        const Outcomes outcomes = live(variant.plan, open, fate);
        INFO("died at point " << point << " (" << fate.where() << ")\n" << outcomes.stories);
        for (const auto& violation : outcomes.violations) {
          INFO(violation.what);
          REQUIRE(violation.what.empty());
        }
        if (fate.where().empty()) break;
      }
      CHECK(point > 100);  // a life has many calls; fewer would mean that nothing was tried
      CHECK(point < kMostPoints);
    }
  }
}

// Every n-th point of the file store keeps the test to seconds; each n is another set of points.
int stride_of_files() {
  const char* given = std::getenv("RINGBACK_CRASH_STRIDE");
  return given == nullptr ? 29 : std::max(1, std::atoi(given));
}

}  // namespace

TEST_CASE("a process that dies at any call of a port rings nobody twice and forgets nobody") {
  die_everywhere(in_memory(), 1);
}

TEST_CASE("so it is with a store in a file, which keeps what was committed and nothing else") {
  die_everywhere(in_file(), stride_of_files());
}

TEST_CASE("a process that never dies lives through every variant") {
  for (const Variant& variant : variants()) {
    DYNAMIC_SECTION(variant.name) {
      Fate fate;
      const Outcomes outcomes = live(variant.plan, in_memory(), fate);
      INFO(outcomes.stories);
      for (const auto& violation : outcomes.violations) {
        INFO(violation.what);
        CHECK(violation.what.empty());
      }
      CHECK(outcomes.tally.at("callback") == 1);
      CHECK(outcomes.tally.count(word(variant.ends)) == 1);
      CHECK(outcomes.tally.count("process died") == 0);
    }
  }
}

}  // namespace ringback::crash
