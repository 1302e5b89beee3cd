// A thread with a read-only view of the store, so that looking never waits for writing.
#pragma once

#include "app/runtime/port_thread.hpp"
#include "core/ports/callback_store.hpp"

namespace ringback {

using ReadThread = PortThread<CallbackReader>;

}  // namespace ringback
