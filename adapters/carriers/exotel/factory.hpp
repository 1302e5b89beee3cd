// From settings to an account at Exotel: which keys there are, and what is missing or wrong.
#pragma once

#include <memory>
#include <span>

#include "adapters/carriers/settings.hpp"
#include "core/domain/result.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

std::span<const SettingKey> exotel_keys();
Result<std::unique_ptr<Carrier>> make_exotel_carrier(const CarrierSettings& settings);
Result<std::unique_ptr<Messenger>> make_exotel_messenger(const CarrierSettings& settings);

}  // namespace ringback
