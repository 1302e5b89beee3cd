// Timers that are due, and what must be asked about after a start.
#pragma once

#include "core/usecases/apply_event.hpp"

namespace ringback {

// Rings at most `most` timers that are due. How many rang.
Result<int> ring_due_timers(Switchboard& board, int most);

// After a start: what was being sent is in doubt, and everything open is asked about at once. How
// many attempts are being asked about.
Result<int> recover(Switchboard& board);

}  // namespace ringback
