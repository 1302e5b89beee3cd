// The table of recordings, statement by statement. Throws (failure.hpp).
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "adapters/storage/sqlite/connection.hpp"
#include "core/domain/recording.hpp"
#include "core/ports/callback_store.hpp"

namespace ringback::sqlite {

class RecordingRows {
 public:
  explicit RecordingRows(Connection& connection) : connection_(connection) {}

  bool add(const Recording& recording);
  bool put(const Recording& recording);
  void remove(const RecordingId& id);
  std::optional<Recording> find(const RecordingId& id);
  std::optional<Recording> find(std::string_view account, std::string_view ref);
  std::vector<Recording> due(TimePoint now, int most);
  std::optional<TimePoint> next_due();
  std::vector<Recording> in_state(RecordingState state, int most);
  std::vector<Recording> older_than(TimePoint time, const RecordingPlace& after, int most);
  void shift_due(Millis by);

  void count(StoreFigures& figures);

 private:
  Connection& connection_;
};

}  // namespace ringback::sqlite
