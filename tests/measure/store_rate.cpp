// What a store costs as history grows: `store_rate URL ROWS [BATCH]` stores ROWS callbacks, each
// with the commits of an ordinary life, and prints the processor time of each tenth. By hand; not
// part of the tests.
#include <fmt/format.h>

#include <cstdlib>
#include <ctime>

#include "adapters/storage/registry.hpp"
#include "adapters/system/openssl_keyring.hpp"
#include "tests/conformance/store_samples.hpp"

using namespace ringback;
using namespace ringback::conformance;

namespace {

constexpr std::uint32_t kRounds = 10;
const Rules kRules = some_rules();

Commit birth(std::uint32_t n) {
  auto callback = a_callback(n);
  callback.visitor = {
      *PhoneNumber::from_e164("+12025550123"), "US",   "Some Body", "some@example.com",
      "Please ring me back about the offer.",  "en-GB"};
  callback.proven = true;
  callback.state = State::queued;
  Attempt attempt;
  attempt.no = 1;
  attempt.business = kRules.numbers[0];
  attempt.made_at = at(n);
  callback.attempts = {attempt};
  auto c = creation(callback);
  c.line.situation.rules = &kRules;
  c.orders = {{OrderKind::dial, 1, at(n)}};
  c.timers = {{TimerKind::give_up, at(n + 7200)}};
  c.budget = {{Budget::calls, static_cast<int>(n / 10'000), 1}};
  c.caps = {1'000'000, 1'000'000};
  c.visitor_tokens = {{digest(3 * n), at(n + 90'000)}};
  c.attempt_tokens = {{digest(3 * n + 1), 1, at(n + 90'000)}};
  c.idempotency = IdempotencyEntry{digest(3 * n + 2), digest(n), at(n + 90'000)};
  return c;
}

// Claimed, placed, answered, screened, joined, over: twelve commits after the first.
bool live(CallbackStore& store, Callback before) {
  for (int step = 1; step <= 12; ++step) {
    Callback after = before;
    ++after.version;
    auto& attempt = after.attempts[0];
    attempt.state = step == 1 ? AttemptState::sending : AttemptState::placed;
    attempt.claimed_at = at(1);
    if (step > 1) attempt.ref = "CA" + after.id.text();
    attempt.polls = step;
    after.state = State::calling;
    if (step == 12) {
      attempt.state = AttemptState::ended;
      after.state = State::completed;
      after.finished_at = at(99);
    }
    Commit c = change(before, after);
    c.line.situation.rules = &kRules;
    c.line.event = News{1, attempt.ref, Side::business, View::ringing};
    if (step == 1) c.drops = {{OrderKind::dial, 1}};
    if (step > 2) c.delivery = "CA" + after.id.text() + std::to_string(step);
    c.timers = {{TimerKind::poll, at(100 + step)}};
    if (step == 12)
      c.timers = {{TimerKind::poll, std::nullopt}, {TimerKind::give_up, std::nullopt}};
    if (!store.commit(c)) return false;
    before = std::move(after);
  }
  return true;
}

// Of this process alone: a busy machine does not show in it, nor does the wait for the disk.
template <class F>
double cpu_seconds(F&& f) {
  const auto begun = std::clock();
  f();
  return static_cast<double>(std::clock() - begun) / CLOCKS_PER_SEC;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) {
    fmt::print(stderr, "store_rate URL ROWS [BATCH]\n");
    return 2;
  }
  const auto keyring = OpensslKeyring::from(Secret(std::string(64, 'k'))).value();
  auto opened = open_store(argv[1], {&keyring, at(0), "measure"});
  if (!opened) {
    fmt::print(stderr, "{}\n", opened.error().detail);
    return 1;
  }
  CallbackStore& store = **opened;
  const auto rows = static_cast<std::uint32_t>(std::atoi(argv[2]));
  const auto batch = static_cast<std::uint32_t>(argc > 3 ? std::atoi(argv[3]) : 64);
  for (std::uint32_t round = 0; round < kRounds; ++round) {
    const std::uint32_t first = 1 + round * (rows / kRounds);
    const std::uint32_t last = first + rows / kRounds;
    double creating = 0;
    double living = 0;
    for (std::uint32_t n = first; n < last; n += batch) {
      std::vector<CallbackStore::Work> births;
      std::vector<CallbackStore::Work> lives;
      for (std::uint32_t k = n; k < std::min(n + batch, last); ++k) {
        births.emplace_back([&store, k] { return store.commit(birth(k)).has_value(); });
        lives.emplace_back([&store, k] { return live(store, birth(k).after); });
      }
      creating += cpu_seconds([&] { store.batch(births).value(); });
      living += cpu_seconds([&] { store.batch(lives).value(); });
    }
    const double loading = cpu_seconds([&] {
      for (std::uint32_t i = 0; i < 1'000; ++i)
        store.load(callback_id(1 + (i * 7919) % (last - 1))).value();
    });
    const double counting = cpu_seconds([&] { store.figures().value(); });
    fmt::print(
        "{:>8} rows: create {:6.1f} us, a life of 12 commits {:7.1f} us, load {:5.1f} us, "
        "figures {:6.1f} us\n",
        last - 1, creating * 1e6 / (last - first), living * 1e6 / (last - first), loading * 1e3,
        counting * 1e6);
  }
}
