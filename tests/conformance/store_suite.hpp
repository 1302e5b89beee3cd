// What every CallbackStore must do, told as a story: one section for each promise. A store's own
// test is one call of this with a way to make an empty store.
#pragma once

#include <functional>
#include <memory>

#include "core/ports/callback_store.hpp"
#include "tests/conformance/store_samples.hpp"

namespace ringback::conformance {

using MakeStore = std::function<std::unique_ptr<CallbackStore>()>;

void check_store(const MakeStore& make);

}  // namespace ringback::conformance
