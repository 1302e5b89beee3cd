#include "adapters/storage/sqlite/sqlite_store.hpp"

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "adapters/storage/sqlite/commit_writer.hpp"
#include "adapters/storage/sqlite/process_lock.hpp"
#include "adapters/storage/sqlite/recording_rows.hpp"
#include "adapters/storage/sqlite/sqlite_reads.hpp"

namespace ringback::sqlite {
namespace {

constexpr const char* kDueDials =
    "SELECT callback, kind, item, due, tries FROM outbox WHERE dial = 1 AND due <= ? "
    "ORDER BY due LIMIT ?";
constexpr const char* kDueTextsAndOthers =
    "SELECT callback, kind, item, due, tries FROM outbox WHERE dial = 0 AND due <= ? "
    "ORDER BY due LIMIT ?";
constexpr const char* kDueTexts =
    "SELECT callback, kind, item, due, tries FROM outbox WHERE dial = 0 AND kind = 'send_text' "
    "AND due <= ? ORDER BY due LIMIT ?";
constexpr const char* kDueOthers =
    "SELECT callback, kind, item, due, tries FROM outbox WHERE dial = 0 AND kind <> 'send_text' "
    "AND due <= ? ORDER BY due LIMIT ?";

constexpr int kLooksForEachLimit = 40;  // 20,000 rows a minute at 500: some milliseconds

class SqliteStore final : public SqliteReads<CallbackStore> {
 public:
  SqliteStore(const SqliteOptions& options, ProcessLock lock)
      : SqliteReads(options.path, Access::write, options.cache_bytes, *options.keyring),
        options_(options),
        lock_(std::move(lock)),
        writer_(connection_, *options.keyring),
        recordings_(*this) {}

  Connection& connection() { return connection_; }

  Result<void> batch(std::span<const Work> works) override {
    // Under a savepoint SQLite copies each page that is touched, so there are none until a work
    // fails that has written something, which is rare.
    move_last_pages();
    auto done = transact(works, Undo::all);
    if (!done) done = transact(works, Undo::one);
    if (*done && mover_) last_pages_ = mover_->committed(connection_.log_pages());
    return *done;
  }
  // What a process that died has left in the log can be read, and is perhaps not on disk: after a
  // sync that failed the system shows it and says yes to the next one. A log that goes on behind
  // it would end before it when the power fails. So it is moved into the database first, written
  // once more, and synced there. On a full disk it stays where it is until there is room.
  void move_what_was_left() {
    try {
      connection_.checkpoint();
    } catch (const SQLite::Exception& failure) {
      if (failure.getErrorCode() != SQLITE_FULL) throw;
    }
  }
  Result<void> move_log() {
    auto file = SqliteMaintenance::open(options_.path);
    if (!file) return file.error();
    mover_ = std::make_unique<LogMover>(*std::move(file), options_.on_put_off);
    return {};
  }

  Result<void> commit(const Commit& commit) override {
    return write([&]() -> Result<void> {
      if (const auto conflict = writer_.conflict_of(commit))
        return Error{Errc::conflict, *conflict + "; nothing was changed"};
      if (!writer_.write(commit))
        return Error{Errc::conflict, "callback " + commit.after.id.text() +
                                         " was changed meanwhile; nothing was changed"};
      return {};
    });
  }

  Result<std::optional<AttemptOwner>> find_attempt(const Digest& token, TimePoint now) override {
    return safely([&]() -> Result<std::optional<AttemptOwner>> {
      auto query = connection_.query(
          "SELECT callback, attempt FROM attempt_tokens AS t WHERE hash = ? AND expires > ? "
          "AND EXISTS (SELECT 1 FROM callbacks WHERE id = t.callback)");
      query.put(token, now);
      if (!query.next()) return std::optional<AttemptOwner>{};
      AttemptOwner owner;
      query.take(owner.callback);
      query.take(owner.attempt);
      return std::optional(owner);
    });
  }

  Result<bool> seen(std::string_view delivery) override {
    return safely([&]() -> Result<bool> { return writer_.seen(delivery); });
  }

  Result<std::optional<IdempotentAnswer>> find_idempotent(const Digest& key,
                                                          TimePoint now) override {
    return safely([&]() -> Result<std::optional<IdempotentAnswer>> {
      return writer_.find_idempotent(key, now);
    });
  }

