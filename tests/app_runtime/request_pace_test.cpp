#include "app/runtime/request_pace.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
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

TEST_CASE("what an account's pace promises it keeps, whatever was asked of it before", "[pace]") {
  constexpr Millis kPatience{100};
  std::mt19937 chance(20'261'121);  // NOLINT(cert-msc*): the same in every run
  const auto below = [&](int end) { return std::uniform_int_distribution(0, end - 1)(chance); };
  for (const int limit : {10, 11, 30, 60, 200, 1'000, 100'000}) {
    INFO(limit);
    RequestPace pace(limit);
    auto now = kStart;
    std::vector<std::int64_t> given;
    const auto give = [&](std::optional<Millis> wait) {
      if (wait) given.push_back(((now - kStart) + *wait) / Millis(1));
    };
    for (int pass = 0; pass < 400; ++pass) {
      now += Millis(below(60'000 * 4 / limit + 2));
      for (int questions = below(3); questions > 0; --questions)
        give(pace.take(RequestPace::Use::question, now, Seconds{3}));
      const auto out = pace.outlook(now, kPatience, 64);
      REQUIRE(out.turns <= 64);
      // Claiming takes its time, and not everything that might is claimed.
      const auto asked = now;
      now += Millis(below(80));
      for (int orders = below(out.turns + 1); orders > 0; --orders) {
        const auto wait = pace.take(RequestPace::Use::order, now, Millis::max());
        REQUIRE(wait.has_value());
        REQUIRE(now + *wait <= std::max(now, asked + kPatience + Millis{1}));
        give(wait);
      }
    }
    std::sort(given.begin(), given.end());
    CHECK(most_in_a_minute(given) <= static_cast<std::size_t>(limit));
  }
}

TEST_CASE("whoever is told when there are more turns is told the truth", "[pace]") {
  constexpr Millis kPatience{100};
  for (const int limit : {10, 30, 200}) {
    INFO(limit);
    RequestPace pace(limit);
    while (pace.take(RequestPace::Use::order, kStart, kPatience)) {
    }
    const auto none = pace.outlook(kStart, kPatience, 64);
    CHECK(none.turns == 0);
    REQUIRE(none.more_after > Millis{0});
    CHECK(pace.outlook(kStart + none.more_after - Millis{1}, kPatience, 64).turns == 0);
    CHECK(pace.outlook(kStart + none.more_after, kPatience, 64).turns == 1);
  }
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
