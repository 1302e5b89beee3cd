// Chance by seed: the same seed and the same questions in the same order give the same answers.
#pragma once

#include <cstdint>
#include <iterator>

#include "core/domain/time.hpp"
#include "core/ports/id_source.hpp"

namespace ringback::sim {

class Chance {
 public:
  explicit Chance(std::uint64_t seed) : state_(seed) {}

  std::uint64_t draw() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30U)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27U)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31U);
  }
  // Draws only if it can strike, so that a fault that is switched off changes nothing else.
  bool strikes(double rate) {
    return rate > 0 && static_cast<double>(draw() >> 11U) * 0x1p-53 < rate;
  }
  int between(int least, int most) {
    return least + static_cast<int>(draw() % static_cast<std::uint64_t>(most - least + 1));
  }
  Millis between(Millis least, Millis most) {
    const auto span = static_cast<std::uint64_t>((most - least).count() + 1);
    return least + Millis(static_cast<Millis::rep>(draw() % span));
  }
  template <class Items>
  const auto& one_of(const Items& items) {
    return *(std::begin(items) + between(0, static_cast<int>(std::size(items)) - 1));
  }

 private:
  std::uint64_t state_;
};

class SeededIds final : public IdSource {
 public:
  explicit SeededIds(std::uint64_t seed) : chance_(seed) {}

  IdBytes uuid_v7(TimePoint now) override {
    IdBytes bytes = random16();
    auto ms = static_cast<std::uint64_t>(now.time_since_epoch().count());
    for (std::size_t i = 6; i-- > 0; ms >>= 8U) bytes[i] = static_cast<std::uint8_t>(ms);
    bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0fU) | 0x70U);
    bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3fU) | 0x80U);
    return bytes;
  }
  IdBytes random16() override {
    IdBytes bytes{};
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(chance_.draw() >> 56U);
    return bytes;
  }
  std::uint32_t random32() override { return static_cast<std::uint32_t>(chance_.draw() >> 32U); }

 private:
  Chance chance_;
};

}  // namespace ringback::sim
