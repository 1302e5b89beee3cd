// How a telephone behaves by itself in automatic mode: by the last two digits of its number.
#pragma once

#include <cstdint>
#include <optional>

#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback::exchange {

enum class Reaction : std::uint8_t { answer, busy, ignore, decline, machine, unobtainable };

struct Habit {
  int digits = 0;
  Reaction reaction = Reaction::answer;
  Millis after{0};                   // from ringing to the reaction
  bool presses = false;              // presses 1 when asked
  std::optional<Millis> hangs_up{};  // after it answered
};

const Habit& habit_of(const PhoneNumber& number);  // other digits act like 00

}  // namespace ringback::exchange
