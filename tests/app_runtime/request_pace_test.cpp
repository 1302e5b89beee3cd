#include "app/runtime/request_pace.hpp"

#include <catch2/catch.hpp>
#include <vector>

using namespace ringback;

namespace {

constexpr Millis kForever{std::chrono::hours(24)};
const RequestPace::Instant kStart{std::chrono::hours(1)};

// When the turns come that are asked for one behind the other, in milliseconds.
std::vector<std::int64_t> turns(RequestPace& pace, RequestPace::Use use, int count) {
  std::vector<std::int64_t> out;
  for (int i = 0; i < count; ++i) out.push_back(pace.take(use, kStart, kForever)->count());
  return out;
}

std::size_t most_in_a_minute(const std::vector<std::int64_t>& turns) {
  std::size_t most = 0;
  for (std::size_t first = 0, last = 0; last < turns.size(); ++last) {
    while (turns[last] - turns[first] >= 60'000) ++first;
    most = std::max(most, last - first + 1);
  }
  return most;
}

}  // namespace

TEST_CASE("in no minute are more requests sent than the account may send", "[pace]") {
  for (const int limit : {10, 11, 60, 200, 1'000}) {
    RequestPace pace(limit);
    const auto all = turns(pace, RequestPace::Use::order, limit * 5);
    INFO(limit);
    CHECK(most_in_a_minute(all) <= static_cast<std::size_t>(limit));
    // ... and hardly fewer.
    CHECK(most_in_a_minute(all) >= static_cast<std::size_t>(limit) * 9 / 10);
    CHECK(all.front() == 0);
  }
}

TEST_CASE("questions get at most half, and orders need not wait for them", "[pace]") {
  RequestPace pace(200);
  const auto asked = turns(pace, RequestPace::Use::question, 500);
  CHECK(most_in_a_minute(asked) <= 100);

  RequestPace busy(200);
  for (int i = 0; i < 500; ++i) busy.take(RequestPace::Use::question, kStart, Millis{0});
  CHECK(busy.take(RequestPace::Use::order, kStart, Millis{0}) == Millis{0});
}

TEST_CASE("whoever has not the patience takes no turn", "[pace]") {
  RequestPace pace(10);
  while (pace.take(RequestPace::Use::order, kStart, Millis{0})) {
  }
  const auto next = pace.take(RequestPace::Use::order, kStart, Millis{0});
  CHECK_FALSE(next.has_value());
  const auto wait = pace.take(RequestPace::Use::order, kStart, kForever);
  REQUIRE(wait.has_value());
  CHECK(*wait > Millis{0});
  CHECK(*wait <= Seconds{10});
  // What was refused has cost nothing: a minute later the burst is there again.
  RequestPace rested(10);
  for (int i = 0; i < 100; ++i) rested.take(RequestPace::Use::order, kStart, Millis{0});
  CHECK(rested.take(RequestPace::Use::order, kStart + Minutes{1}, Millis{0}) == Millis{0});
}
