// Those who were told to wait together should not come back together: each adds up to a quarter of
// the wait, by its id and its turn. No randomness, so that a journal can be decided once more.
#pragma once

#include <cstdint>

#include "core/domain/id.hpp"
#include "core/domain/time.hpp"

namespace ringback {

// From `wait` to a quarter more.
inline Millis spread(Millis wait, const CallbackId& id, int turn) {
  constexpr std::uint64_t kPrime = 1'099'511'628'211U;  // FNV-1a
  constexpr std::uint64_t kSteps = 1'024;
  std::uint64_t hash = 14'695'981'039'346'656'037U + static_cast<std::uint64_t>(turn);
  for (const auto byte : id.bytes()) hash = (hash ^ byte) * kPrime;
  // Both halves: the last byte moves hardly anything in the upper one.
  const auto share = static_cast<std::int64_t>((hash ^ (hash >> 32U)) % kSteps);
  return wait + wait / 4 * share / static_cast<std::int64_t>(kSteps);
}

}  // namespace ringback
