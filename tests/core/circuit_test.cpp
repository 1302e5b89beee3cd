#include "core/domain/circuit.hpp"

#include <catch2/catch.hpp>

using namespace ringback;

TEST_CASE("a circuit opens after failures in a row, and one success closes it", "[circuit]") {
  const TimePoint start{Seconds(1'000'000)};
  Circuit circuit;
  for (int i = 0; i < kFailuresToOpen - 1; ++i) circuit.failed(start);
  CHECK(circuit.allows(start, 8) == 8);
  circuit.answered();
  for (int i = 0; i < kFailuresToOpen - 1; ++i) circuit.failed(start);
  CHECK(circuit.allows(start, 8) == 8);
  circuit.failed(start);
  CHECK(circuit.state(start) == Circuit::State::open);
  CHECK(circuit.allows(start, 8) == 0);
}

TEST_CASE("orders on their way when a circuit opens do not make its pause longer", "[circuit]") {
  const TimePoint start{Seconds(1'000'000)};
  Circuit circuit;
  for (int i = 0; i < kFailuresToOpen; ++i) circuit.failed(start);
  REQUIRE(*circuit.open_until() - start == kFirstPause);
  for (int i = 0; i < 20; ++i) circuit.failed(start + Millis(i));
  CHECK(*circuit.open_until() - start == kFirstPause);
}

TEST_CASE("a half-open circuit lets one order out, and its fate decides", "[circuit]") {
  const TimePoint start{Seconds(1'000'000)};
  Circuit circuit;
  for (int i = 0; i < kFailuresToOpen; ++i) circuit.failed(start);
  const auto later = *circuit.open_until();
  REQUIRE(circuit.state(later) == Circuit::State::half_open);
  REQUIRE(circuit.allows(later, 8) == 1);
  CHECK(circuit.allows(later, 0) == 0);
  circuit.begin(later);
  CHECK(circuit.allows(later, 8) == 0);

  SECTION("it fails: a longer pause") {
    circuit.failed(later);
    CHECK(circuit.state(later) == Circuit::State::open);
    CHECK(*circuit.open_until() - later > kFirstPause);
  }
  SECTION("it was not sent after all: the next one is let out, after no longer pause") {
    circuit.not_tried();
    CHECK(circuit.state(later) == Circuit::State::half_open);
    CHECK(circuit.allows(later, 8) == 1);
  }
  SECTION("it succeeds: closed") {
    circuit.answered();
    CHECK(circuit.state(later) == Circuit::State::closed);
  }
}

namespace {

constexpr TimePoint kStart{Seconds(1'000'000)};

}  // namespace

TEST_CASE("an account that refuses us is left alone at once, for long, and says why",
          "[circuit][refused]") {
  Circuit circuit;
  circuit.refused(kStart, "20003: wrong token");
  CHECK(circuit.state(kStart) == Circuit::State::open);
  CHECK(circuit.allows(kStart, 8) == 0);
  CHECK(*circuit.open_until() - kStart == kRefusedPause);
  CHECK(circuit.refusal() == "20003: wrong token");

  SECTION("what was on its way is the same trouble, told once more") {
    for (int i = 0; i < 20; ++i) circuit.refused(kStart + Millis(i), "20003: wrong token");
    circuit.failed(kStart + Seconds(1));
    CHECK(*circuit.open_until() - kStart == kRefusedPause);
  }
  SECTION("it takes no words to be refused") {
    Circuit wordless;
    wordless.refused(kStart, "");
    CHECK_FALSE(wordless.refusal().empty());
  }
  SECTION("an order that was taken after all ends it") {
    circuit.accepted();
    CHECK(circuit.state(kStart) == Circuit::State::closed);
    CHECK(circuit.refusal().empty());
    circuit.refused(kStart, "again");
    CHECK(*circuit.open_until() - kStart == kRefusedPause);
  }
}

TEST_CASE("a refused account's probe: only an order that is taken closes the circuit",
          "[circuit][refused]") {
  Circuit circuit;
  circuit.refused(kStart, "no balance");
  const auto later = *circuit.open_until();
  REQUIRE(circuit.state(later) == Circuit::State::half_open);
  CHECK(circuit.allows(later, 8) == 1);
  circuit.begin(later);
  REQUIRE(circuit.allows(later, 8) == 0);

  SECTION("taken: closed") {
    circuit.accepted();
    CHECK(circuit.state(later) == Circuit::State::closed);
    CHECK(circuit.allows(later, 8) == 8);
  }
  SECTION("a number or a text is refused: nothing is said of the account, the next one goes") {
    circuit.answered();
    CHECK(circuit.state(later) == Circuit::State::half_open);
    CHECK(circuit.refusal() == "no balance");
    CHECK(circuit.allows(later, 8) == 1);
  }
  SECTION("no answer: left alone for longer, still for the same reason") {
    circuit.failed(later);
    CHECK(circuit.state(later) == Circuit::State::open);
    CHECK(*circuit.open_until() - later == 2 * kRefusedPause);
    CHECK(circuit.refusal() == "no balance");
  }
  SECTION("refused again: twice as long, up to a limit") {
    TimePoint now = later;
    for (const int times : {2, 4, kLongestRefusedPause, kLongestRefusedPause}) {
      circuit.refused(now, "suspended");
      CHECK(*circuit.open_until() - now == times * kRefusedPause);
      now = *circuit.open_until();
    }
    CHECK(circuit.refusal() == "suspended");
  }
}

TEST_CASE("a refusal after failures begins with its own pause", "[circuit][refused]") {
  Circuit circuit{Seconds(40)};
  for (int i = 0; i < kFailuresToOpen; ++i) circuit.failed(kStart);
  circuit.refused(kStart, "wrong token");
  CHECK(*circuit.open_until() - kStart == Seconds(40));
  circuit.accepted();
  for (int i = 0; i < kFailuresToOpen; ++i) circuit.failed(kStart);
  CHECK(*circuit.open_until() - kStart == kFirstPause);
  CHECK(circuit.refusal().empty());
}
