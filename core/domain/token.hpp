// The text of sixteen random bytes that opens something: 22 characters of base64url, fit for a URL
// and a header. One value has one text; any other spelling is refused.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/id.hpp"

namespace ringback {

std::string token_text(const IdBytes& bytes);
std::optional<IdBytes> token_bytes(std::string_view text);

}  // namespace ringback
