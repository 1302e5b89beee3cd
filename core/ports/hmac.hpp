// Digests as function values, so that a codec can sign and check letters without linking a library
// of cryptography.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string_view>

#include "core/domain/id.hpp"

namespace ringback {

using Hmac = std::function<Digest(std::string_view key, std::string_view text)>;  // HMAC-SHA-256
using Sha256 = std::function<Digest(std::string_view text)>;

// Some carriers sign with HMAC-SHA-1 and cannot be asked for better; good for nothing else.
using Sha1Digest = std::array<std::uint8_t, 20>;
using HmacSha1 = std::function<Sha1Digest(std::string_view key, std::string_view text)>;

}  // namespace ringback
