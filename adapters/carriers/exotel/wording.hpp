// A registered wording: fixed words with variables by name, "{code} is your code for {business}".
//
// India's registry compares what is sent with what was registered, so nothing but the variables may
// differ, and a variable has at most 30 characters.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "core/ports/messenger.hpp"

namespace ringback::exotel {

constexpr std::size_t kLongestVariable = 30;

// What is wrong with it: a brace that is open, a name that is not among `known`, one of `needed`
// that is missing. Empty: nothing.
std::string fault_in(std::string_view wording, const std::vector<std::string_view>& known,
                     const std::vector<std::string_view>& needed);

// Names without a value become "-", so that no variable is empty.
std::string filled(std::string_view wording, const TextVariables& variables);

}  // namespace ringback::exotel
