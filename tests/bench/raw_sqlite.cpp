// What SQLite alone can do on this disk: the limit that the product is measured against.
//
//   bench_raw create  --like DB --file NEW --clients N --seconds S
//   bench_raw webhook --like DB --file NEW --clients N --seconds S
//   bench_raw fill    --like DB --file NEW --rows N
//   bench_raw disk    --file NEW
//
// One writer thread with group commit, fed by N closed-loop clients inside the process: no HTTP, no
// JSON, no decisions, no look-ups. Tables, indexes and rows are those of DB, a database that the
// product wrote: each create repeats all rows of a callback found there, with new keys of the same
// kind (ids in order, hashes at random). The connection is set up as the product's is, and the log
// is moved by a second connection as the product does it. `fill` makes callbacks that are over.
#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace {

using Clock = std::chrono::steady_clock;

constexpr int kChangingOf = 8;           // of so many webhooks,
constexpr int kChanging = 2;             // so many change the callback; the others are only noted
constexpr std::uint64_t kPerMilli = 16;  // rows of one millisecond share their times
constexpr std::uint64_t kPrefixes = 24'000;
constexpr std::uint64_t kCalls = 8'000;  // open calls that webhooks are about
constexpr std::uint64_t kFillBatch = 5'000;
constexpr auto kCheckpointEvery = std::chrono::seconds(2);

[[noreturn]] void die(const std::string& what) {
  std::fprintf(stderr, "bench_raw: %s\n", what.c_str());
  std::exit(1);
}

struct Options {
  std::string mode, like, file;
  int clients = 1;
  double seconds = 2;
  std::uint64_t rows = 0;
};

Options read_options(int argc, char** argv) {
  if (argc < 2) die("say create, webhook, fill or disk; see the top of tests/bench/raw_sqlite.cpp");
  Options options;
  options.mode = argv[1];
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string name = argv[i];
    const std::string value = argv[i + 1];
    if (name == "--like")
      options.like = value;
    else if (name == "--file")
      options.file = value;
    else if (name == "--clients")
      options.clients = std::stoi(value);
    else if (name == "--seconds")
      options.seconds = std::stod(value);
    else if (name == "--rows")
      options.rows = std::stoull(value);
    else
      die("there is no option " + name);
  }
  if (options.file.empty()) die("--file is needed");
  return options;
}

// ---- SQLite, thinly
// ------------------------------------------------------------------------------

class Database {
 public:
  Database(const std::string& path, int flags) {
    if (sqlite3_open_v2(path.c_str(), &db_, flags | SQLITE_OPEN_NOMUTEX, nullptr) != SQLITE_OK)
      die("cannot open " + path);
    sqlite3_busy_timeout(db_, 5'000);
  }
  ~Database() { sqlite3_close_v2(db_); }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void exec(const std::string& sql) {
    char* fault = nullptr;
    if (sqlite3_exec(db_, sql.c_str(), nullptr, nullptr, &fault) != SQLITE_OK)
      die(sql + ": " + (fault != nullptr ? fault : "?"));
  }
  sqlite3_stmt* prepare(const std::string& sql) {
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v3(db_, sql.c_str(), -1, SQLITE_PREPARE_PERSISTENT, &statement, nullptr) !=
        SQLITE_OK)
      die(sql + ": " + sqlite3_errmsg(db_));
    return statement;
  }
  void run(sqlite3_stmt* statement) {
    if (sqlite3_step(statement) != SQLITE_DONE) die(sqlite3_errmsg(db_));
    sqlite3_reset(statement);
  }

 private:
  sqlite3* db_ = nullptr;
};

// As the product sets its writer up (adapters/storage/sqlite/connection.cpp).
void set_up(Database& db) {
  db.exec("PRAGMA journal_mode = WAL");
  db.exec("PRAGMA synchronous = FULL");
  db.exec("PRAGMA foreign_keys = ON");
  db.exec("PRAGMA wal_autocheckpoint = 16384");
  db.exec("PRAGMA temp_store = MEMORY");
  db.exec("PRAGMA cache_size = -131072");
}

std::vector<std::string> schema_of(Database& like) {
  std::vector<std::string> lines;
  auto* query = like.prepare("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid");
  while (sqlite3_step(query) == SQLITE_ROW)
    lines.emplace_back(reinterpret_cast<const char*>(sqlite3_column_text(query, 0)));
  sqlite3_finalize(query);
  return lines;
}

