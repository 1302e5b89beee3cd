#include "adapters/storage/sqlite/commit_writer.hpp"

#include <algorithm>
#include <map>

#include "adapters/storage/journal_json.hpp"
#include "adapters/storage/sqlite/columns.hpp"
#include "adapters/storage/sqlite/rows.hpp"

namespace ringback::sqlite {
namespace {

const char* insert_callback() {
  static const auto list = clauses_of<Callback>();
  static const std::string sql = "INSERT INTO callbacks (id, visitor_enc, open, " + list.names +
                                 ") VALUES (?, ?, ?, " + list.marks +
                                 ") ON CONFLICT (id) DO NOTHING";
  return sql.c_str();
}

const char* update_callback() {
  static const std::string sql = "UPDATE callbacks SET open = ?, " + clauses_of<Callback>().sets +
                                 " WHERE id = ? AND version = ?";
  return sql.c_str();
}

template <class T>
std::string upsert_item(const std::string& table) {
  const auto list = clauses_of<T>();
  return "INSERT INTO " + table + " (callback, " + list.names + ") VALUES (?, " + list.marks +
         ") ON CONFLICT (callback, no) DO UPDATE SET " + list.takes;
}

}  // namespace

// ---- what can be refused ---------------------------------------------------------------------

bool CommitWriter::seen(std::string_view delivery) {
  auto query = connection_.query("SELECT 1 FROM inbox WHERE delivery = ?");
  return query.put(delivery).next();
}

std::optional<IdempotentAnswer> CommitWriter::find_idempotent(const Digest& key, TimePoint now) {
  auto query = connection_.query(
      "SELECT callback, request_hash FROM idempotency_keys AS k WHERE key = ? AND expires > ? "
      "AND EXISTS (SELECT 1 FROM callbacks WHERE id = k.callback)");
  if (!query.put(key, now).next()) return std::nullopt;
  IdempotentAnswer answer;
  query.take(answer.callback);
  query.take(answer.request_hash);
  return answer;
}

int CommitWriter::budget_used(Budget budget, int day) {
  const auto key = std::pair(day, budget);
  if (const auto known = kept_.budget.find(key); known != kept_.budget.end())
    return known->second.count;
  auto query = connection_.query("SELECT used FROM budget_days WHERE day = ? AND kind = ?");
  const int used = query.put(day, budget).next() ? query.take<int>() : 0;
  kept_.budget[key].count = used;
  return used;
}

std::optional<std::string> CommitWriter::conflict_of(const Commit& commit) {
  if (commit.delivery && seen(*commit.delivery)) return "this delivery was seen before";
  if (commit.idempotency && find_idempotent(commit.idempotency->key, commit.line.at))
    return "this idempotency key was used before";
  std::map<std::pair<int, Budget>, int> counts;
  for (const auto& move : commit.budget) {
    const auto [at, fresh] = counts.try_emplace({move.day, move.budget});
    if (fresh) at->second = budget_used(move.budget, move.day);
    int& count = at->second;
    count = std::max(0, count + move.delta);
    const int cap = move.budget == Budget::calls ? commit.caps.calls : commit.caps.texts;
    if (move.delta > 0 && count > cap) return "the day's budget is spent";
  }
  return std::nullopt;
}

// ---- writing ---------------------------------------------------------------------------------

bool CommitWriter::write(const Commit& commit) {
  if (!write_callback(commit)) return false;
  write_line(commit.after.id, commit.line, commit.expected_version == 0);
  write_orders(commit);
  write_tokens(commit);
  for (const auto& move : commit.budget) {
    const int used = std::max(0, budget_used(move.budget, move.day) + move.delta);
    kept_.budget[{move.day, move.budget}] = {.count = used, .changed = true};
  }
  if (commit.delivery)
    connection_.query("INSERT INTO inbox (delivery, expires) VALUES (?, ?)")
        .put(*commit.delivery, commit.line.at + kDeliveryKept)
        .run();
  for (const auto& log : commit.limits) write(log);
  if (commit.pace)
    connection_
        .query(
            "INSERT INTO accounts (account, pace) VALUES (?, ?) "
            "ON CONFLICT (account) DO UPDATE SET pace = excluded.pace")
        .put(commit.pace->first, commit.pace->second)
        .run();
  kept_.clock = commit.line.at;
  return true;
}

bool CommitWriter::write_callback(const Commit& commit) {
  const Callback& after = commit.after;
  const Callback* before = commit.before;
  if (commit.expected_version == 0) {
    auto insert = connection_.query(insert_callback());
    const auto sealed = keyring_.seal(kVisitorPurpose, journal_json::write_visitor(after.visitor),
                                      visitor_place(after.id));
    insert.put(after.id).put_blob(sealed).put(!is_final(after.state));
    put_row(insert, after);
    if (insert.run() == 0) return false;
  } else if (before != nullptr && *before == after) {
    auto same = connection_.query("SELECT 1 FROM callbacks WHERE id = ? AND version = ?");
    return same.put(after.id, commit.expected_version).next();
  } else {
    auto update = connection_.query(update_callback());
    update.put(!is_final(after.state));
    put_row(update, after);
    if (update.put(after.id, commit.expected_version).run() == 0) return false;
  }
  if (commit.expected_version != 0 && (before == nullptr || before->visitor != after.visitor)) {
    const auto sealed = keyring_.seal(kVisitorPurpose, journal_json::write_visitor(after.visitor),
                                      visitor_place(after.id));
    connection_.query("UPDATE callbacks SET visitor_enc = ? WHERE id = ?")
        .put_blob(sealed)
        .put(after.id)
        .run();
  }
  static const auto attempts = upsert_item<Attempt>("attempts");
  static const auto messages = upsert_item<Message>("messages");
  write_items(attempts.c_str(), after.id, after.attempts,
              before == nullptr ? nullptr : &before->attempts);
  write_items(messages.c_str(), after.id, after.messages,
              before == nullptr ? nullptr : &before->messages);
  return true;
}

template <class T>
void CommitWriter::write_items(const char* sql, const CallbackId& id, const std::vector<T>& now,
                               const std::vector<T>* before) {
  for (std::size_t i = 0; i < now.size(); ++i) {
    if (before != nullptr && i < before->size() && (*before)[i] == now[i]) continue;
    auto upsert = connection_.query(sql);
    upsert.put(id);
    put_row(upsert, now[i]);
    upsert.run();
  }
}

void CommitWriter::write_line(const CallbackId& id, const JournalLine& line, bool first) {
  const Rules* rules = line.situation.rules;
  connection_
      .query(first ? "INSERT INTO journal (callback, seq, at, actor, event, situation) "
                     "VALUES (?1, 1, ?2, ?3, ?4, ?5)"
                   : "INSERT INTO journal (callback, seq, at, actor, event, situation) VALUES (?1, "
                     "(SELECT coalesce(max(seq), 0) + 1 FROM journal WHERE callback = ?1), "
                     "?2, ?3, ?4, ?5)")
      .put(id, line.at, line.actor, journal_json::write_event(line.event),
           journal_json::write_situation(line.situation, rules == nullptr ? 0 : number_of(*rules)))
      .run();
}

std::int64_t CommitWriter::number_of(const Rules& rules) {
  if (rules_ && rules_->first == rules) return rules_->second;
  const auto text = journal_json::write_rules(rules);
  connection_.query("INSERT INTO rules (rules) VALUES (?) ON CONFLICT (rules) DO NOTHING")
      .put(text)
      .run();
  auto query = connection_.query("SELECT no FROM rules WHERE rules = ?");
  query.put(text).next();
  rules_.emplace(rules, query.take<std::int64_t>());
  return rules_->second;
}

void CommitWriter::drop(const CallbackId& id, const OrderDrop& drop) {
  connection_.query("DELETE FROM outbox WHERE callback = ? AND kind = ? AND item = ?")
      .put(id, drop.kind, drop.item)
      .run();
}

void CommitWriter::write_orders(const Commit& commit) {
  const auto& id = commit.after.id;
  for (const auto& gone : commit.drops) drop(id, gone);
  for (const auto& order : commit.orders)
    connection_
        .query(
            "INSERT INTO outbox (callback, kind, item, dial, due, tries) "
            "VALUES (?, ?, ?, ?, ?, 0) ON CONFLICT (callback, kind, item) "
            "DO UPDATE SET due = excluded.due, tries = 0")
        .put(id, order.kind, order.item, order.kind == OrderKind::dial, order.due)
        .run();
  for (const auto& timer : commit.timers) {
    if (timer.due)
      connection_
          .query(
              "INSERT INTO timers (callback, kind, due) VALUES (?, ?, ?) "
              "ON CONFLICT (callback, kind) DO UPDATE SET due = excluded.due")
          .put(id, timer.kind, *timer.due)
          .run();
    else
      connection_.query("DELETE FROM timers WHERE callback = ? AND kind = ?")
          .put(id, timer.kind)
          .run();
  }
}

void CommitWriter::write_tokens(const Commit& commit) {
  const auto& id = commit.after.id;
  for (const auto& token : commit.attempt_tokens)
    connection_
        .query(
            "INSERT OR REPLACE INTO attempt_tokens (hash, callback, attempt, expires) "
            "VALUES (?, ?, ?, ?)")
        .put(token.hash, id, token.attempt, token.expires)
        .run();
  for (const auto& token : commit.visitor_tokens) write(id, token);
  if (commit.idempotency)
    connection_
        .query(
            "INSERT OR REPLACE INTO idempotency_keys (key, request_hash, callback, expires) "
            "VALUES (?, ?, ?, ?)")
        .put(commit.idempotency->key, commit.idempotency->request_hash, id,
             commit.idempotency->expires)
        .run();
}

void CommitWriter::write(const CallbackId& id, const VisitorToken& token) {
  connection_
      .query("INSERT OR REPLACE INTO visitor_tokens (hash, callback, expires) VALUES (?, ?, ?)")
      .put(token.hash, id, token.expires)
      .run();
}

void CommitWriter::write(const LimitLog& log) {
  connection_.query("INSERT OR REPLACE INTO limit_counters (key, log, expires) VALUES (?, ?, ?)")
      .put(log.key, log.log, log.expires)
      .run();
}

void CommitWriter::write_kept() {
  if (kept_.clock)
    connection_
        .query(
            "INSERT INTO store_clock (one, last_commit_at) VALUES (1, ?) "
            "ON CONFLICT (one) DO UPDATE SET last_commit_at = excluded.last_commit_at")
        .put(*kept_.clock)
        .run();
  for (const auto& [key, used] : kept_.budget)
    if (used.changed)
      connection_
          .query(
              "INSERT INTO budget_days (day, kind, used) VALUES (?, ?, ?) "
              "ON CONFLICT (day, kind) DO UPDATE SET used = excluded.used")
          .put(key.first, key.second, used.count)
          .run();
  kept_ = {};
}

void CommitWriter::go_back(const Kept& kept) {
  kept_ = kept;
  rules_.reset();
}

}  // namespace ringback::sqlite
