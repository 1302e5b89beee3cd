// A leg as the exchange describes it, in our words.
#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "core/domain/callback.hpp"

namespace ringback::simulator {

struct LegReading {
  View view = View::none;
  bool declined = false;
  bool machine = false;
  bool joined = false;
  int talk_seconds = 0;
};

// Nothing if a member is missing or a word is unknown.
std::optional<LegReading> read_leg(const boost::json::object& leg);

}  // namespace ringback::simulator
