// The sound of a recorded talk: a short tone, the business on the left and the visitor on the
// right, as a WAVE file. The same for each call of it.
#pragma once

#include <string>

#include "adapters/exchange/switchboard.hpp"

namespace ringback::exchange {

std::string wave_of(const Tape& tape);

}  // namespace ringback::exchange
