// HMAC-SHA-256 for tests that sign and check letters.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/ports/hmac.hpp"

namespace ringback::test {

inline Digest openssl_hmac(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return digest;
}

}  // namespace ringback::test
