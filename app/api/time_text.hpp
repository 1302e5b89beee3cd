// Instants on the wire: RFC 3339 in UTC with milliseconds, "2026-11-21T10:30:00.000Z".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/time.hpp"

namespace ringback {

std::string time_text(TimePoint when);

// Any RFC 3339 text, with Z or an offset; nothing if it is none or lies outside 1970-2037.
std::optional<TimePoint> read_time(std::string_view text);

}  // namespace ringback
