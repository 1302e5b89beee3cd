#include "adapters/exchange/weather.hpp"

namespace ringback::exchange {

// SplitMix64: any seed will do, the same everywhere.
std::uint64_t Weather::draw() {
  state_ += 0x9e3779b97f4a7c15U;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9U;
  z = (z ^ (z >> 27U)) * 0x94d049bb133111ebU;
  return z ^ (z >> 31U);
}

bool Weather::strikes(double rate) {
  if (rate <= 0) return false;
  constexpr double kOneIn = 1.0 / 9007199254740992.0;  // 2^53
  return static_cast<double>(draw() >> 11U) * kOneIn < rate;
}

Millis Weather::up_to(Millis most) {
  if (most.count() <= 0) return Millis{0};
  return Millis{static_cast<Millis::rep>(draw() % (static_cast<std::uint64_t>(most.count()) + 1))};
}

}  // namespace ringback::exchange
