// Keys that hide nothing but tell texts and purposes apart, ten times faster than real ones: for
// simulations, where signatures must be checked but nobody forges them.
#pragma once

#include <cstring>
#include <string>

#include "core/ports/keyring.hpp"

namespace ringback::sim {

inline Digest toy_hmac(std::string_view key, std::string_view text) {
  std::uint64_t h = 1469598103934665603ULL;
  const auto add = [&h](std::uint64_t word) {
    h = (h ^ word) * 1099511628211ULL;
    h ^= h >> 32U;
  };
  const auto add_all = [&](std::string_view bytes) {
    add(bytes.size());
    for (; bytes.size() >= 8; bytes.remove_prefix(8)) {
      std::uint64_t word = 0;
      std::memcpy(&word, bytes.data(), sizeof word);
      add(word);
    }
    for (const char c : bytes) add(static_cast<unsigned char>(c));
  };
  add_all(key);
  add_all(text);
  Digest digest{};
  for (std::size_t i = 0; i < digest.size(); i += 8) {
    h ^= h >> 29U;
    h *= 0xbf58476d1ce4e5b9ULL;
    h ^= h >> 32U;
    for (std::size_t j = 0; j < 8; ++j) digest[i + j] = static_cast<std::uint8_t>(h >> (8 * j));
  }
  return digest;
}

class ToyKeyring final : public Keyring {
 public:
  Digest hmac(std::string_view purpose, std::string_view text) const override {
    return toy_hmac(purpose, text);
  }
  std::string seal(std::string_view, std::string_view plain, std::string_view) const override {
    return std::string(plain);
  }
  Result<std::string> open(std::string_view, std::string_view sealed,
                           std::string_view) const override {
    return std::string(sealed);
  }
  bool same(const Digest& a, const Digest& b) const override { return a == b; }
};

}  // namespace ringback::sim