  Result<void> add_visitor_token(const CallbackId& id, const VisitorToken& token) override {
    return write([&]() -> Result<void> {
      auto there = connection_.query("SELECT 1 FROM callbacks WHERE id = ?");
      if (!there.put(id).next()) return no_such_callback(id);
      writer_.write(id, token);
      return {};
    });
  }

  Result<std::optional<CallbackId>> find_open_proven(std::string_view site,
                                                     const Digest& phone_hmac) override {
    return safely([&]() -> Result<std::optional<CallbackId>> {
      auto query = connection_.query(
          "SELECT id FROM callbacks WHERE site = ? AND phone_hmac = ? AND open = 1 AND proven = 1 "
          "ORDER BY created_at, id LIMIT 1");
      if (!query.put(site, phone_hmac).next()) return std::optional<CallbackId>{};
      return std::optional(query.take<CallbackId>());
    });
  }

  Result<std::string> limit_log(const Digest& key) override {
    return safely([&]() -> Result<std::string> {
      auto query = connection_.query("SELECT log FROM limit_counters WHERE key = ?");
      if (!query.put(key).next()) return std::string{};
      return query.take<std::string>();
    });
  }

  Result<void> put_limit_log(const LimitLog& log) override {
    return write([&]() -> Result<void> {
      writer_.write(log);
      return {};
    });
  }

  Result<int> budget_used(Budget budget, int day) override {
    return safely([&]() -> Result<int> { return writer_.budget_used(budget, day); });
  }

  Result<std::optional<TimePoint>> pace_slot(std::string_view account) override {
    return safely([&]() -> Result<std::optional<TimePoint>> {
      auto query = connection_.query("SELECT pace FROM accounts WHERE account = ?");
      if (!query.put(account).next()) return std::optional<TimePoint>{};
      return std::optional(query.take<TimePoint>());
    });
  }

  Result<std::vector<DueOrder>> due_orders(TimePoint now, int most, Room room) override {
    return safely([&]() -> Result<std::vector<DueOrder>> {
      std::vector<DueOrder> due;
      add_due_orders(kDueDials, now, std::min(most, room.dials), due);
      if (room.texts < most) {
        add_due_orders(kDueTexts, now, room.texts, due);
        add_due_orders(kDueOthers, now, most, due);
      } else {
        add_due_orders(kDueTextsAndOthers, now, most, due);
      }
      if (static_cast<int>(due.size()) > most) due.resize(static_cast<std::size_t>(most));
      return due;
    });
  }

  Result<std::vector<DueTimer>> due_timers(TimePoint now, int most) override {
    return safely([&]() -> Result<std::vector<DueTimer>> {
      std::vector<DueTimer> due;
      auto query = connection_.query(
          "SELECT callback, kind, due FROM timers WHERE due <= ? ORDER BY due LIMIT ?");
      query.put(now, most);
      while (query.next()) {
        DueTimer& timer = due.emplace_back();
        query.take(timer.callback);
        query.take(timer.kind);
        query.take(timer.due);
      }
      return due;
    });
  }

  Result<std::optional<TimePoint>> next_due(Room room) override {
    return safely([&]() -> Result<std::optional<TimePoint>> {
      auto query = connection_.query(
          "SELECT min(due) FROM outbox WHERE dial = 0 AND (? OR kind <> 'send_text') "
          "UNION ALL SELECT min(due) FROM timers "
          "UNION ALL SELECT min(due) FROM outbox WHERE dial = 1 AND ?");
      query.put(room.texts > 0, room.dials > 0);
      std::optional<TimePoint> next;
      while (query.next()) {
        const auto due = query.take<std::optional<TimePoint>>();
        if (due && (!next || *due < *next)) next = due;
      }
      return next;
    });
  }

  Result<void> lease(const CallbackId& id, OrderKind kind, int item, TimePoint until) override {
    return write([&]() -> Result<void> {
      const int leased = connection_
                             .query(
                                 "UPDATE outbox SET due = ?, tries = tries + 1 "
                                 "WHERE callback = ? AND kind = ? AND item = ?")
                             .put(until, id, kind, item)
                             .run();
      if (leased == 1) return {};
      return Error{Errc::not_found, "the order was withdrawn; it must not be carried out"};
    });
  }

