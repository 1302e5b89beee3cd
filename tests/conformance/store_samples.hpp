// Callbacks, ids and commits for tests of stores.
#pragma once

#include "core/ports/callback_store.hpp"

namespace ringback::conformance {

TimePoint at(std::int64_t seconds);  // after a morning in 2026
CallbackId callback_id(std::uint32_t n);
Digest digest(std::uint32_t n);
Callback a_callback(std::uint32_t n);       // new, pending
Callback a_full_callback(std::uint32_t n);  // no member at its default
Attempt an_attempt(int no, AttemptState state);
Rules some_rules();
Commit creation(const Callback& callback);                     // version 1
Commit change(const Callback& before, const Callback& after);  // version + 1

}  // namespace ringback::conformance
