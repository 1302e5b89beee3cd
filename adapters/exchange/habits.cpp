#include "adapters/exchange/habits.hpp"

#include <array>

namespace ringback::exchange {
namespace {

constexpr Millis kSoon{500};

constexpr std::array<Habit, 9> kHabits{{
    {0, Reaction::answer, kSoon, true, {}},
    {1, Reaction::busy, kSoon},
    {2, Reaction::ignore},
    {3, Reaction::decline, kSoon},
    {4, Reaction::machine, kSoon, false, Millis{30'000}},
    {5, Reaction::answer, kSoon},
    {6, Reaction::unobtainable},
    {7, Reaction::answer, Millis{15'000}, true, {}},
    {8, Reaction::answer, kSoon, false, Millis{2'000}},
}};

}  // namespace

const Habit& habit_of(const PhoneNumber& number) {
  const auto& text = number.e164();
  if (text.size() < 2) return kHabits.front();
  const int digits = (text[text.size() - 2] - '0') * 10 + (text.back() - '0');
  for (const auto& habit : kHabits)
    if (habit.digits == digits) return habit;
  return kHabits.front();
}

}  // namespace ringback::exchange
