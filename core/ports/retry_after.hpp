// How long a peer asks us to wait: Retry-After (RFC 9110, 10.2.3), as seconds or as a date.
#pragma once

#include "core/domain/time.hpp"
#include "core/ports/http_message.hpp"

namespace ringback {

// More is not believed: to ask again after an hour costs nothing, and one wrong value would keep an
// account silent for days.
constexpr Seconds kLongestRetryAfter{3'600};

// Zero: it says nothing that can be understood, or a time that is over. A date counts from the
// letter's own Date, so that no clock of ours has a part in it; without that it says nothing.
Millis retry_after(const HttpResponse& response);

}  // namespace ringback
