// From the configuration's accounts to carriers: what each is given, and whether it can do what the
// rules in force ask of it.
#pragma once

#include <string>
#include <vector>

#include "adapters/carriers/settings.hpp"
#include "app/config/config.hpp"
#include "core/domain/situation.hpp"

namespace ringback {

// What a real carrier's account is made of; the simulator's is the service's own affair.
CarrierSettings carrier_settings(const Config& config, const CarrierAccount& account);

// Everything that keeps the chosen accounts from starting, each line with where it was set.
std::vector<std::string> account_problems(const LoadedConfig& loaded, const Rules& rules);

}  // namespace ringback