// ---- rows like those that the product wrote
// ------------------------------------------------------

struct Keys {
  std::uint64_t number = 0;  // of the callback
  std::string id;            // 16 bytes, rising
  std::mt19937_64* random = nullptr;
};

std::string id_of(std::uint64_t number) {
  std::string id(16, '\x5a');
  for (std::size_t i = 8; i-- > 0; number >>= 8U) id[i] = static_cast<char>(number & 255U);
  return id;
}

std::int64_t just_now() {
  static const auto now = std::chrono::duration_cast<std::chrono::milliseconds>(
      std::chrono::system_clock::now().time_since_epoch());
  return now.count();
}

class Row {
 public:
  enum class Kind { as_it_is, id, random_key, token, prefix_key, time, serial };
  struct Column {
    std::string name;
    Kind kind = Kind::as_it_is;
    sqlite3_value* value = nullptr;
  };

  Row(Database& to, std::string table, sqlite3_stmt* from, bool over, bool prefix) {
    std::string names, marks;
    for (int i = 0; i < sqlite3_column_count(from); ++i) {
      Column column;
      column.name = sqlite3_column_name(from, i);
      column.value = sqlite3_value_dup(sqlite3_column_value(from, i));
      column.kind = kind_of(table, column, prefix);
      names += (i > 0 ? ", " : "") + column.name;
      marks += i > 0 ? ", ?" : "?";
      columns_.push_back(column);
    }
    // As the product does: a counter is written whether it is there or not.
    insert_ = to.prepare((table == "limit_counters" ? "INSERT OR REPLACE INTO " : "INSERT INTO ") +
                         table + " (" + names + ") VALUES (" + marks + ")");
    if (over) overrides_ = {{"state", table == "callbacks" ? "expired" : "accepted"}};
    over_ = over;
    std::string sets;
    for (const auto& column : columns_)
      if (column.kind != Kind::id) sets += (sets.empty() ? "" : ", ") + column.name + " = ?";
    if (table == "callbacks")
      update_ = to.prepare("UPDATE callbacks SET " + sets + " WHERE id = ?");
    if (table == "attempts")
      update_ = to.prepare("UPDATE attempts SET " + sets + " WHERE callback = ?");
  }

  void insert(Database& to, const Keys& keys) { put(to, insert_, keys, true); }
  void update(Database& to, const Keys& keys) {
    if (update_ == nullptr) return;
    int at = put_columns(update_, keys, false);
    sqlite3_bind_blob(update_, ++at, keys.id.data(), 16, SQLITE_TRANSIENT);
    to.run(update_);
  }

 private:
  static Kind kind_of(const std::string& table, const Column& column, bool prefix) {
    if (column.name == "callback" || (table == "callbacks" && column.name == "id")) return Kind::id;
    if (table == "visitor_tokens" && column.name == "hash") return Kind::token;
    if (column.name == "hash" || column.name == "delivery" || column.name == "phone_hmac" ||
        column.name == "client_hmac")
      return Kind::random_key;
    if (column.name == "key") return prefix ? Kind::prefix_key : Kind::random_key;
    if (column.name == "due" || column.name == "expires") return Kind::time;
    if (column.name == "seq") return Kind::serial;
    return Kind::as_it_is;
  }

  void put(Database& to, sqlite3_stmt* statement, const Keys& keys, bool with_id) {
    put_columns(statement, keys, with_id);
    to.run(statement);
  }

  int put_columns(sqlite3_stmt* statement, const Keys& keys, bool with_id) {
    int at = 0;
    for (const auto& column : columns_) {
      if (column.kind == Kind::id && !with_id) continue;
      ++at;
      switch (column.kind) {
        case Kind::id:
          sqlite3_bind_blob(statement, at, keys.id.data(), 16, SQLITE_STATIC);
          break;
        case Kind::random_key:
          put_key(statement, at, column, (*keys.random)());
          break;
        case Kind::token:
          put_key(statement, at, column, (*keys.random)(), keys.id);
          break;
        case Kind::prefix_key:
          put_key(statement, at, column, (*keys.random)() % kPrefixes);
          break;
        case Kind::time:
          sqlite3_bind_int64(statement, at,
                             sqlite3_value_int64(column.value) +
                                 static_cast<std::int64_t>(keys.number / kPerMilli));
          break;
        case Kind::serial:
          sqlite3_bind_int64(statement, at, sqlite3_value_int64(column.value) + serial_);
          break;
        case Kind::as_it_is:
          put_value(statement, at, column);
      }
    }
    return at;
  }

