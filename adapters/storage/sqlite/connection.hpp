// One connection to the database file, and statements that are prepared once and kept.
//
// Used by one thread at a time. Query puts values in and takes columns out, in order, by the types
// of the core; a column that does not fit its type throws DamagedRow, SQLite's own faults throw
// SQLite::Exception. Neither leaves this folder (failure.hpp).
#pragma once

#include <SQLiteCpp/SQLiteCpp.h>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

#include "adapters/storage/words.hpp"
#include "core/domain/callback.hpp"
#include "core/domain/recording.hpp"

namespace ringback::sqlite {

struct DamagedRow : std::runtime_error {
  using std::runtime_error::runtime_error;
};

class Query {
 public:
  explicit Query(SQLite::Statement& statement) : statement_(statement) {}
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;
  // A statement that is left open would hold its snapshot, and block a rollback.
  ~Query() { statement_.tryReset(); }

  // Texts and bytes are not copied: they are there until the query has run.
  template <class... T>
  Query& put(const T&... values) {
    (put_one(values), ...);
    return *this;
  }
  Query& put_blob(std::string_view bytes) {
    statement_.bindNoCopy(++bound_, bytes.data(), static_cast<int>(bytes.size()));
    return *this;
  }

  bool next() {
    column_ = 0;
    return statement_.executeStep();
  }
  // Runs to the end; how many rows were changed.
  int run() { return statement_.exec(); }

  template <class T>
  T take() {
    T value{};
    take(value);
    return value;
  }
  template <class T>
  void take(T& value) {
    const SQLite::Column column = statement_.getColumn(column_++);
    if constexpr (std::is_enum_v<T>) {
      const auto found = storage::from_word<T>(text(column));
      if (!found) throw DamagedRow("an unknown word in column " + name(column));
      value = *found;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = number(column) != 0;
    } else if constexpr (std::is_same_v<T, std::int64_t>) {
      value = number(column);
    } else if constexpr (std::is_same_v<T, int>) {
      const std::int64_t wide = number(column);
      if (wide != static_cast<int>(wide)) throw DamagedRow("too large: " + name(column));
      value = static_cast<int>(wide);
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      value = TimePoint(Millis(number(column)));
    } else if constexpr (std::is_same_v<T, std::optional<TimePoint>>) {
      value.reset();
      if (!column.isNull()) value = TimePoint(Millis(number(column)));
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = column.getString();  // text or bytes
    } else if constexpr (std::is_same_v<T, Digest>) {
      copy_bytes(column, value.data(), value.size());
    } else if constexpr (std::is_same_v<T, std::optional<Digest>>) {
      value.reset();
      if (!column.isNull()) copy_bytes(column, value.emplace().data(), sizeof(Digest));
    } else if constexpr (std::is_same_v<T, CallbackId> || std::is_same_v<T, RecordingId>) {
      IdBytes bytes{};
      copy_bytes(column, bytes.data(), bytes.size());
      value = T(bytes);
    } else if constexpr (std::is_same_v<T, PhoneNumber>) {
      value = number_or_none(column);
    } else {
      static_assert(std::is_same_v<T, std::vector<int>>);
      value = ints_of(column);
    }
  }

 private:
  template <class T>
  void put_one(const T& value) {
    const int at = ++bound_;
    if constexpr (std::is_enum_v<T>) {
      statement_.bindNoCopy(at, storage::word(value).data());  // a literal
    } else if constexpr (std::is_same_v<T, bool>) {
      statement_.bind(at, value ? 1 : 0);
    } else if constexpr (std::is_integral_v<T>) {
      statement_.bind(at, static_cast<std::int64_t>(value));
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      statement_.bind(at, static_cast<std::int64_t>(value.time_since_epoch().count()));
    } else if constexpr (std::is_same_v<T, Digest>) {
      statement_.bindNoCopy(at, value.data(), static_cast<int>(value.size()));
    } else if constexpr (std::is_same_v<T, CallbackId> || std::is_same_v<T, RecordingId>) {
      statement_.bindNoCopy(at, value.bytes().data(), static_cast<int>(value.bytes().size()));
    } else if constexpr (std::is_same_v<T, PhoneNumber>) {
      statement_.bindNoCopy(at, value.e164());
    } else if constexpr (std::is_same_v<T, std::string>) {
      statement_.bindNoCopy(at, value);
    } else if constexpr (std::is_same_v<T, std::vector<int>>) {
      statement_.bind(at, text_of(value));
    } else if constexpr (requires { value.has_value(); }) {
      --bound_;
      if (value)
        put_one(*value);
      else
        statement_.bind(++bound_);
    } else {
      statement_.bind(at, std::string(value));
    }
  }

  static std::string name(const SQLite::Column& column) { return column.getName(); }
  static std::string_view text(const SQLite::Column& column);
  static std::int64_t number(const SQLite::Column& column);
  static void copy_bytes(const SQLite::Column& column, std::uint8_t* to, std::size_t size);
  static PhoneNumber number_or_none(const SQLite::Column& column);
  static std::vector<int> ints_of(const SQLite::Column& column);
  static std::string text_of(const std::vector<int>& ints);

  SQLite::Statement& statement_;
  int bound_ = 0;
  int column_ = 0;
};

enum class Access { write, read };

struct Checkpoint {
  int log_pages = 0;    // in the write-ahead log
  int moved_pages = 0;  // of them in the file now; fewer: a reader still needs the rest
};

class Connection {
 public:
  // Throws SQLite::Exception.
  Connection(const std::string& path, Access access, std::int64_t cache_bytes);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // `sql` is prepared at its first use and known by its address from then on: a literal or a
  // static. A statement runs once at a time: its Query must be gone before the next one of the same
  // text.
  Query query(const char* sql);
  void exec(const char* sql) { query(sql).run(); }

  SQLite::Database& database() { return database_; }
  bool in_transaction();
  int log_pages() const { return log_pages_; }  // in the write-ahead log after the last commit
  // Moves of the log into the file what no reader needs; waits for nobody.
  Checkpoint checkpoint();
  // Brings to the disk what checkpoints have moved into the file. Throws SQLite::Exception.
  void sync_file();
  std::int64_t changes();  // rows written since it was opened, also by what was rolled back

 private:
  SQLite::Database database_;
  int log_pages_ = 0;
  std::unordered_map<const void*, std::unique_ptr<SQLite::Statement>> kept_;
};

}  // namespace ringback::sqlite
