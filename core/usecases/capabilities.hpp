// What an account cannot do, held against the rules in force: asked once, at start, not mid-call.
#pragma once

#include <string>
#include <vector>

#include "core/domain/situation.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

struct UnmetRule {
  std::string key;   // of the configuration: "call.accept"
  std::string text;  // what cannot be, and every way out of it
};

// The rules that this account cannot keep; empty: it may start.
// `record`: talks are to be recorded, and announced.
std::vector<UnmetRule> unmet_rules(const CarrierProfile& profile, const Rules& rules,
                                   bool record = false);

// What the choice of this account costs, one plain sentence each.
std::vector<std::string> costs_of(const CarrierProfile& profile, const Rules& rules);
std::vector<std::string> costs_of(const MessengerProfile& profile);

}  // namespace ringback
