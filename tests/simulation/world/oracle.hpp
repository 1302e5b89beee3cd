// Compares what the exchange saw with what the rows say. The exchange's log is the truth.
#pragma once

#include <string>
#include <vector>

#include "tests/simulation/world/program.hpp"
#include "tests/simulation/world/stage.hpp"

namespace ringback::sim {

struct Violation {
  CallbackId callback;  // nobody: it is about the whole world
  std::string what;
};

// Asked when a world has come to rest. Every promise that is broken, with its callback.
std::vector<Violation> judge(const Stage& stage, const Installation& installed,
                             const Witness& witness, CallbackStore& store);

// What happened to one callback, as its journal and the exchange's log tell it.
std::string story_of(const Stage& stage, const Installation& installed, CallbackStore& store,
                     const CallbackId& id);

}  // namespace ringback::sim
