// Keyring by OpenSSL: HKDF-SHA-256 for keys, HMAC-SHA-256 for digests, AES-256-GCM for sealing.
//
// A sealed blob is 0x01 | key id (4) | nonce (12) | ciphertext | tag (16). The key id tells
// "another secret key" from "somebody changed it"; it gives nothing away.
#pragma once

#include <array>
#include <cstdint>
#include <memory>

#include "core/domain/secret.hpp"
#include "core/ports/keyring.hpp"

namespace ringback {

constexpr std::size_t kShortestSecretKey = 32;  // characters

// RFC 2104 with SHA-256, any key. For webhook signatures too.
Digest hmac_sha256(std::string_view key, std::string_view text);

// RFC 5869 with one block of output.
Digest hkdf_sha256(std::string_view salt, std::string_view key, std::string_view info);

class OpensslKeyring final : public Keyring {
 public:
  static Result<OpensslKeyring> from(const Secret& secret_key);  // invalid_input: too short

  OpensslKeyring(const OpensslKeyring&) = default;  // copies share what is derived
  OpensslKeyring(OpensslKeyring&&) = default;
  ~OpensslKeyring() override = default;

  Digest hmac(std::string_view purpose, std::string_view text) const override;
  std::string seal(std::string_view purpose, std::string_view plain,
                   std::string_view aad) const override;
  Result<std::string> open(std::string_view purpose, std::string_view sealed,
                           std::string_view aad) const override;
  bool same(const Digest& a, const Digest& b) const override;

 private:
  explicit OpensslKeyring(const Secret& secret_key);
  Digest key_for(std::string_view use, std::string_view purpose) const;

  std::string_view seal_key(std::string_view purpose) const;

  // Purposes are few and fixed, and a key is derived at its first use only.
  struct Derived;

  Secret root_;  // HKDF's pseudorandom key
  std::array<std::uint8_t, 4> key_id_{};
  std::shared_ptr<Derived> derived_;
};

}  // namespace ringback