  void put_value(sqlite3_stmt* statement, int at, const Column& column) {
    if (over_ && column.name == "open") {
      sqlite3_bind_int(statement, at, 0);
    } else if (over_ && column.name == "finished_at") {
      sqlite3_bind_int64(statement, at, just_now());  // older than it is kept, it would be deleted
    } else if (const auto other = overrides_.find(column.name); other != overrides_.end()) {
      sqlite3_bind_text(statement, at, other->second.c_str(), -1, SQLITE_STATIC);
    } else {
      sqlite3_bind_value(statement, at, column.value);
    }
  }

  // Random, but for the first bytes of `like`.
  static void put_key(sqlite3_stmt* statement, int at, const Column& column, std::uint64_t seed,
                      std::string_view like = {}) {
    std::string bytes(static_cast<std::size_t>(sqlite3_value_bytes(column.value)), '\0');
    const bool text = sqlite3_value_type(column.value) == SQLITE_TEXT;
    for (std::size_t i = 0; i < bytes.size(); ++i) {
      if (i % 8 == 0)
        seed = (seed + 0x9E3779B97F4A7C15U) * 0xBF58476D1CE4E5B9U, seed ^= seed >> 29U;
      const auto part = static_cast<std::uint8_t>(seed >> (i % 8 * 8));
      bytes[i] = static_cast<char>(text ? 'a' + part % 26 : part);
    }
    std::copy_n(like.begin(), std::min<std::size_t>(like.size(), 8), bytes.begin());
    if (text)
      sqlite3_bind_text(statement, at, bytes.data(), static_cast<int>(bytes.size()),
                        SQLITE_TRANSIENT);
    else
      sqlite3_bind_blob(statement, at, bytes.data(), static_cast<int>(bytes.size()),
                        SQLITE_TRANSIENT);
  }

 public:
  std::int64_t serial_ = 0;  // added to seq

 private:
  std::vector<Column> columns_;
  std::map<std::string, std::string> overrides_;
  bool over_ = false;
  sqlite3_stmt* insert_ = nullptr;
  sqlite3_stmt* update_ = nullptr;
};

struct Rows {
  std::vector<Row> birth;               // a callback's rows
  std::vector<Row> letter;              // what one webhook adds
  std::vector<std::size_t> changed;     // which of `birth` a webhook writes anew
  std::vector<sqlite3_stmt*> counters;  // the day's budget
  sqlite3_stmt* clock = nullptr;
};

void add_rows(std::vector<Row>& rows, Database& like, Database& to, const std::string& table,
              const std::string& where, const std::string& id, bool over, bool prefix = false) {
  auto* query = like.prepare("SELECT * FROM " + table + " WHERE " + where);
  if (sqlite3_bind_parameter_count(query) > 0)
    sqlite3_bind_blob(query, 1, id.data(), 16, SQLITE_STATIC);
  while (sqlite3_step(query) == SQLITE_ROW) rows.emplace_back(to, table, query, over, prefix);
  sqlite3_finalize(query);
}

std::string one_id(Database& like, const std::string& sql) {
  auto* query = like.prepare(sql);
  if (sqlite3_step(query) != SQLITE_ROW)
    die("there is no such callback in the database to imitate");
  std::string id(static_cast<const char*>(sqlite3_column_blob(query, 0)), 16);
  sqlite3_finalize(query);
  return id;
}

