// What carriers sign their letters with, by OpenSSL.
#pragma once

#include <string_view>

#include "core/ports/hmac.hpp"

namespace ringback {

Digest sha256(std::string_view text);
Sha1Digest hmac_sha1(std::string_view key, std::string_view text);

}  // namespace ringback
