// HMAC-SHA-256, HMAC-SHA-1 and SHA-256 for tests that sign and check letters.
#pragma once

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/ports/hmac.hpp"

namespace ringback::test {

template <class D>
D openssl_hmac_by(const EVP_MD* hash, std::string_view key, std::string_view text) {
  D digest{};
  unsigned size = 0;
  HMAC(hash, key.data(), static_cast<int>(key.size()),
       reinterpret_cast<const unsigned char*>(text.data()), text.size(), digest.data(), &size);
  return digest;
}

inline Digest openssl_hmac(std::string_view key, std::string_view text) {
  return openssl_hmac_by<Digest>(EVP_sha256(), key, text);
}

inline Sha1Digest openssl_hmac_sha1(std::string_view key, std::string_view text) {
  return openssl_hmac_by<Sha1Digest>(EVP_sha1(), key, text);
}

inline Digest openssl_sha256(std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr);
  return digest;
}

}  // namespace ringback::test
