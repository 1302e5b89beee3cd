// Id<Tag>: sixteen bytes with a type, never a bare string. UUIDv7 where the store keeps them in
// order of birth; made by an IdSource (a port), printed as a UUID.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace ringback {

using IdBytes = std::array<std::uint8_t, 16>;

std::string uuid_text(const IdBytes& bytes);
std::optional<IdBytes> uuid_bytes(std::string_view text);  // lower or upper case, with hyphens

template <class Tag>
class Id {
 public:
  Id() = default;  // all zero: nobody
  explicit Id(const IdBytes& bytes) : bytes_(bytes) {}

  static std::optional<Id> from_text(std::string_view text) {
    const auto bytes = uuid_bytes(text);
    if (!bytes) return std::nullopt;
    return Id(*bytes);
  }

  const IdBytes& bytes() const noexcept { return bytes_; }
  std::string text() const { return uuid_text(bytes_); }

  friend auto operator<=>(const Id&, const Id&) = default;

 private:
  IdBytes bytes_{};
};

using CallbackId = Id<struct CallbackTag>;
using OrderId = Id<struct OrderTag>;

// A SHA-256 or HMAC-SHA-256 of something that is not itself stored: a token, a code, a number.
using Digest = std::array<std::uint8_t, 32>;

}  // namespace ringback

template <class Tag>
struct std::hash<ringback::Id<Tag>> {
  std::size_t operator()(const ringback::Id<Tag>& id) const noexcept {
    std::size_t h = 0;
    for (const auto byte : id.bytes()) h = h * 1099511628211ULL + byte;
    return h;
  }
};
