#include "app/runtime/store_clock.hpp"

#include "tests/support/catch.hpp"

namespace ringback {
namespace {

struct Machine final : Clock {
  TimePoint wall{std::chrono::hours(500'000)};
  Millis ran{12'345};
  TimePoint now() const override { return wall; }
  Millis steady() const override { return ran; }
  void pass(Millis time) {
    wall += time;
    ran += time;
  }
};

TEST_CASE("the store's clock begins where the last commit was") {
  Machine machine;
  const auto last = machine.wall + Minutes(10);
  const StoreClock clock(machine, last);
  CHECK(clock.now() == last);
  machine.pass(Seconds(5));
  CHECK(clock.now() == last + Seconds(5));
}

TEST_CASE("it follows a wall that jumps ahead, and never goes back with it") {
  Machine machine;
  const StoreClock clock(machine, {});
  CHECK(clock.now() == machine.wall);
  machine.wall += std::chrono::hours(1);
  const auto ahead = clock.now();
  CHECK(ahead == machine.wall);
  machine.wall -= std::chrono::hours(1);
  CHECK(clock.now() == ahead);
}

TEST_CASE("it goes on after a jump that was taken back, at the pace of time") {
  Machine machine;
  const StoreClock clock(machine, {});
  machine.wall += std::chrono::hours(24);
  const auto ahead = clock.now();
  machine.wall -= std::chrono::hours(24);
  machine.pass(Seconds(30));
  CHECK(clock.now() == ahead + Seconds(30));
}

TEST_CASE("its steady time is the machine's") {
  Machine machine;
  const StoreClock clock(machine, machine.wall + std::chrono::hours(1));
  CHECK(clock.steady() == machine.ran);
}

}  // namespace
}  // namespace ringback
