// The words of states, phases and reasons, as the API, the store and the docs spell them.
#pragma once

#include <optional>
#include <string_view>

#include "core/domain/callback.hpp"
#include "core/domain/effect.hpp"

namespace ringback {

std::string_view word(State state);
std::string_view word(Phase phase);    // none: ""
std::string_view word(Reason reason);  // none: ""
std::string_view word(AttemptState state);
std::string_view word(View view);
std::string_view word(MessageState state);
std::string_view word(OrderKind kind);
std::string_view word(TimerKind kind);

std::optional<State> state_of(std::string_view word);
std::optional<Phase> phase_of(std::string_view word);
std::optional<Reason> reason_of(std::string_view word);

}  // namespace ringback
