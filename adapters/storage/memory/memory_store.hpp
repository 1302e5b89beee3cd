// The reference store: everything in this process's memory, gone with it. For demos, tests and
// simulations, and as the plainest statement of what a store must do.
//
// Readers may be used from other threads: one lock, held for a whole batch. A journal line's rules
// point into the store, so lines must not outlive it and its readers.
#pragma once

#include <memory>

#include "core/ports/callback_store.hpp"

namespace ringback {

std::unique_ptr<CallbackStore> make_memory_store();

}  // namespace ringback
