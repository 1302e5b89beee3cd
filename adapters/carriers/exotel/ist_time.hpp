// Exotel's times: "2026-11-21 19:30:00", without a zone, in Indian standard time (UTC+05:30).
//
// What has not happened yet is written as the beginning of 1970: that is no time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/domain/time.hpp"

namespace ringback::exotel {

std::optional<TimePoint> read_time(std::string_view text);
std::string time_text(TimePoint when);  // cut to the second

}  // namespace ringback::exotel
