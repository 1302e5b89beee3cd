#include "adapters/storage/sqlite/recording_rows.hpp"

#include <string>

#include "adapters/storage/sqlite/columns.hpp"

namespace ringback::sqlite {
namespace {

std::string select(const char* rest) {
  return "SELECT id, " + clauses_of<Recording>().names + " FROM recordings " + rest;
}

Recording taken(Query& query) {
  Recording recording;
  query.take(recording.id);
  take_row(query, recording);
  return recording;
}

std::vector<Recording> all_of(Query& query) {
  std::vector<Recording> found;
  while (query.next()) found.push_back(taken(query));
  return found;
}

std::optional<Recording> one_of(Query& query) {
  if (!query.next()) return std::nullopt;
  return taken(query);
}

}  // namespace

bool RecordingRows::add(const Recording& recording) {
  static const std::string sql = "INSERT INTO recordings (id, " + clauses_of<Recording>().names +
                                 ") VALUES (?, " + clauses_of<Recording>().marks +
                                 ") ON CONFLICT (account, ref) DO NOTHING";
  auto query = connection_.query(sql.c_str());
  query.put(recording.id);
  put_row(query, recording);
  return query.run() == 1;
}

bool RecordingRows::put(const Recording& recording) {
  static const std::string sql =
      "UPDATE recordings SET " + clauses_of<Recording>().sets + " WHERE id = ?";
  auto query = connection_.query(sql.c_str());
  put_row(query, recording);
  return query.put(recording.id).run() == 1;
}

void RecordingRows::remove(const RecordingId& id) {
  connection_.query("DELETE FROM recordings WHERE id = ?").put(id).run();
}

std::optional<Recording> RecordingRows::find(const RecordingId& id) {
  static const std::string sql = select("WHERE id = ?");
  auto query = connection_.query(sql.c_str());
  return one_of(query.put(id));
}

std::optional<Recording> RecordingRows::find(std::string_view account, std::string_view ref) {
  static const std::string sql = select("WHERE account = ? AND ref = ?");
  auto query = connection_.query(sql.c_str());
  return one_of(query.put(account, ref));
}

std::vector<Recording> RecordingRows::due(TimePoint now, int most) {
  static const std::string sql =
      select("WHERE due IS NOT NULL AND due <= ? ORDER BY due, id LIMIT ?");
  auto query = connection_.query(sql.c_str());
  return all_of(query.put(now, most));
}

std::optional<TimePoint> RecordingRows::next_due() {
  auto query = connection_.query("SELECT min(due) FROM recordings WHERE due IS NOT NULL");
  query.next();
  return query.take<std::optional<TimePoint>>();
}

std::vector<Recording> RecordingRows::in_state(RecordingState state, int most) {
  static const std::string dead = select("WHERE state = 'dead' ORDER BY known_at, id LIMIT ?");
  static const std::string open =
      select("WHERE due IS NOT NULL AND state = ? ORDER BY known_at, id LIMIT ?");
  static const std::string over = select("WHERE state = ? ORDER BY known_at, id LIMIT ?");
  if (state == RecordingState::dead) {
    auto query = connection_.query(dead.c_str());
    return all_of(query.put(most));
  }
  const bool waits = state == RecordingState::known || state == RecordingState::fetching;
  auto query = connection_.query((waits ? open : over).c_str());
  return all_of(query.put(state, most));
}

std::vector<Recording> RecordingRows::older_than(TimePoint time, const RecordingPlace& after,
                                                 int most) {
  static const std::string sql =
      select("WHERE known_at < ? AND (known_at, id) > (?, ?) ORDER BY known_at, id LIMIT ?");
  auto query = connection_.query(sql.c_str());
  return all_of(query.put(time, after.known_at, after.id, most));
}

void RecordingRows::shift_due(Millis by) {
  connection_.query("UPDATE recordings SET due = due + ? WHERE due IS NOT NULL")
      .put(by.count())
      .run();
}

void RecordingRows::count(StoreFigures& figures) {
  {
    auto waiting =
        connection_.query("SELECT count(*), min(known_at) FROM recordings WHERE due IS NOT NULL");
    waiting.next();
    waiting.take(figures.recordings_waiting);
    waiting.take(figures.oldest_recording);
  }
  {
    auto dead = connection_.query("SELECT count(*) FROM recordings WHERE state = 'dead'");
    dead.next();
    dead.take(figures.recordings_dead);
  }
  if (figures.recordings_dead == 0) return;
  auto newest = connection_.query(
      "SELECT fault FROM recordings WHERE state = 'dead' ORDER BY known_at DESC LIMIT 1");
  newest.next();
  newest.take(figures.newest_fault);
}

}  // namespace ringback::sqlite
