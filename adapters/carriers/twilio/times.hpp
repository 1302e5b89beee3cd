// Times as the API writes them: RFC 2822, "Tue, 31 Aug 2010 20:36:28 +0000".
#pragma once

#include <optional>
#include <string_view>

#include "core/domain/time.hpp"

namespace ringback::twilio {

// Nothing if it is not written so; the day's name is not looked at.
std::optional<TimePoint> parse_rfc2822(std::string_view text);

}  // namespace ringback::twilio