Rows rows_like(Database& like, Database& to, const std::string& mode) {
  const bool webhook = mode == "webhook";
  const bool over = mode == "fill";
  const std::string id =
      one_id(like, webhook ? "SELECT callback FROM journal WHERE actor = 'carrier' "
                             "ORDER BY callback DESC LIMIT 1"
                           : "SELECT o.callback FROM outbox AS o JOIN callbacks AS c "
                             "ON c.id = o.callback WHERE c.state = 'pending' AND o.tries = 0 "
                             "ORDER BY o.callback DESC LIMIT 1");
  Rows rows;
  add_rows(rows.birth, like, to, "callbacks", "id = ?", id, over);
  rows.changed.push_back(0);
  for (const char* table :
       {"attempts", "messages", "journal", "outbox", "timers", "visitor_tokens"}) {
    const std::string name = table;
    if (over && (name == "outbox" || name == "timers")) continue;
    const auto first = rows.birth.size();
    add_rows(rows.birth, like, to, name, "callback = ?", id, over && name == "messages");
    if (name == "attempts")
      for (auto i = first; i < rows.birth.size(); ++i) rows.changed.push_back(i);
  }
  if (!webhook) {
    // Counters of a visitor and a number run out within days and are deleted: old callbacks have
    // none.
    if (!over) add_rows(rows.birth, like, to, "limit_counters", "true LIMIT 2", {}, false);
    add_rows(rows.birth, like, to, "limit_counters", "true LIMIT 1", {}, false, true);
  } else {
    add_rows(rows.letter, like, to, "journal", "callback = ? ORDER BY seq DESC LIMIT 1", id, false);
    add_rows(rows.letter, like, to, "inbox", "true LIMIT 1", {}, false);
  }
  auto* days = like.prepare("SELECT day, kind FROM budget_days");
  while (sqlite3_step(days) == SQLITE_ROW) {
    const auto day = std::to_string(sqlite3_column_int(days, 0));
    const std::string kind = reinterpret_cast<const char*>(sqlite3_column_text(days, 1));
    to.exec("INSERT OR IGNORE INTO budget_days VALUES (" + day + ", '" + kind + "', 0)");
    if (!webhook && !over)
      rows.counters.push_back(to.prepare("UPDATE budget_days SET used = used + 1 WHERE day = " +
                                         day + " AND kind = '" + kind + "'"));
  }
  sqlite3_finalize(days);
  to.exec("INSERT OR IGNORE INTO store_clock VALUES (1, 0)");
  rows.clock = to.prepare("UPDATE store_clock SET last_commit_at = last_commit_at + 1");
  return rows;
}

class Writer {
 public:
  explicit Writer(const Options& options)
      : like_(options.like, SQLITE_OPEN_READONLY),
        db_(fresh(options.file), SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE) {
    set_up(db_);
    for (const auto& line : schema_of(like_)) db_.exec(line);
    auto* done = like_.prepare("SELECT * FROM schema_migrations");
    while (sqlite3_step(done) == SQLITE_ROW) {
      Row row(db_, "schema_migrations", done, false, false);
      row.insert(db_, {});
    }
    sqlite3_finalize(done);
    rows_ = rows_like(like_, db_, options.mode);
    begin_ = db_.prepare("BEGIN IMMEDIATE");
    commit_ = db_.prepare("COMMIT");
  }

  void begin() { db_.run(begin_); }
  void commit() {
    db_.run(rows_.clock);
    db_.run(commit_);
  }
  void quietly() { db_.exec("PRAGMA synchronous = OFF"); }

  void create() {
    Keys keys{.number = ++number_, .id = id_of(number_), .random = &random_};
    for (auto& row : rows_.birth) row.insert(db_, keys);
    for (auto* counter : rows_.counters) db_.run(counter);
  }
  void hear() {
    const auto number = ++letters_;
    Keys keys{.number = number, .id = id_of(1 + number / kChangingOf % kCalls), .random = &random_};
    for (auto& row : rows_.letter) {
      row.serial_ = static_cast<std::int64_t>(number);
      row.insert(db_, keys);
    }
    if (number % kChangingOf < kChanging)
      for (const auto which : rows_.changed) rows_.birth[which].update(db_, keys);
  }

 private:
  static std::string fresh(const std::string& path) {
    for (const char* tail : {"", "-wal", "-shm"}) ::unlink((path + tail).c_str());
    return path;
  }

  Database like_;
  Database db_;
  Rows rows_;
  sqlite3_stmt* begin_ = nullptr;
  sqlite3_stmt* commit_ = nullptr;
  std::mt19937_64 random_{std::random_device{}()};
  std::uint64_t number_ = 0;
  std::uint64_t letters_ = 0;
};

// ---- the clients
// ---------------------------------------------------------------------------------

