// A keyring that hides nothing but notices every change: for tests of stores only.
#pragma once

#include <string>

#include "core/ports/keyring.hpp"

namespace ringback::conformance {

class TestKeyring final : public Keyring {
 public:
  Digest hmac(std::string_view, std::string_view text) const override {
    Digest digest{};
    std::uint64_t mix = checksum(text);
    for (auto& byte : digest)
      byte = static_cast<std::uint8_t>((mix *= 6364136223846793005ULL) >> 56);
    return digest;
  }
  std::string seal(std::string_view purpose, std::string_view plain,
                   std::string_view aad) const override {
    std::string body;
    for (const char c : plain) body += static_cast<char>(c ^ 0x5a);
    return std::to_string(checksum(body + std::string(purpose) + std::string(aad))) + '|' + body;
  }
  Result<std::string> open(std::string_view purpose, std::string_view sealed,
                           std::string_view aad) const override {
    const auto bar = sealed.find('|');
    const std::string body(sealed.substr(bar == std::string_view::npos ? 0 : bar + 1));
    std::string plain;
    for (const char c : body) plain += static_cast<char>(c ^ 0x5a);
    if (seal(purpose, plain, aad) != sealed)
      return Error{Errc::invalid_input, "the sealed text was changed or moved"};
    return plain;
  }
  bool same(const Digest& a, const Digest& b) const override { return a == b; }

 private:
  static std::uint64_t checksum(std::string_view text) {
    std::uint64_t h = 1469598103934665603ULL;
    for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    return h;
  }
};

}  // namespace ringback::conformance
