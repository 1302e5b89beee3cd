// ringback_sim: plays small worlds until so many callbacks were made, and says what was seen.
//
//   ringback_sim [--seed N] [--callbacks N] [--story] [--real-hmac]
//
// Ends with 1 if a promise was broken; each such world is printed with its seed and the stories of
// the callbacks concerned. --story tells everything about the one world of --seed.
#include <fmt/format.h>

#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>

#include "tests/simulation/world/world.hpp"

namespace {

using namespace ringback::sim;

constexpr int kCallbacksOfWorld = 64;
constexpr int kMostFailures = 10;

struct Options {
  std::uint64_t seed = 1;
  std::int64_t callbacks = 100'000;
  bool story = false;
  bool real_hmac = false;
};

bool number(const char* text, auto& value) {
  const char* end = text + std::strlen(text);
  const auto read = std::from_chars(text, end, value);
  return read.ec == std::errc() && read.ptr == end;
}

bool read(int count, char** words, Options& options) {
  for (int i = 1; i < count; ++i) {
    const std::string word = words[i];
    if (word == "--story")
      options.story = true;
    else if (word == "--real-hmac")
      options.real_hmac = true;
    else if (word == "--seed" && i + 1 < count && number(words[++i], options.seed))
      continue;
    else if (word == "--callbacks" && i + 1 < count && number(words[++i], options.callbacks))
      continue;
    else
      return false;
  }
  return true;
}

Plan plan_for(const Options& options, std::uint64_t seed) {
  Plan plan = plan_of(seed, kCallbacksOfWorld);
  plan.real_hmac = options.real_hmac;
  return plan;
}

void print(const Outcomes& outcomes, std::uint64_t seed) {
  fmt::print("seed {}: {} broken promises\n", seed, outcomes.violations.size());
  for (const auto& violation : outcomes.violations)
    fmt::print("  {} {}\n", violation.callback.text(), violation.what);
  fmt::print("{}\n", outcomes.stories);
}

int tell_one(const Options& options) {
  const auto outcomes = World(plan_for(options, options.seed), in_memory()).run(true);
  print(outcomes, options.seed);
  for (const auto& [name, times] : outcomes.tally) fmt::print("{:>10}  {}\n", times, name);
  return outcomes.violations.empty() ? 0 : 1;
}

int play(const Options& options) {
  const auto begun = std::chrono::steady_clock::now();
  Tally tally;
  int failures = 0;
  std::int64_t made = 0;
  ringback::Millis lasted{0};
  std::uint64_t seed = options.seed;
  for (; made < options.callbacks && failures < kMostFailures; ++seed) {
    const auto outcomes = World(plan_for(options, seed), in_memory()).run();
    for (const auto& [name, times] : outcomes.tally) tally[name] += times;
    made = tally["callback"];
    lasted += outcomes.lasted;
    if (outcomes.violations.empty()) continue;
    ++failures;
    print(outcomes, seed);
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  for (const auto& [name, times] : tally) fmt::print("{:>10}  {}\n", times, name);
  fmt::print(
      "\n{} callbacks in {} worlds (seeds {} to {}), {} hours of their time, in {:.1f} s: "
      "{:.0f}/s\n",
      made, seed - options.seed, options.seed, seed - 1,
      std::chrono::duration_cast<std::chrono::hours>(lasted).count(), took.count(),
      static_cast<double>(made) / took.count());
  fmt::print("{} worlds broke a promise\n", failures);
  return failures == 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** words) {
  Options options;
  if (!read(count, words, options)) {
    fmt::print(stderr, "ringback_sim [--seed N] [--callbacks N] [--story] [--real-hmac]\n");
    return 2;
  }
  return options.story ? tell_one(options) : play(options);
}
