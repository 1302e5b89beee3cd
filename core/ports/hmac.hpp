// HMAC-SHA-256 as a function value, so that a codec can sign and check letters without linking a
// library of cryptography.
#pragma once

#include <functional>
#include <string_view>

#include "core/domain/id.hpp"

namespace ringback {

using Hmac = std::function<Digest(std::string_view key, std::string_view text)>;

}  // namespace ringback