  Result<void> postpone(const CallbackId& id, OrderKind kind, int item, TimePoint due) override {
    return write([&]() -> Result<void> {
      connection_.query("UPDATE outbox SET due = ? WHERE callback = ? AND kind = ? AND item = ?")
          .put(due, id, kind, item)
          .run();
      return {};
    });
  }

  Result<void> drop_order(const CallbackId& id, OrderKind kind, int item) override {
    return write([&]() -> Result<void> {
      writer_.drop(id, {kind, item});
      return {};
    });
  }

  Result<std::vector<std::string>> taken_refs(int account,
                                              const std::vector<std::string>& refs) override {
    return safely([&]() -> Result<std::vector<std::string>> {
      std::vector<std::string> taken;
      for (const auto& ref : refs) {
        auto query = connection_.query(
            "SELECT 1 FROM attempts WHERE ref = ? AND account = ? AND ref <> '' LIMIT 1");
        if (query.put(ref, account).next()) taken.push_back(ref);
      }
      return taken;
    });
  }

  Result<bool> has_rival(int account, const PhoneNumber& business, TimePoint from, TimePoint to,
                         const CallbackId& except, int except_attempt) override {
    return safely([&]() -> Result<bool> {
      auto query = connection_.query(
          "SELECT 1 FROM attempts WHERE account = ? AND business = ? "
          "AND claimed_at BETWEEN ? AND ? AND NOT (callback = ? AND no = ?) "
          "AND ref = '' AND state IN ('sending', 'unknown', 'in_doubt_ended') LIMIT 1");
      return query.put(account, business, from, to, except, except_attempt).next();
    });
  }

  Result<std::vector<OpenAttempt>> open_attempts() override {
    return safely([&]() -> Result<std::vector<OpenAttempt>> {
      std::vector<OpenAttempt> open;
      auto query = connection_.query(
          "SELECT callback, no, state FROM attempts INDEXED BY attempts_at_carrier "
          "WHERE state IN ('sending', 'placed', 'unknown') ORDER BY callback, no");
      while (query.next()) {
        OpenAttempt& attempt = open.emplace_back();
        query.take(attempt.callback);
        query.take(attempt.attempt);
        query.take(attempt.state);
      }
      return open;
    });
  }

  Result<std::vector<OpenAttempt>> open_texts() override {
    return safely([&]() -> Result<std::vector<OpenAttempt>> {
      std::vector<OpenAttempt> open;
      auto query = connection_.query(
          "SELECT callback, no FROM messages INDEXED BY messages_sending "
          "WHERE state = 'sending' ORDER BY callback, no");
      while (query.next()) {
        OpenAttempt& text = open.emplace_back();
        query.take(text.callback);
        query.take(text.attempt);
        text.state = AttemptState::sending;
      }
      return open;
    });
  }

  Result<int> live_attempts() override {
    return safely([&]() -> Result<int> { return rows_.live_attempts(); });
  }

  Result<std::optional<TimePoint>> last_commit_at() override {
    return safely([&]() -> Result<std::optional<TimePoint>> {
      auto query = connection_.query("SELECT last_commit_at FROM store_clock");
      if (!query.next()) return std::optional<TimePoint>{};
      return std::optional(query.take<TimePoint>());
    });
  }

  Result<void> shift_due(Millis by) override {
    return write([&]() -> Result<void> {
      for (const char* sql : {"UPDATE outbox SET due = due + ?", "UPDATE timers SET due = due + ?",
                              "UPDATE accounts SET pace = pace + ?",
                              "UPDATE store_clock SET last_commit_at = last_commit_at + ?"})
        connection_.query(sql).put(by.count()).run();
      recordings_.rows.shift_due(by);
      return {};
    });
  }

