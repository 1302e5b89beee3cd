#include "core/domain/circuit.hpp"

#include <catch2/catch.hpp>

using namespace ringback;

TEST_CASE("a circuit opens after failures in a row, and one success closes it", "[circuit]") {
  const TimePoint start{Seconds(1'000'000)};
  Circuit circuit;
  for (int i = 0; i < kFailuresToOpen - 1; ++i) circuit.failed(start);
  CHECK(circuit.allows(start, 8) == 8);
  circuit.succeeded();
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
  SECTION("it succeeds: closed") {
    circuit.succeeded();
    CHECK(circuit.state(later) == Circuit::State::closed);
  }
}