// Those who wait, handed to the writer all at once; and back when they are served.
class Counter {
 public:
  void bring(std::vector<int>& clients) {
    const std::lock_guard lock(mutex_);
    waiting_.insert(waiting_.end(), clients.begin(), clients.end());
    changed_.notify_one();
  }
  bool take(std::vector<int>& clients) {
    clients.clear();
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || !waiting_.empty(); });
    clients.swap(waiting_);
    return !clients.empty();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<int> waiting_;
  bool closed_ = false;
};

class Checkpointer {
 public:
  explicit Checkpointer(const std::string& file) : db_(file, SQLITE_OPEN_READWRITE) {
    thread_ = std::thread([this] {
      std::unique_lock lock(mutex_);
      while (!wake_.wait_for(lock, kCheckpointEvery, [this] { return stopping_; }))
        db_.exec("PRAGMA wal_checkpoint(PASSIVE)");
    });
  }
  ~Checkpointer() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    thread_.join();
  }
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

 private:
  Database db_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

void measure(const Options& options) {
  Writer writer(options);
  if (options.mode == "webhook") {
    writer.begin();
    for (std::uint64_t i = 0; i < kCalls; ++i) writer.create();
    writer.commit();
  }
  Checkpointer checkpointer(options.file);
  Counter asking;
  Counter served;
  std::thread writing([&] {
    std::vector<int> clients;
    while (asking.take(clients)) {
      writer.begin();
      for ([[maybe_unused]] const int client : clients)
        options.mode == "webhook" ? writer.hear() : writer.create();
      writer.commit();
      served.bring(clients);
    }
  });

  std::vector<Clock::time_point> asked(static_cast<std::size_t>(options.clients));
  std::vector<double> latencies;
  std::vector<int> clients;
  for (int i = 0; i < options.clients; ++i) clients.push_back(i);
  const auto begun = Clock::now();
  const auto end = begun + std::chrono::duration<double>(options.seconds);
  std::size_t batches = 0;
  while (Clock::now() < end) {
    const auto now = Clock::now();
    for (const int client : clients) asked[static_cast<std::size_t>(client)] = now;
    asking.bring(clients);
    served.take(clients);
    ++batches;
    const auto back = Clock::now();
    for (const int client : clients)
      latencies.push_back(
          std::chrono::duration<double, std::milli>(back - asked[static_cast<std::size_t>(client)])
              .count());
  }
  const std::chrono::duration<double> took = Clock::now() - begun;
  asking.close();
  writing.join();
  std::sort(latencies.begin(), latencies.end());
  const auto count = static_cast<double>(latencies.size());
  const auto at = [&](double part) {
    return latencies[std::min(latencies.size() - 1, static_cast<std::size_t>(part * count))];
  };
  std::printf(
      "{\"requests\":%.0f,\"seconds\":%.4f,\"per_second\":%.1f,\"p50_ms\":%.3f,"
      "\"p99_ms\":%.3f,\"batches\":%zu}\n",
      count, took.count(), count / took.count(), at(0.5), at(0.99), batches);
}

void fill(const Options& options) {
  Writer writer(options);
  writer.quietly();
  for (std::uint64_t done = 0; done < options.rows;) {
    writer.begin();
    for (std::uint64_t i = 0; i < kFillBatch && done < options.rows; ++i, ++done) writer.create();
    writer.commit();
  }
  std::printf("{\"rows\":%llu}\n", static_cast<unsigned long long>(options.rows));
}

// Appending a page and waiting for the disk, as the log of a small commit does.
void disk(const Options& options) {
  const int file = ::open(options.file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0) die("cannot write " + options.file);
  const std::string page(4096, 'x');
  constexpr int kRewritten = 4096;  // pages; a log is written over and over
  int count = 0;
  const auto begun = Clock::now();
  while (Clock::now() - begun < std::chrono::seconds(1)) {
    if (::pwrite(file, page.data(), page.size(), count % kRewritten * 4096L) < 0 ||
        ::fdatasync(file) != 0)
      die("the disk failed");
    ++count;
  }
  const std::chrono::duration<double> took = Clock::now() - begun;
  ::close(file);
  ::unlink(options.file.c_str());
  std::printf("{\"per_second\":%.1f}\n", count / took.count());
}

}  // namespace

int main(int argc, char** argv) {
  const Options options = read_options(argc, argv);
  if (options.mode == "disk")
    disk(options);
  else if (options.mode == "fill")
    fill(options);
  else if (options.mode == "create" || options.mode == "webhook")
    measure(options);
  else
    die("there is no mode " + options.mode);
}
