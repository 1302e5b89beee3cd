#include "adapters/system/openssl_keyring.hpp"

#define OPENSSL_SUPPRESS_DEPRECATED  // see Mac
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <stdexcept>

#include "adapters/system/random_bytes.hpp"

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

// Finding an algorithm by name is dearer than running it on a short text: it is found once.
const EVP_CIPHER* aes_256_gcm() {
  static const EVP_CIPHER* const kFound = EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr);
  require(kFound != nullptr);
  return kFound;
}

// RFC 2104 with both hashes begun: a digest costs what follows the key. Any thread may use one. The
// interface that OpenSSL 3 calls deprecated is the one whose state is a plain value: the new one
// asks for memory four times for each digest, which costs more than the digest.
class Mac {
 public:
  explicit Mac(std::string_view key) {
    std::array<unsigned char, SHA256_CBLOCK> block{};
    if (key.size() > block.size())
      SHA256(in(key), key.size(), block.data());
    else
      std::copy_n(in(key), key.size(), block.begin());
    begin(inner_, block, 0x36);
    begin(outer_, block, 0x36 ^ 0x5c);  // takes the first away again
    OPENSSL_cleanse(block.data(), block.size());
  }
  ~Mac() {
    OPENSSL_cleanse(&inner_, sizeof inner_);
    OPENSSL_cleanse(&outer_, sizeof outer_);
  }
  Mac(const Mac&) = default;
  Mac& operator=(const Mac&) = default;

  Digest of(std::string_view text) const {
    Digest digest{};
    finish(inner_, in(text), text.size(), digest);
    finish(outer_, digest.data(), digest.size(), digest);
    return digest;
  }

 private:
  static void begin(SHA256_CTX& hash, std::array<unsigned char, SHA256_CBLOCK>& block,
                    unsigned char pad) {
    for (auto& byte : block) byte = static_cast<unsigned char>(byte ^ pad);
    SHA256_Init(&hash);
    SHA256_Update(&hash, block.data(), block.size());
  }
  static void finish(SHA256_CTX hash, const unsigned char* bytes, std::size_t size,
                     Digest& digest) {
    SHA256_Update(&hash, bytes, size);
    SHA256_Final(digest.data(), &hash);
    OPENSSL_cleanse(&hash, sizeof hash);
  }

  SHA256_CTX inner_{};
  SHA256_CTX outer_{};
};

}  // namespace

Digest hmac_sha256(std::string_view key, std::string_view text) { return Mac(key).of(text); }

Digest hkdf_sha256(std::string_view salt, std::string_view key, std::string_view info) {
  const Digest root = hmac_sha256(salt, key);
  return hmac_sha256(view(root), std::string(info) + '\x01');
}

struct OpensslKeyring::Derived {
  // Nothing is ever taken out, so what was found stays where it is.
  template <class Kept, class Make>
  const Kept& find(std::map<std::string, Kept, std::less<>>& kept, std::string_view purpose,
                   const Make& make) {
    {
      const std::shared_lock lock(mutex);
      if (const auto at = kept.find(purpose); at != kept.end()) return at->second;
    }
    const std::unique_lock lock(mutex);
    const auto at = kept.find(purpose);
    return at != kept.end() ? at->second : kept.emplace(purpose, make()).first->second;
  }

  std::shared_mutex mutex;
  std::map<std::string, Mac, std::less<>> macs;
  std::map<std::string, Secret, std::less<>> seals;
};

Result<OpensslKeyring> OpensslKeyring::from(const Secret& secret_key) {
  if (secret_key.reveal().size() < kShortestSecretKey)
    return refused("secret_key is shorter than 32 characters; make one with: openssl rand -hex 32");
  return OpensslKeyring(secret_key);
}

OpensslKeyring::OpensslKeyring(const Secret& secret_key)
    : root_(std::string(view(hmac_sha256(kSalt, secret_key.reveal())))),
      derived_(std::make_shared<Derived>()) {
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
  const auto make = [&] { return Mac(view(key_for("hmac", purpose))); };
  return derived_->find(derived_->macs, purpose, make).of(text);
}

std::string_view OpensslKeyring::seal_key(std::string_view purpose) const {
  const auto make = [&] { return Secret(std::string(view(key_for("seal", purpose)))); };
  return derived_->find(derived_->seals, purpose, make).reveal();
}

std::string OpensslKeyring::seal(std::string_view purpose, std::string_view plain,
                                 std::string_view aad) const {
  require(plain.size() <= kLargestPlain && aad.size() <= kLargestPlain);
  std::string blob(kTextAt + plain.size() + kTagSize, '\0');
  blob[0] = kVersion;
  std::copy(key_id_.begin(), key_id_.end(), out(blob, kKeyIdAt));
  random_bytes(out(blob, kNonceAt), kNonceSize);

  const Context context(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const std::string_view key = seal_key(purpose);
  int size = 0;
  require(context && EVP_EncryptInit_ex(context.get(), aes_256_gcm(), nullptr, in(key),
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
  const std::string_view key = seal_key(purpose);
  int size = 0;
  const bool genuine = context &&
                       EVP_DecryptInit_ex(context.get(), aes_256_gcm(), nullptr, in(key),
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
