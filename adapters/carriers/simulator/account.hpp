// One account at the simulator's exchange.
#pragma once

#include <string>

#include "core/domain/phone_number.hpp"

namespace ringback {

struct SimulatorAccount {
  std::string base_url;  // of the exchange, without final slash: "http://127.0.0.1:40123"
  std::string account = "simulator";
  std::string secret = "simulator";
  std::string sign_key;  // webhooks are signed with this; goes along with each order
  PhoneNumber caller_id;
};

}  // namespace ringback