  Result<int> prune(TimePoint now, TimePoint retain_after, int most) override {
    int gone = 0;
    auto pruned = write([&]() -> Result<void> {
      for (const char* sql :
           {"DELETE FROM inbox WHERE delivery IN "
            "(SELECT delivery FROM inbox WHERE expires <= ? ORDER BY expires LIMIT ?)",
            "DELETE FROM attempt_tokens WHERE hash IN "
            "(SELECT hash FROM attempt_tokens WHERE expires <= ? ORDER BY expires LIMIT ?)",
            "DELETE FROM visitor_tokens WHERE hash IN "
            "(SELECT hash FROM visitor_tokens WHERE expires <= ? ORDER BY expires LIMIT ?)",
            "DELETE FROM idempotency_keys WHERE key IN "
            "(SELECT key FROM idempotency_keys WHERE expires <= ? ORDER BY expires LIMIT ?)"})
        gone += connection_.query(sql).put(now, most).run();
      gone += prune_limits(now, most);
      // Journal, attempts, messages, orders and timers go with their callback.
      gone += connection_
                  .query(
                      "DELETE FROM callbacks WHERE id IN (SELECT id FROM callbacks "
                      "WHERE open = 0 AND finished_at < ? AND NOT EXISTS (SELECT 1 FROM "
                      "attempts WHERE callback = callbacks.id "
                      "AND state IN ('ready', 'sending', 'placed', 'unknown')) "
                      "ORDER BY finished_at LIMIT ?)")
                  .put(retain_after, most)
                  .run();
      return {};
    });
    if (!pruned) return pruned.error();
    return gone;
  }

  RecordingStore& recordings() override { return recordings_; }

  std::unique_ptr<CallbackReader> open_reader() override {
    return std::make_unique<SqliteReads<CallbackReader>>(
        options_.path, Access::read, options_.reader_cache_bytes, *options_.keyring);
  }

 private:
  class Recordings final : public RecordingStore {
   public:
    explicit Recordings(SqliteStore& store) : rows(store.connection_), store_(store) {}

    Result<bool> add(const Recording& recording) override {
      bool fresh = false;
      const auto done = store_.write([&]() -> Result<void> {
        fresh = rows.add(recording);
        return {};
      });
      if (!done) return done.error();
      return fresh;
    }
    Result<void> put(const Recording& recording) override {
      return store_.write([&]() -> Result<void> {
        if (rows.put(recording)) return {};
        return Error{Errc::not_found,
                     "there is no recording " + recording.id.text() + "; nothing was changed"};
      });
    }
    Result<void> remove(const RecordingId& id) override {
      return store_.write([&]() -> Result<void> {
        rows.remove(id);
        return {};
      });
    }
    Result<std::optional<Recording>> find(const RecordingId& id) override {
      return store_.safely([&]() -> Result<std::optional<Recording>> { return rows.find(id); });
    }
    Result<std::optional<Recording>> find(std::string_view account, std::string_view ref) override {
      return store_.safely(
          [&]() -> Result<std::optional<Recording>> { return rows.find(account, ref); });
    }
    Result<std::vector<Recording>> due(TimePoint now, int most) override {
      return store_.safely([&]() -> Result<std::vector<Recording>> { return rows.due(now, most); });
    }
    Result<std::optional<TimePoint>> next_due() override {
      return store_.safely([&]() -> Result<std::optional<TimePoint>> { return rows.next_due(); });
    }
    Result<std::vector<Recording>> in_state(RecordingState state, int most) override {
      return store_.safely(
          [&]() -> Result<std::vector<Recording>> { return rows.in_state(state, most); });
    }
    Result<std::vector<Recording>> older_than(TimePoint time, const RecordingPlace& after,
                                              int most) override {
      return store_.safely(
          [&]() -> Result<std::vector<Recording>> { return rows.older_than(time, after, most); });
    }

    RecordingRows rows;

   private:
    SqliteStore& store_;
  };

  void doom(const Error& error) override {
    if (in_batch_) doomed_ = error;
  }

  // Their expiry has no index (migration 0004): each call looks at the rows behind those that the
  // last one saw, and after the last row at the first.
  int prune_limits(TimePoint now, int most) {
    std::vector<Digest> expired;
    {
      auto rows = connection_.query(
          "SELECT key, expires FROM limit_counters WHERE key > ? ORDER BY key LIMIT ?");
      const Digest after = std::exchange(looked_at_limits_to_, {});
      const int looks = most * kLooksForEachLimit;
      rows.put(after, looks);
      for (int seen = 1; static_cast<int>(expired.size()) < most && rows.next(); ++seen) {
        const auto key = rows.take<Digest>();
        if (rows.take<TimePoint>() <= now) expired.push_back(key);
        if (seen == looks || static_cast<int>(expired.size()) == most) looked_at_limits_to_ = key;
      }
    }
    for (const auto& key : expired)
      connection_.query("DELETE FROM limit_counters WHERE key = ?").put(key).run();
    return static_cast<int>(expired.size());
  }

  enum class Undo { all, one };  // what can be undone when a work fails

