// What must hold of every decision, whatever came before. Each returns the broken promise, or
// nothing.
#pragma once

#include <string>

#include "tests/core/support/story.hpp"

namespace ringback::test {

// Of one decision by itself.
std::string broken_by(const Callback& before, const Event& event, const Situation& world,
                      const Decision& d);

// Of a row with its outbox, timers and money.
std::string broken_in(const Story& story);

}  // namespace ringback::test
