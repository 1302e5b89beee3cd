#include "core/usecases/keep_recordings.hpp"

#include <algorithm>

namespace ringback {
namespace {

constexpr int kMostRevived = 10'000;  // of each state, at one start

Recording recording_of(Switchboard& board, const std::string& account, const Callback& callback,
                       int attempt, const RecordingNews& news) {
  const TimePoint now = board.now();
  Recording recording;
  recording.id = RecordingId(board.ids.uuid_v7(now));
  recording.callback = callback.id;
  recording.attempt = attempt;
  recording.account = account;
  recording.call = news.call;
  recording.ref = news.ref;
  recording.seconds = news.seconds;
  recording.known_at = now;
  if (news.absent)
    recording.state = RecordingState::absent;
  else
    recording.due = now;
  return recording;
}

}  // namespace

Result<int> hear_recordings(Switchboard& board, const std::string& account,
                            const Callback& callback, int attempt,
                            const std::vector<RecordingNews>& news) {
  const Attempt* a = attempt_of(callback, attempt);
  int added = 0;
  for (const RecordingNews& one : news) {
    if (!board.policy.keep_recordings || a == nullptr || a->ref.empty() || a->ref != one.call ||
        one.ref.empty())
      continue;
    const auto fresh =
        board.store.recordings().add(recording_of(board, account, callback, attempt, one));
    if (!fresh) return fresh.error();
    added += *fresh ? 1 : 0;
  }
  return added;
}

Result<std::vector<Recording>> claim_recordings(Switchboard& board, int most) {
  auto& recordings = board.store.recordings();
  const auto due = recordings.due(board.now(), most);
  if (!due) return due.error();
  std::vector<Recording> mine;
  for (const Recording& recording : *due) {
    auto next = claimed(recording, board.now(), board.policy.recording_times);
    if (!next) continue;
    if (const auto put = recordings.put(*next); !put) return put.error();
    mine.push_back(std::move(*next));
  }
  return mine;
}

Result<std::optional<Recording>> settle_recording(Switchboard& board, const Recording& claimed,
                                                  const RecordingResult& result) {
  auto& recordings = board.store.recordings();
  const auto stored = recordings.find(claimed.id);
  if (!stored) return stored.error();
  if (!*stored) return std::optional<Recording>{};
  const Recording& now_stored = **stored;
  auto next = std::holds_alternative<AudioFacts>(result)
                  ? settled(now_stored, claimed.tries, std::get<AudioFacts>(result), board.now())
                  : settled(now_stored, claimed.tries, std::get<RecordingFault>(result),
                            board.now(), board.policy.recording_times);
  if (!next) return next;
  if (const auto put = recordings.put(*next); !put) return put.error();
  return next;
}

Result<int> revive_recordings(Switchboard& board) {
  auto& recordings = board.store.recordings();
  int count = 0;
  for (const RecordingState state : {RecordingState::fetching, RecordingState::dead}) {
    const auto found = recordings.in_state(state, kMostRevived);
    if (!found) return found.error();
    for (const Recording& recording : *found) {
      const auto next = revived(recording, board.now());
      if (!next) continue;
      if (const auto put = recordings.put(*next); !put) return put.error();
      ++count;
    }
  }
  return count;
}

RecordingPlace place_of(const Recording& recording) { return {recording.known_at, recording.id}; }

Result<ExpiredRecordings> expired_recordings(Switchboard& board, TimePoint before,
                                             const RecordingPlace& after, int most) {
  auto old = board.store.recordings().older_than(before, after, most);
  if (!old) return old.error();
  ExpiredRecordings expired;
  if (static_cast<int>(old->size()) == most) expired.next = place_of(old->back());
  expired.recordings = std::move(*old);
  std::erase_if(expired.recordings, [](const Recording& recording) {
    return recording.state == RecordingState::fetching;
  });
  return expired;
}

}  // namespace ringback