  // Nothing: a work failed that cannot be undone alone; no work left anything behind.
  std::optional<Result<void>> transact(std::span<const Work> works, Undo undo) {
    doomed_.reset();
    writer_.begin();
    in_batch_ = true;
    bool undone = false;
    try {
      connection_.exec("BEGIN IMMEDIATE");
      for (const auto& work : works) {
        if (undo == Undo::one)
          run_alone(work);
        else
          undone = !run(work);
        if (doomed_ || undone) break;
      }
      if (!doomed_ && !undone) {
        writer_.write_kept();
        connection_.exec("COMMIT");
      }
    } catch (const SQLite::Exception& failure) {
      doomed_ = storage_error(failure);
    } catch (...) {
      abandon();
      throw;
    }
    in_batch_ = false;
    if (doomed_ || undone) abandon();
    if (doomed_) return Result<void>(*doomed_);
    if (undone) return std::nullopt;
    return Result<void>();
  }

  // Not at the end of the batch before: whoever waited for that one is answered first.
  void move_last_pages() {
    if (!std::exchange(last_pages_, false)) return;
    // What fails here, or is not through, is done by the mover or by the next try.
    (void)guarded([&]() -> Result<Checkpoint> { return connection_.checkpoint(); });
  }

  // Is the transaction as it should be after this work?
  bool run(const Work& work) {
    const auto before = connection_.changes();
    return work() || connection_.changes() == before;  // a commit writes rows of its own, always
  }

  void run_alone(const Work& work) {
    const auto before = writer_.kept();
    connection_.exec("SAVEPOINT work");
    const bool kept = work();
    if (doomed_) return;
    if (!kept) {
      connection_.exec("ROLLBACK TO work");
      writer_.go_back(before);
    }
    connection_.exec("RELEASE work");
  }

  // After a failure SQLite may have rolled back by itself.
  void abandon() {
    in_batch_ = false;
    writer_.go_back({});
    if (!connection_.in_transaction()) return;
    try {
      connection_.exec("ROLLBACK");
    } catch (const SQLite::Exception&) {
      // The next BEGIN fails and says so.
    }
  }

  // A change outside a batch is a batch of its own.
  template <class F>
  Result<void> write(F&& change) {
    if (in_batch_) return safely(change);
    Result<void> done;
    const Work work = [&] {
      done = safely(change);
      return done.has_value();
    };
    const auto committed = batch(std::span(&work, 1));
    return committed ? done : committed;
  }

  // Keeps `into` in the order of time.
  void add_due_orders(const char* sql, TimePoint now, int most, std::vector<DueOrder>& into) {
    if (most <= 0) return;
    const auto before = static_cast<std::ptrdiff_t>(into.size());
    auto query = connection_.query(sql);
    query.put(now, most);
    while (query.next()) {
      DueOrder& order = into.emplace_back();
      query.take(order.callback);
      query.take(order.kind);
      query.take(order.item);
      query.take(order.due);
      query.take(order.tries);
    }
    std::inplace_merge(into.begin(), into.begin() + before, into.end(),
                       [](const DueOrder& a, const DueOrder& b) { return a.due < b.due; });
  }

  SqliteOptions options_;
  ProcessLock lock_;
  CommitWriter writer_;
  Recordings recordings_;
  bool in_batch_ = false;
  Digest looked_at_limits_to_{};  // by prune(); all zero: to none
  std::optional<Error> doomed_;
  std::unique_ptr<LogMover> mover_;
  bool last_pages_ = false;  // of the log are to be moved before the next batch
};

// SQLite gives its log the permissions of the database: only the owner's.
void create_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
}

}  // namespace

Result<std::unique_ptr<CallbackStore>> open_sqlite_store(const SqliteOptions& options,
                                                         std::span<const Migration> migrations) {
  using Opened = Result<std::unique_ptr<CallbackStore>>;
  auto lock = ProcessLock::take(options.path);
  if (!lock) return lock.error();
  return guarded([&]() -> Opened {
    create_private(options.path);
    auto store = std::make_unique<SqliteStore>(options, *std::move(lock));
    store->move_what_was_left();
    const auto applied = apply_migrations(store->connection(), migrations, options.stamp);
    if (!applied) return applied.error();
    if (options.moves_log)
      if (const auto moves = store->move_log(); !moves) return moves.error();
    return std::unique_ptr<CallbackStore>(std::move(store));
  });
}

}  // namespace ringback::sqlite
