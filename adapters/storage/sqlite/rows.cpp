#include "adapters/storage/sqlite/rows.hpp"

#include <fmt/format.h>

#include "adapters/storage/journal_json.hpp"
#include "adapters/storage/sqlite/columns.hpp"
#include "adapters/storage/sqlite/recording_rows.hpp"

namespace ringback::sqlite {
namespace {

template <class T>
void take_items(Connection& connection, const char* sql, const CallbackId& id,
                std::vector<T>& items) {
  auto query = connection.query(sql);
  query.put(id);
  while (query.next()) {
    take_row(query, items.emplace_back());
    if (static_cast<std::size_t>(items.back().no) != items.size())
      throw DamagedRow("attempts or messages are not numbered 1, 2, 3");
  }
}

template <class T>
T trusted(Result<T> result) {
  if (!result) throw DamagedRow(result.error().detail);
  return *std::move(result);
}

}  // namespace

std::string visitor_place(const CallbackId& id) {
  return "callbacks|" + id.text() + "|visitor_enc";
}

Error no_such_callback(const CallbackId& id) {
  return {Errc::not_found, fmt::format("there is no callback {}; nothing was changed", id.text())};
}

Result<Callback> Rows::load(const CallbackId& id) {
  static const std::string callbacks =
      "SELECT visitor_enc, " + clauses_of<Callback>().names + " FROM callbacks WHERE id = ?";
  static const std::string attempts =
      "SELECT " + clauses_of<Attempt>().names + " FROM attempts WHERE callback = ? ORDER BY no";
  static const std::string messages =
      "SELECT " + clauses_of<Message>().names + " FROM messages WHERE callback = ? ORDER BY no";

  Callback callback;
  callback.id = id;
  {
    auto query = connection_.query(callbacks.c_str());
    query.put(id);
    if (!query.next()) return no_such_callback(id);
    const auto sealed = query.take<std::string>();
    take_row(query, callback);
    const auto plain = trusted(keyring_.open(kVisitorPurpose, sealed, visitor_place(id)));
    callback.visitor = trusted(journal_json::read_visitor(plain));
  }
  take_items(connection_, attempts.c_str(), id, callback.attempts);
  take_items(connection_, messages.c_str(), id, callback.messages);
  return callback;
}

std::optional<CallbackId> Rows::find_visitor_token(const Digest& hash, TimePoint now) {
  auto query = connection_.query(
      "SELECT callback FROM visitor_tokens AS t WHERE hash = ? AND expires > ? "
      "AND EXISTS (SELECT 1 FROM callbacks WHERE id = t.callback)");
  query.put(hash, now);
  if (!query.next()) return std::nullopt;
  return query.take<CallbackId>();
}

int Rows::queue_position(const CallbackId& id) {
  auto own = connection_.query(
      "SELECT due, item FROM outbox WHERE callback = ? AND kind = 'dial' ORDER BY due LIMIT 1");
  own.put(id);
  if (!own.next()) return 0;
  const auto due = own.take<TimePoint>();
  auto before = connection_.query(
      "SELECT count(*) FROM outbox WHERE dial = 1 AND due <= ?1 AND (due, callback) < (?1, ?2)");
  before.put(due, id);
  before.next();
  return before.take<int>();
}

StoreFigures Rows::figures() {
  StoreFigures figures;
  auto open = connection_.query(
      "SELECT state, count(*) FROM callbacks INDEXED BY callbacks_open WHERE open = 1 "
      "GROUP BY state");
  while (open.next()) {
    const auto state = open.take<State>();
    figures.open[state] = open.take<std::int64_t>();
  }
  auto waiting = connection_.query(
      "SELECT (SELECT count(*) FROM outbox), (SELECT min(due) FROM outbox WHERE dial = 0), "
      "(SELECT min(due) FROM outbox WHERE dial = 1)");
  waiting.next();
  waiting.take(figures.outbox_pending);
  const auto other = waiting.take<std::optional<TimePoint>>();
  const auto dial = waiting.take<std::optional<TimePoint>>();
  figures.outbox_oldest_due = other && dial ? std::min(*other, *dial) : other ? other : dial;
  figures.live_attempts = live_attempts();
  RecordingRows(connection_).count(figures);
  return figures;
}

int Rows::live_attempts() {
  auto query = connection_.query(
      "SELECT count(*) FROM attempts INDEXED BY attempts_at_carrier "
      "WHERE state IN ('sending', 'placed', 'unknown')");
  query.next();
  return query.take<int>();
}

// Each of the three goes through one index, backwards from where it begins.
Result<std::vector<Callback>> Rows::list(const CallbackFilter& filter) {
  IdBytes none{};
  none.fill(0xff);
  const auto from = filter.from.value_or(CallbackId{});
  const auto before = filter.before.value_or(CallbackId(none));
  std::vector<CallbackId> ids;
  {
    auto query = connection_.query(
        !filter.state ? "SELECT id FROM callbacks WHERE id >= ?1 AND id < ?2 "
                        "ORDER BY id DESC LIMIT ?3"
        : is_final(*filter.state)
            ? "SELECT id FROM callbacks INDEXED BY callbacks_ended "
              "WHERE open = 0 AND state = ?4 AND id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3"
            : "SELECT id FROM callbacks INDEXED BY callbacks_open "
              "WHERE open = 1 AND state = ?4 AND id >= ?1 AND id < ?2 ORDER BY id DESC LIMIT ?3");
    query.put(from, before, filter.most);
    if (filter.state) query.put(*filter.state);
    while (query.next()) ids.push_back(query.take<CallbackId>());
  }
  std::vector<Callback> found;
  for (const auto& id : ids) {
    auto callback = load(id);
    if (!callback) return callback.error();
    found.push_back(*std::move(callback));
  }
  return found;
}

Result<std::vector<JournalLine>> Rows::journal(const CallbackId& id) {
  std::vector<JournalLine> lines;
  {
    auto query = connection_.query(
        "SELECT at, actor, event, situation FROM journal WHERE callback = ? ORDER BY seq");
    query.put(id);
    while (query.next()) {
      JournalLine& line = lines.emplace_back();
      query.take(line.at);
      query.take(line.actor);
      line.event = trusted(journal_json::read_event(query.take<std::string>()));
      auto stored = trusted(journal_json::read_situation(query.take<std::string>()));
      line.situation = stored.situation;
      line.situation.rules = rules(stored.rules);
    }
  }
  if (lines.empty()) return no_such_callback(id);
  return lines;
}

const Rules* Rows::rules(std::int64_t no) {
  if (no == 0) return nullptr;
  auto& kept = rules_[no];
  if (!kept) {
    auto query = connection_.query("SELECT rules FROM rules WHERE no = ?");
    query.put(no);
    if (!query.next()) throw DamagedRow("the journal refers to rules that are not there");
    kept =
        std::make_unique<const Rules>(trusted(journal_json::read_rules(query.take<std::string>())));
  }
  return kept.get();
}

}  // namespace ringback::sqlite
