// A key by which a program speaks for an operator: "rbk_dev_<id>_<secret>". The id is no secret (it
// stands in the journal and in logs); the secret is shown once and kept as a digest only.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/id.hpp"
#include "core/domain/secret.hpp"
#include "core/domain/time.hpp"

namespace ringback {

// What a key may do. Nothing implies another.
enum class Scope : std::uint8_t {
  callbacks_read,      // lists, one callback with its story; numbers masked
  callbacks_read_pii,  // beside callbacks_read: numbers, names and what visitors wrote
  callbacks_write,     // retry, cancel
  callbacks_export,
  recordings_read,
  settings_write,
  audit_read,
  privacy_write,
};

std::string_view word(Scope scope);  // "callbacks:read"
std::optional<Scope> scope_of(std::string_view word);
std::string scope_words();  // all of them, for whoever chose another

class Scopes {
 public:
  bool has(Scope scope) const noexcept { return (bits_ & bit(scope)) != 0; }
  void add(Scope scope) noexcept { bits_ |= bit(scope); }
  bool empty() const noexcept { return bits_ == 0; }
  std::string text() const;  // "callbacks:read callbacks:write"
  static std::optional<Scopes> from_text(std::string_view text);

  friend bool operator==(const Scopes&, const Scopes&) = default;

 private:
  static std::uint32_t bit(Scope scope) { return 1U << static_cast<unsigned>(scope); }
  std::uint32_t bits_ = 0;
};

struct ApiKey {
  std::string id;  // twelve letters and digits
  std::string name;
  Digest digest{};  // keyed, of the secret and of what the key may do
  Scopes scopes;
  TimePoint created_at{};
  TimePoint expires_at{};
  std::optional<TimePoint> last_used_at;  // to the minute
  std::optional<TimePoint> revoked_at;

  friend bool operator==(const ApiKey&, const ApiKey&) = default;
};

constexpr std::size_t kLongestKeyName = 80;
constexpr std::chrono::days kKeyLife{90};
constexpr std::chrono::days kLongestKeyLife{365};

// Views into the text that was read.
struct ApiKeyParts {
  std::string_view id;
  std::string_view secret;
};
std::optional<ApiKeyParts> read_api_key(std::string_view text);

using ApiKeyRandom = std::array<IdBytes, 3>;  // one for the id, two for the secret
struct FreshApiKey {
  std::string id;
  Secret text;
};
// environment: "dev" or "prod", so that a person sees which set-up a key is for.
FreshApiKey write_api_key(std::string_view environment, const ApiKeyRandom& random);

// What the digest is made of. Whoever changes a row's scopes or life has changed its key.
Secret api_key_material(const ApiKey& key, std::string_view secret);

}  // namespace ringback
