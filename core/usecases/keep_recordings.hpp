// Recordings on their way into the archive: heard of, claimed, settled, and at last forgotten.
//
// Like the outbox: what is claimed here is carried out only when its batch is on disk, and what
// came of it is settled in a later one. A process that dies between leaves a lease behind; the next
// try writes the same copy to the same place.
#pragma once

#include <variant>
#include <vector>

#include "core/usecases/switchboard.hpp"

namespace ringback {

// A letter told of recordings of this attempt. How many were new; those of another call are not
// ours.
Result<int> hear_recordings(Switchboard& board, const std::string& account,
                            const Callback& callback, int attempt,
                            const std::vector<RecordingNews>& news);

// Whose turn it is, claimed: each is to be fetched and stored now.
Result<std::vector<Recording>> claim_recordings(Switchboard& board, int most);

// As it is stored now; nothing if another try has begun since.
using RecordingResult = std::variant<AudioFacts, RecordingFault>;
Result<std::optional<Recording>> settle_recording(Switchboard& board, const Recording& claimed,
                                                  const RecordingResult& result);

// After a start: what was in work goes on, dead letters get another chance. How many.
Result<int> revive_recordings(Switchboard& board);

// Heard of before that time; nobody is at work on them. `after` and `next`: a walk through all of
// them, a part at a time and then anew, so that those that cannot go keep nobody else from going.
RecordingPlace place_of(const Recording& recording);
struct ExpiredRecordings {
  std::vector<Recording> recordings;
  RecordingPlace next;
};
Result<ExpiredRecordings> expired_recordings(Switchboard& board, TimePoint before,
                                             const RecordingPlace& after, int most);

}  // namespace ringback
