#include "core/domain/spread.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace ringback;

TEST_CASE("spread: never sooner, at most a quarter later, and the same each time", "[spread]") {
  const Millis wait{8'000};
  std::set<Millis> waits;
  for (std::uint8_t n = 0; n < 200; ++n) {
    IdBytes bytes{};
    bytes.back() = n;
    const CallbackId id(bytes);
    const auto spreaded = spread(wait, id, 3);
    CHECK(spreaded >= wait);
    CHECK(spreaded <= wait + wait / 4);
    CHECK(spread(wait, id, 3) == spreaded);
    waits.insert(spreaded);
  }
  CHECK(waits.size() > 150);  // they do not come back together
  CHECK(spread(Millis{0}, CallbackId(), 1) == Millis{0});
}
