#include "adapters/system/openssl_keyring.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <memory>
#include <stdexcept>

namespace ringback {
namespace {

constexpr char kVersion = 1;
constexpr std::size_t kKeyIdAt = 1;
constexpr std::size_t kNonceAt = 5;
constexpr std::size_t kNonceSize = 12;
constexpr std::size_t kTextAt = kNonceAt + kNonceSize;
constexpr std::size_t kTagSize = 16;
constexpr std::size_t kLargestPlain = 16u << 20;  // OpenSSL counts in int

constexpr std::string_view kSalt = "ringback keyring 1";

using Context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* in(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}
unsigned char* out(std::string& text, std::size_t at) {
  return reinterpret_cast<unsigned char*>(text.data() + at);
}
std::string_view view(const Digest& digest) {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// A call that fails only when memory is short or the library is broken.
void require(bool worked) {
  if (!worked) throw std::runtime_error("OpenSSL could not encrypt; nothing was written");
}

Error refused(std::string_view why) { return Error{Errc::invalid_input, std::string(why)}; }

}  // namespace

Digest hmac_sha256(std::string_view key, std::string_view text) {
  Digest digest{};
  unsigned size = 0;
  require(HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), in(text), text.size(),
               digest.data(), &size) != nullptr);
  return digest;
}

Digest hkdf_sha256(std::string_view salt, std::string_view key, std::string_view info) {
  const Digest root = hmac_sha256(salt, key);
  return hmac_sha256(view(root), std::string(info) + '\x01');
}

Result<OpensslKeyring> OpensslKeyring::from(const Secret& secret_key) {
  if (secret_key.reveal().size() < kShortestSecretKey)
    return refused("secret_key is shorter than 32 characters; make one with: openssl rand -hex 32");
  return OpensslKeyring(secret_key);
}

OpensslKeyring::OpensslKeyring(const Secret& secret_key)
    : root_(std::string(view(hmac_sha256(kSalt, secret_key.reveal())))) {
  const Digest id = key_for("id", "");
  std::copy_n(id.begin(), key_id_.size(), key_id_.begin());
}

Digest OpensslKeyring::key_for(std::string_view use, std::string_view purpose) const {
  std::string info(use);
  info += '|';
  info += purpose;
  info += '\x01';
  return hmac_sha256(root_.reveal(), info);
}

Digest OpensslKeyring::hmac(std::string_view purpose, std::string_view text) const {
  return hmac_sha256(view(key_for("hmac", purpose)), text);
}

std::string OpensslKeyring::seal(std::string_view purpose, std::string_view plain,
                                 std::string_view aad) const {
  require(plain.size() <= kLargestPlain && aad.size() <= kLargestPlain);
  std::string blob(kTextAt + plain.size() + kTagSize, '\0');
  blob[0] = kVersion;
  std::copy(key_id_.begin(), key_id_.end(), out(blob, kKeyIdAt));
  require(RAND_bytes(out(blob, kNonceAt), static_cast<int>(kNonceSize)) == 1);

  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const Digest key = key_for("seal", purpose);
  int size = 0;
  require(context && EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                                        out(blob, kNonceAt)) == 1);
  require(EVP_EncryptUpdate(context.get(), nullptr, &size, in(aad), static_cast<int>(aad.size())) ==
          1);
  require(EVP_EncryptUpdate(context.get(), out(blob, kTextAt), &size, in(plain),
                            static_cast<int>(plain.size())) == 1);
  require(EVP_EncryptFinal_ex(context.get(), out(blob, kTextAt + plain.size()), &size) == 1);
  require(EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(kTagSize),
                              out(blob, kTextAt + plain.size())) == 1);
  return blob;
}

Result<std::string> OpensslKeyring::open(std::string_view purpose, std::string_view sealed,
                                         std::string_view aad) const {
  if (sealed.size() < kTextAt + kTagSize || sealed.size() > kTextAt + kLargestPlain + kTagSize ||
      aad.size() > kLargestPlain || sealed[0] != kVersion)
    return refused("this is not a sealed value; nothing was opened");
  if (!std::equal(key_id_.begin(), key_id_.end(), in(sealed) + kKeyIdAt))
    return refused(
        "this was sealed with another secret_key; restore the old secret_key or enter the value "
        "anew; nothing was opened");

  const auto text = sealed.substr(kTextAt, sealed.size() - kTextAt - kTagSize);
  std::string tag(sealed.substr(sealed.size() - kTagSize));
  std::string plain(text.size(), '\0');
  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const Digest key = key_for("seal", purpose);
  int size = 0;
  const bool genuine = context &&
                       EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.data(),
                                          in(sealed) + kNonceAt) == 1 &&
                       EVP_DecryptUpdate(context.get(), nullptr, &size, in(aad),
                                         static_cast<int>(aad.size())) == 1 &&
                       EVP_DecryptUpdate(context.get(), out(plain, 0), &size, in(text),
                                         static_cast<int>(text.size())) == 1 &&
                       EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG,
                                           static_cast<int>(kTagSize), out(tag, 0)) == 1 &&
                       EVP_DecryptFinal_ex(context.get(), out(plain, text.size()), &size) == 1;
  if (!genuine)
    return refused("this sealed value was changed, or belongs elsewhere; nothing was opened");
  return plain;
}

bool OpensslKeyring::same(const Digest& a, const Digest& b) const {
  return CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace ringback
