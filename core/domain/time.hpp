// Instants and spans as the core knows them: milliseconds, UTC. Nobody here reads a clock; the time
// is told.
#pragma once

#include <chrono>

namespace ringback {

using Millis = std::chrono::milliseconds;
using Seconds = std::chrono::seconds;
using Minutes = std::chrono::minutes;
using TimePoint = std::chrono::sys_time<Millis>;

}  // namespace ringback
