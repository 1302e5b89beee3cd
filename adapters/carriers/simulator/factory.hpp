// From settings to an account at the exchange: base_url, account, secret, sign_key, from.
#pragma once

#include <memory>

#include "adapters/carriers/settings.hpp"
#include "core/domain/result.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

Result<std::unique_ptr<Carrier>> make_simulator_carrier(const CarrierSettings& settings);
Result<std::unique_ptr<Messenger>> make_simulator_messenger(const CarrierSettings& settings);

}  // namespace ringback
