#include "adapters/storage/sqlite/connection.hpp"

#include <sqlite3.h>

#include <charconv>
#include <cstring>

#include "adapters/storage/sqlite/log_pieces.hpp"

namespace ringback::sqlite {
namespace {

constexpr int kBusyMillis = 5'000;  // a checkpoint of another connection is much shorter
// Another connection moves the log into the file (log_mover.hpp). If it does not, the writer does
// at this size, so the log is bounded in any case.
constexpr int kMostLogPages = 16'384;

// SQLite would count each allocation under one lock for all threads; nobody asks for the count.
// Only heard before the first use of the library.
[[maybe_unused]] const int kUncounted = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);

int after_commit(void* log_pages, sqlite3* connection, const char* schema, int pages) {
  *static_cast<int*>(log_pages) = pages;
  // If it fails the log stays as it is: whatever is in it is safe, and the next commit tries again.
  if (pages >= kMostLogPages) sqlite3_wal_checkpoint(connection, schema);
  return SQLITE_OK;
}

}  // namespace

std::string_view Query::text(const SQLite::Column& column) {
  if (!column.isText()) throw DamagedRow("not text: " + name(column));
  return {column.getText(), static_cast<std::size_t>(column.getBytes())};
}

std::int64_t Query::number(const SQLite::Column& column) {
  if (!column.isInteger()) throw DamagedRow("not a number: " + name(column));
  return column.getInt64();
}

void Query::copy_bytes(const SQLite::Column& column, std::uint8_t* to, std::size_t size) {
  const void* bytes = column.getBlob();
  if (!column.isBlob() || static_cast<std::size_t>(column.getBytes()) != size)
    throw DamagedRow("of the wrong length: " + name(column));
  std::memcpy(to, bytes, size);
}

PhoneNumber Query::number_or_none(const SQLite::Column& column) {
  const auto e164 = text(column);
  if (e164.empty()) return {};
  const auto number = PhoneNumber::from_e164(e164);
  if (!number) throw DamagedRow("not a telephone number: " + name(column));
  return *number;
}

std::vector<int> Query::ints_of(const SQLite::Column& column) {
  std::vector<int> ints;
  const auto list = text(column);
  const char* at = list.data();
  const char* const end = at + list.size();
  while (at < end) {
    int value = 0;
    const auto [stop, fault] = std::from_chars(at, end, value);
    if (fault != std::errc{} || (stop != end && *stop != ','))
      throw DamagedRow("not a list of numbers: " + name(column));
    ints.push_back(value);
    at = stop == end ? end : stop + 1;
  }
  return ints;
}

std::string Query::text_of(const std::vector<int>& ints) {
  std::string list;
  for (const int value : ints) {
    if (!list.empty()) list += ',';
    list += std::to_string(value);
  }
  return list;
}

Connection::Connection(const std::string& path, Access access, std::int64_t cache_bytes)
    : database_(path,
                SQLite::OPEN_NOMUTEX |
                    (access == Access::write ? SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE
                                             : SQLite::OPEN_READONLY),
                kBusyMillis, access == Access::write ? vfs_of_log_pieces() : std::string()) {
  if (access == Access::write) {
    database_.exec("PRAGMA journal_mode = WAL");
    database_.exec("PRAGMA synchronous = FULL");
    database_.exec("PRAGMA foreign_keys = ON");
    sqlite3_wal_hook(database_.getHandle(), after_commit, &log_pages_);
  }
  database_.exec("PRAGMA temp_store = MEMORY");
  // Hashes are random keys: with room for their pages, a create costs the same at a million rows.
  database_.exec("PRAGMA cache_size = -" + std::to_string(cache_bytes / 1024));
}

Query Connection::query(const char* sql) {
  auto& kept = kept_[sql];
  if (!kept) kept = std::make_unique<SQLite::Statement>(database_, sql);
  return Query(*kept);
}

Checkpoint Connection::checkpoint() {
  auto query = this->query("PRAGMA wal_checkpoint(PASSIVE)");
  query.next();
  query.take<int>();  // 1: another connection checkpoints right now
  Checkpoint done;
  query.take(done.log_pages);
  query.take(done.moved_pages);
  return done;
}

void Connection::sync_file() {
  // SQLite's own descriptor: to close one of ours would give back the locks of the whole process.
  sqlite3_file* file = nullptr;
  sqlite3_file_control(database_.getHandle(), "main", SQLITE_FCNTL_FILE_POINTER, &file);
  const int failed = file->pMethods->xSync(file, SQLITE_SYNC_NORMAL | SQLITE_SYNC_DATAONLY);
  if (failed != SQLITE_OK) throw SQLite::Exception("cannot sync the file", failed);
}

std::int64_t Connection::changes() { return sqlite3_total_changes64(database_.getHandle()); }

bool Connection::in_transaction() { return sqlite3_get_autocommit(database_.getHandle()) == 0; }

}  // namespace ringback::sqlite
