#include "adapters/system/random_bytes.hpp"

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <stdexcept>

namespace ringback {
namespace {

constexpr std::size_t kPortion = 512;

struct Portion {
  std::array<std::uint8_t, kPortion> bytes{};
  std::size_t left = 0;

  Portion() = default;
  ~Portion() { OPENSSL_cleanse(bytes.data(), bytes.size()); }
  Portion(const Portion&) = delete;
  Portion& operator=(const Portion&) = delete;
};

}  // namespace

void random_bytes(std::uint8_t* to, std::size_t size) {
  thread_local Portion portion;
  while (size > 0) {
    if (portion.left == 0) {
      if (RAND_bytes(portion.bytes.data(), static_cast<int>(kPortion)) != 1)
        throw std::runtime_error("the operating system gave no randomness; nothing was made");
      portion.left = kPortion;
    }
    const std::size_t part = std::min(size, portion.left);
    std::uint8_t* const from = portion.bytes.data() + (kPortion - portion.left);
    std::copy_n(from, part, to);
    OPENSSL_cleanse(from, part);
    portion.left -= part;
    to += part;
    size -= part;
  }
}

}  // namespace ringback
