// From the configuration to the rules in force.
#pragma once

#include <string>
#include <vector>

#include "app/config/config.hpp"
#include "core/domain/number_policy.hpp"
#include "core/ports/zone_rules.hpp"
#include "core/usecases/switchboard.hpp"

namespace ringback {

struct PolicyReading {
  Policy policy;
  NumberPolicy numbers;
  std::vector<std::string> problems;  // each with where it was made; empty: the policy stands
};

PolicyReading read_policy(const LoadedConfig& loaded, const ZoneRules& zones);

// Puts the policy's problems next to the file's, so that all are told at once.
void add_policy_problems(LoadedConfig& loaded, const ZoneRules& zones);

}  // namespace ringback
