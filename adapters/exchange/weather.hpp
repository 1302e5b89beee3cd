// What goes wrong between the exchange and its client, on purpose and by seed: the same seed and
// the same questions in the same order give the same weather.
#pragma once

#include <cstdint>

#include "core/domain/time.hpp"

namespace ringback::exchange {

struct Faults {
  Millis latency{0};           // of every reply and every webhook
  double lose_reply_rate = 0;  // the request is carried out, its reply is lost
  double error_rate = 0;       // 500: half of them before, half after the request is carried out
  double throttle_rate = 0;    // 429 to an order
  double refuse_rate = 0;      // an order is refused as if its number did not exist
  double duplicate_rate = 0;   // a webhook comes twice
  double drop_rate = 0;        // a webhook gets lost
  Millis reorder{0};           // webhooks are late by up to this, each by its own amount
  std::uint64_t seed = 1;

  friend bool operator==(const Faults&, const Faults&) = default;
};

class Weather {
 public:
  explicit Weather(const Faults& faults) : faults_(faults), state_(faults.seed) {}

  const Faults& faults() const { return faults_; }
  void change(const Faults& faults) { *this = Weather(faults); }

  bool strikes(double rate);  // draws only if it can strike
  Millis up_to(Millis most);  // 0 .. most

 private:
  std::uint64_t draw();

  Faults faults_;
  std::uint64_t state_;
};

}  // namespace ringback::exchange
