// Every carrier the program knows, by the `kind` that configuration gives it. One line each.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapters/carriers/settings.hpp"
#include "core/domain/result.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

std::vector<std::string_view> carrier_kinds();

// The keys of carrier.<name> for an account of that kind; nothing if nobody knows the kind.
std::optional<std::span<const SettingKey>> carrier_keys(std::string_view kind);

// Errc::invalid_input names what is missing, wrong or unknown.
Result<std::unique_ptr<Carrier>> make_carrier(std::string_view kind,
                                              const CarrierSettings& settings);
Result<std::unique_ptr<Messenger>> make_messenger(std::string_view kind,
                                                  const CarrierSettings& settings);

}  // namespace ringback
