// Random stories: half of them in a world that knows the truth, half of them plain chaos, all
// events in all states. A failing seed is printed; RINGBACK_SEED=<n> plays that story alone,
// RINGBACK_STORIES more of them.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <random>

#include "core/domain/retry.hpp"
#include "tests/core/support/checks.hpp"
#include "tests/core/support/world.hpp"

using namespace ringback;
using namespace ringback::test;

namespace {

class Dice {
 public:
  explicit Dice(std::uint64_t seed) : engine_(seed) {}
  int below(int n) { return static_cast<int>(engine_() % static_cast<std::uint64_t>(n)); }
  bool one_in(int n) { return below(n) == 0; }

 private:
  std::mt19937_64 engine_;
};

Rules random_rules(Dice& dice) {
  Rules r = ordinary_rules();
  if (dice.one_in(2)) r.numbers.push_back(number(1));
  const bool bridging = dice.one_in(4);
  if (dice.one_in(3)) r.accounts.push_back(account("two"));
  for (auto& a : r.accounts) {
    a.bridges_itself = bridging;
    a.polled = bridging && dice.one_in(2);
    a.can_hang_up = !dice.one_in(4);
    a.can_find_calls = !dice.one_in(4);
    a.fetch_lag = dice.one_in(3) ? Seconds(60) : Seconds(0);
  }
  if (dice.one_in(5)) r.accept = Accept::none;
  if (dice.one_in(4)) r.redial_unknown = RedialUnknown::never;
  if (dice.one_in(4)) r.outside_hours = OutsideHours::sms;
  r.attempts = 1 + dice.below(2);
  r.talk = Minutes(5);
  r.times.poll_late_for = Minutes(20);
  return r;
}

void random_weather(Story& s, Dice& dice) {
  s.world.call_left = !dice.one_in(10);
  s.world.text_left = !dice.one_in(10);
  s.world.line_free = !dice.one_in(10);
  if (!dice.one_in(5)) return s.open_again();
  if (dice.one_in(2))
    s.shut_for_good();
  else
    s.shut_until(s.now() + Minutes(1 + dice.below(300)));
}

Event random_event(const Story& s, Dice& dice) {
  const int attempt = s.c.attempts.empty() ? dice.below(2) : 1 + dice.below(s.newest());
  const Attempt* a = attempt_of(s.c, attempt);
  const int message =
      s.c.messages.empty() ? 0 : 1 + dice.below(static_cast<int>(s.c.messages.size()));
  const std::string ref = dice.one_in(8)    ? ""
                          : dice.one_in(20) ? "CAx"
                                            : "CA" + std::to_string(attempt);
  const int fence = a == nullptr ? 0 : a->fence - (dice.one_in(8) ? 1 : 0);
  const auto taken = static_cast<Taken>(dice.below(6));
  const auto view = [&] { return static_cast<View>(dice.below(9)); };
  switch (dice.below(24)) {
    case 0:
      return Asked{dice.one_in(2), dice.one_in(5)};
    case 1:
      return CodeEntered{dice.one_in(2)};
    case 2:
      return ResendAsked{dice.one_in(5)};
    case 3:
      return Joined{};
    case 4:
      return CancelAsked{};
    case 5:
      return RetryAsked{dice.one_in(2)};
    case 6:
    case 7:
    case 8:
      return TimerRang{static_cast<TimerKind>(dice.below(6))};
    case 9:
    case 10:
      return DialClaimed{attempt};
    case 11:
    case 12:
    case 13:
      return DialAnswered{
          attempt, fence,
          Outcome{taken, taken == Taken::accepted ? ref : "", Seconds(dice.below(9)), ""}};
    case 14: {
      const int candidates = dice.below(3);
      return LookedUp{attempt, candidates, dice.one_in(4), candidates == 1 ? ref : "", s.now()};
    }
    case 15:
      return SenderDied{dice.one_in(2) ? attempt : 0, dice.one_in(2) ? message : 0};
    case 16:
    case 17: {
      News n;
      n.attempt = attempt;
      n.ref = ref;
      n.side = dice.one_in(2) ? Side::business : Side::visitor;
      n.view = view();
      n.declined = dice.one_in(4);
      n.machine = dice.one_in(8);
      n.never_joined = dice.one_in(8);
      n.hint = dice.one_in(8);
      return n;
    }
    case 18:
    case 19:
      return Questioned{attempt,
                        ref,
                        static_cast<Point>(dice.below(3)),
                        1 + dice.below(2),
                        dice.one_in(3)   ? ""
                        : dice.one_in(3) ? "5"
                                         : "1",
                        dice.one_in(9)};
    case 20: {
      Snapshot shot;
      shot.attempt = attempt;
      shot.ref = ref;
      shot.gone = dice.one_in(4);
      shot.business = view();
      shot.visitor = view();
      shot.asked_at = s.now() - Seconds(dice.below(40));
      return shot;
    }
    case 21:
      return TextClaimed{message, Digest{}};
    case 22:
      return TextAnswered{
          message, message == 0 ? 0 : s.c.messages[static_cast<std::size_t>(message - 1)].fence,
          Outcome{taken, "SM", Millis{0}, ""}};
    default:
      return TextLookedUp{message, dice.one_in(2), "SM", s.now()};
  }
}

// What is said of a retry before is what the machine does, and it is done once.
std::string broken_in_retry(const Story& s, bool anyway) {
  Situation world = s.world;
  world.rules = &s.rules;
  if (!s.shut) world.next_opening = world.now;
  const auto bar = retry_bar(s.c, s.rules, world.now, anyway);
  const auto first = decide(s.c, RetryAsked{anyway}, world);
  if (bar != RetryBar::none)
    return first.verdict == Verdict::stale && first.after == s.c ? ""
                                                                 : "a barred retry did something";
  if (first.verdict == Verdict::over_budget) return first.after == s.c ? "" : "refused, yet moved";
  if (first.verdict != Verdict::moved || first.after.generation != s.c.generation + 1)
    return "a retry that may be was not begun";
  const auto dials = [](const Decision& d) {
    return std::count_if(d.orders.begin(), d.orders.end(),
                         [](const Order& o) { return o.kind == OrderKind::dial; });
  };
  if (dials(first) > 1) return "a retry ordered two calls";
  const auto second = decide(first.after, RetryAsked{anyway}, world);
  return dials(first) + dials(second) <= 1 ? "" : "two retries ordered two calls";
}

std::string chaos(std::uint64_t seed) {
  Dice dice(seed);
  World w;
  w.story.rules = random_rules(dice);
  w.feed(Asked{dice.one_in(2), false});
  for (int n = 6 + dice.below(12); n > 0 && w.fault.empty(); --n) {
    if (dice.one_in(4))
      w.story.wait(Millis(dice.one_in(9) ? 1'000'000 * dice.below(9) : 1000 * dice.below(120)));
    if (dice.one_in(6)) random_weather(w.story, dice);
    auto event = random_event(w.story, dice);
    // Half of the timers ring when they are due.
    if (auto* timer = std::get_if<TimerRang>(&event); timer != nullptr && dice.one_in(2)) {
      if (w.story.timers.empty()) continue;
      const auto next =
          std::next(w.story.timers.begin(), dice.below(static_cast<int>(w.story.timers.size())));
      timer->kind = next->first;
      w.story.world.now = std::max(w.story.now(), next->second);
    }
    w.feed(event);
    if (w.fault.empty() && dice.one_in(4)) w.fault = broken_in_retry(w.story, dice.one_in(2));
  }
  return w.fault;
}

std::string true_story(std::uint64_t seed) {
  Dice dice(seed);
  World w;
  w.story.rules = random_rules(dice);
  w.deaths = dice.below(2);
  w.repeats = dice.below(4);
  w.drops = dice.below(4);
  w.retries = dice.below(2);
  w.cancels = dice.one_in(3) ? 1 : 0;
  w.losses = dice.below(3);
  w.feed(Asked{true, false});
  for (int n = 10 + dice.below(30); n > 0 && w.fault.empty(); --n) {
    if (dice.one_in(20)) random_weather(w.story, dice);
    const auto moves = w.moves();
    if (moves.empty()) break;
    const auto move = moves[static_cast<std::size_t>(dice.below(static_cast<int>(moves.size())))];
    w.take_move(move);
  }
  w.story.open_again();
  w.story.world.call_left = w.story.world.text_left = w.story.world.line_free = true;
  if (w.fault.empty()) w.run_to_end(600);
  return w.fault;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

template <class Tell>
void tell_many(Tell tell, std::uint64_t stories) {
  const auto first = from_environment("RINGBACK_SEED", 0);
  auto left = first != 0 ? 1 : from_environment("RINGBACK_STORIES", stories);
  for (std::uint64_t seed = first != 0 ? first : 1; left > 0; --left, ++seed) {
    const auto broken = tell(seed);
    if (broken.empty()) continue;
    FAIL("seed " << seed << ": " << broken);
  }
}

}  // namespace

TEST_CASE("property: whatever happens, no promise is broken", "[property][slow]") {
  tell_many(chaos, 85'000);
}

TEST_CASE("property: what is believed of the calls is true at the end", "[property][slow]") {
  tell_many(true_story, 15'000);
}
