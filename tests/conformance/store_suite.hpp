// What every CallbackStore must do, told as a story: one section for each promise. A store's own
// test is one call of this with a way to make an empty store.
#pragma once

#include <functional>
#include <memory>

#include "core/ports/callback_store.hpp"

namespace ringback::conformance {

using MakeStore = std::function<std::unique_ptr<CallbackStore>()>;

void check_store(const MakeStore& make);

// Values for tests of stores.
TimePoint at(std::int64_t seconds);  // after a morning in 2026
CallbackId callback_id(std::uint32_t n);
Digest digest(std::uint32_t n);
Callback a_callback(std::uint32_t n);       // new, pending
Callback a_full_callback(std::uint32_t n);  // no member at its default
Rules some_rules();
Commit creation(const Callback& callback);                     // version 1
Commit change(const Callback& before, const Callback& after);  // version + 1

}  // namespace ringback::conformance
