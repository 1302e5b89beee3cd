// The desk's objects as JSON, exactly as the simulator's API shows them.
#pragma once

#include <boost/json/value.hpp>
#include <optional>
#include <string>

#include "adapters/exchange/records.hpp"
#include "adapters/exchange/telephone.hpp"
#include "adapters/exchange/weather.hpp"

namespace ringback::exchange {

std::string instant_text(TimePoint at);  // "2026-11-21T10:51:28.042Z"

boost::json::value desk_json(const Leg& leg);
boost::json::value desk_json(const Text& text);
boost::json::value desk_json(const Track& track);
boost::json::value desk_json(const LogEntry& entry);
boost::json::value desk_json(const Faults& faults);

}  // namespace ringback::exchange
