// Port: what needs the secret key. Every purpose has a key of its own, derived from the one secret,
// so that a digest made for one thing proves nothing about another. Safe to use from any thread.
#pragma once

#include <string>
#include <string_view>

#include "core/domain/id.hpp"
#include "core/domain/result.hpp"

namespace ringback {

class Keyring {
 public:
  virtual ~Keyring() = default;

  virtual Digest hmac(std::string_view purpose, std::string_view text) const = 0;

  // Encrypts and binds: what was sealed opens only under the same purpose and the same aad (say
  // where it is kept: "table|row|column"). Sealing twice gives two different blobs.
  virtual std::string seal(std::string_view purpose, std::string_view plain,
                           std::string_view aad) const = 0;
  // invalid_input: not a sealed blob, changed, moved, or sealed with another secret key.
  virtual Result<std::string> open(std::string_view purpose, std::string_view sealed,
                                   std::string_view aad) const = 0;

  // Takes the same time wherever the two differ.
  virtual bool same(const Digest& a, const Digest& b) const = 0;
};

}  // namespace ringback
