#include "adapters/exchange/wave.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <functional>

namespace ringback::exchange {
namespace {

constexpr std::uint32_t kRate = 8'000;
constexpr std::uint16_t kChannels = 2;
constexpr std::uint16_t kSampleBytes = 2;
constexpr std::uint32_t kHeaderBytes = 44;
constexpr int kLongestSound = 3;  // seconds; longer talks are cut
constexpr double kLoudness = 6'000;
constexpr double kBusinessTone = 440;
constexpr double kLowestVisitorTone = 520;  // no two recordings sound alike
constexpr std::size_t kVisitorTones = 400;
constexpr double kFullTurn = 6.283185307179586;

template <class Whole>
void put(std::string& out, Whole value) {
  for (std::size_t i = 0; i < sizeof value; ++i)
    out += static_cast<char>(static_cast<std::uint64_t>(value) >> (8U * i) & 0xFFU);
}

std::uint16_t sample(double tone, std::uint32_t at) {
  const double turn = kFullTurn * tone * at / kRate;
  return static_cast<std::uint16_t>(static_cast<std::int16_t>(kLoudness * std::sin(turn)));
}

}  // namespace

std::string wave_of(const Tape& tape) {
  const auto seconds = static_cast<std::uint32_t>(std::clamp(tape.seconds, 1, kLongestSound));
  const std::uint32_t samples = seconds * kRate;
  const std::uint32_t bytes = samples * kChannels * kSampleBytes;
  std::string out;
  out.reserve(kHeaderBytes + bytes);
  out += "RIFF";
  put<std::uint32_t>(out, kHeaderBytes - 8 + bytes);
  out += "WAVEfmt ";
  put<std::uint32_t>(out, 16);  // of this part
  put<std::uint16_t>(out, 1);   // PCM
  put<std::uint16_t>(out, kChannels);
  put<std::uint32_t>(out, kRate);
  put<std::uint32_t>(out, kRate * kChannels * kSampleBytes);
  put<std::uint16_t>(out, kChannels * kSampleBytes);
  put<std::uint16_t>(out, kSampleBytes * 8);
  out += "data";
  put<std::uint32_t>(out, bytes);
  const double visitor_tone =
      kLowestVisitorTone + static_cast<double>(std::hash<std::string>{}(tape.id) % kVisitorTones);
  for (std::uint32_t at = 0; at < samples; ++at) {
    put<std::uint16_t>(out, sample(kBusinessTone, at));
    put<std::uint16_t>(out, sample(visitor_tone, at));
  }
  return out;
}

}  // namespace ringback::exchange
