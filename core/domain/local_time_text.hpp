// Times as the business's clock shows them, for people and for slots.
#pragma once

#include <string>

#include "core/domain/local_time.hpp"

namespace ringback {

std::string date_text(LocalDate date);                            // "2026-11-23"
std::string local_time_text(const Zone& zone, TimePoint when);    // "2026-11-23T09:00:00-05:00"
std::string weekday_time_text(const Zone& zone, TimePoint when);  // "Monday 09:00"

}  // namespace ringback
