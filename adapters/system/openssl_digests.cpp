#include "adapters/system/openssl_digests.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace ringback {
namespace {

const unsigned char* bytes(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

}  // namespace

Digest sha256(std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  if (EVP_Digest(text.data(), text.size(), digest.data(), &size, EVP_sha256(), nullptr) != 1)
    throw std::logic_error("OpenSSL has no SHA-256");
  return digest;
}

Sha1Digest hmac_sha1(std::string_view key, std::string_view text) {
  Sha1Digest digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha1(), key.data(), static_cast<int>(key.size()), bytes(text), text.size(),
           digest.data(), &size) == nullptr)
    throw std::logic_error("OpenSSL has no HMAC with SHA-1");
  return digest;
}

}  // namespace ringback
