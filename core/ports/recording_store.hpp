// Port: the memory of recordings, a part of the store. The calls belong inside a work of
// CallbackStore::batch. Recordings outlive their callbacks: a copy in the archive must not be
// forgotten before it is deleted.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/domain/recording.hpp"
#include "core/domain/result.hpp"

namespace ringback {

// How far a walk through them, oldest first, has come.
struct RecordingPlace {
  TimePoint known_at{};
  RecordingId id{};
};

class RecordingStore {
 public:
  virtual ~RecordingStore() = default;

  // False: this account's recording is known already; nothing was changed.
  virtual Result<bool> add(const Recording& recording) = 0;
  virtual Result<void> put(const Recording& recording) = 0;  // not_found
  virtual Result<void> remove(const RecordingId& id) = 0;
  virtual Result<std::optional<Recording>> find(const RecordingId& id) = 0;
  virtual Result<std::optional<Recording>> find(std::string_view account, std::string_view ref) = 0;

  // Whose turn it is, the longest due first.
  virtual Result<std::vector<Recording>> due(TimePoint now, int most) = 0;
  virtual Result<std::optional<TimePoint>> next_due() = 0;
  // In one of these states, oldest first; for the start and for whoever looks after dead letters.
  virtual Result<std::vector<Recording>> in_state(RecordingState state, int most) = 0;
  // Heard of before that time, in whatever state, oldest first, those behind that place.
  virtual Result<std::vector<Recording>> older_than(TimePoint time, const RecordingPlace& after,
                                                    int most) = 0;
};

}  // namespace ringback
