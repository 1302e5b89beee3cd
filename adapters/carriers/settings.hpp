// An account's settings as text, by the names of the configuration's keys: carrier.<name>.<key>.
#pragma once

#include <map>
#include <string>

#include "core/ports/hmac.hpp"

namespace ringback {

struct CarrierSettings {
  std::map<std::string, std::string, std::less<>> values;
  Hmac hmac;
};

}  // namespace ringback
