// Breadth first through everything that one callback, one or two numbers, one death, one repeated
// and one lost message can do. Each state that is new is checked; from a sample of them the world
// turns kind, and the story must end, and the end must be true. RINGBACK_STATES=<n> explores
// further (1,000,000 in a release build).
#include <catch2/catch.hpp>

#include <cstdlib>
#include <deque>
#include <unordered_set>

#include "tests/core/support/world.hpp"

using namespace ringback;
using namespace ringback::test;

namespace {

struct Explored {
  std::size_t states = 0;
  std::size_t endings = 0;
  std::string fault;
};

World small_world(bool bridging, int numbers) {
  World w;
  Rules& r = w.story.rules;
  for (int n = 1; n < numbers; ++n) r.numbers.push_back(number(n));
  r.accounts[0].bridges_itself = bridging;
  r.attempts = 1;
  r.talk = Minutes(2);
  r.times.poll_tail = Minutes(1);
  r.times.poll_late_for = Minutes(1);
  w.deaths = w.repeats = w.drops = w.losses = 1;
  w.feed(Asked{true, false});
  return w;
}

Explored explore(const World& start, std::size_t most) {
  constexpr std::size_t kEndEvery = 32;
  Explored result;
  std::unordered_set<std::uint64_t> seen{start.fingerprint()};
  std::deque<World> open{start};
  while (!open.empty() && seen.size() < most) {
    const World here = std::move(open.front());
    open.pop_front();
    for (const Move& move : here.moves()) {
      World next = here;
      next.take_move(move);
      if (!next.fault.empty()) {
        result.fault = next.fault;
        return result;
      }
      if (!seen.insert(next.fingerprint()).second) continue;
      if (seen.size() % kEndEvery == 0) {
        World end = next;
        end.run_to_end(600);
        ++result.endings;
        if (!end.fault.empty()) {
          result.fault = end.fault;
          return result;
        }
      }
      open.push_back(std::move(next));
    }
  }
  result.states = seen.size();
  return result;
}

std::size_t states_wanted(std::size_t otherwise) {
  const char* text = std::getenv("RINGBACK_STATES");
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

void check_world(bool bridging, int numbers) {
  const auto explored = explore(small_world(bridging, numbers), states_wanted(70'000));
  INFO(explored.states << " states, " << explored.endings << " played to the end");
  CHECK(explored.fault.empty());
  CHECK(explored.fault == "");
  CHECK(explored.endings > 0);
  if (std::getenv("RINGBACK_STATES") != nullptr)
    WARN(explored.states << " states, " << explored.endings << " played to the end");
}

}  // namespace

TEST_CASE("model: we run the bridge, one number", "[model][slow]") { check_world(false, 1); }
TEST_CASE("model: we run the bridge, two numbers", "[model][slow]") { check_world(false, 2); }
TEST_CASE("model: the carrier runs the bridge", "[model][slow]") { check_world(true, 1); }
