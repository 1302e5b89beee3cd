#include "adapters/storage/sqlite/migrations.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>

#include "adapters/storage/sqlite/connection.hpp"
#include "adapters/storage/sqlite/failure.hpp"

namespace ringback::sqlite {
namespace {

constexpr const char* kLedger =
    "CREATE TABLE IF NOT EXISTS schema_migrations ("
    "  number      INTEGER PRIMARY KEY,"
    "  name        TEXT    NOT NULL,"
    "  checksum    TEXT    NOT NULL,"
    "  applied_at  INTEGER NOT NULL,"
    "  ms          INTEGER NOT NULL,"
    "  version     TEXT    NOT NULL"
    ") STRICT";

Error refused(std::string why) {
  return {Errc::storage_failed, std::move(why) + "; nothing was changed"};
}

void apply(Connection& connection, const Migration& migration, const Stamp& stamp) {
  const auto begun = std::chrono::steady_clock::now();
  SQLite::Transaction transaction(connection.database(), SQLite::TransactionBehavior::IMMEDIATE);
  connection.database().exec(std::string(migration.sql));
  const auto took = std::chrono::steady_clock::now() - begun;
  connection
      .query(
          "INSERT INTO schema_migrations (number, name, checksum, applied_at, ms, version) "
          "VALUES (?, ?, ?, ?, ?, ?)")
      .put(migration.number, migration.name, migration.checksum, stamp.now,
           std::chrono::duration_cast<Millis>(took).count(), stamp.program)
      .run();
  transaction.commit();
}

}  // namespace

Result<std::vector<Migration>> pending_migrations(Connection& connection,
                                                  std::span<const Migration> known) {
  return guarded([&]() -> Result<std::vector<Migration>> {
    std::vector<Migration> pending(known.begin(), known.end());
    if (!connection.database().tableExists("schema_migrations")) return pending;
    auto applied = connection.query(
        "SELECT number, name, checksum, version FROM schema_migrations ORDER BY number");
    while (applied.next()) {
      const int number = applied.take<int>();
      const auto name = applied.take<std::string>();
      const auto checksum = applied.take<std::string>();
      const auto program = applied.take<std::string>();
      const auto ours = std::find_if(pending.begin(), pending.end(),
                                     [&](const Migration& m) { return m.number == number; });
      if (ours == pending.end())
        return refused(fmt::format(
            "the database has migration {:04} ({}) of version {}, which this program does not "
            "know: it is newer; run that version, or restore a backup made before it",
            number, name, program));
      if (ours->checksum != checksum)
        return refused(fmt::format(
            "migration {:04} ({}) was applied with another text than this program has: a released "
            "migration was edited; install an unmodified release",
            number, name));
      pending.erase(ours);
    }
    return pending;
  });
}

Result<std::vector<Migration>> plan_migrations(const std::string& path,
                                               std::span<const Migration> known) {
  if (!std::filesystem::exists(path)) return std::vector(known.begin(), known.end());
  return guarded([&]() -> Result<std::vector<Migration>> {
    Connection connection(path, Access::read, 1 << 20);
    return pending_migrations(connection, known);
  });
}

Result<std::vector<Migration>> apply_migrations(Connection& connection,
                                                std::span<const Migration> known,
                                                const Stamp& stamp) {
  auto pending = pending_migrations(connection, known);
  if (!pending || pending->empty()) return pending;
  return guarded([&]() -> Result<std::vector<Migration>> {
    connection.database().exec(kLedger);
    for (const auto& migration : *pending) apply(connection, migration, stamp);
    return pending;
  });
}

}  // namespace ringback::sqlite
