// From settings to an account at Twilio or SignalWire: which keys there are, and what is missing or
// wrong, all of it at once.
#pragma once

#include <memory>
#include <span>

#include "adapters/carriers/settings.hpp"
#include "core/domain/result.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

std::span<const SettingKey> twilio_keys();
Result<std::unique_ptr<Carrier>> make_twilio_carrier(const CarrierSettings& settings);
Result<std::unique_ptr<Messenger>> make_twilio_messenger(const CarrierSettings& settings);

std::span<const SettingKey> signalwire_keys();
Result<std::unique_ptr<Carrier>> make_signalwire_carrier(const CarrierSettings& settings);
Result<std::unique_ptr<Messenger>> make_signalwire_messenger(const CarrierSettings& settings);

}  // namespace ringback
