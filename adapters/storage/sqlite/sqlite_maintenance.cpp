#include "adapters/storage/sqlite/sqlite_maintenance.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <filesystem>

#include "adapters/storage/sqlite/failure.hpp"

namespace ringback::sqlite {
namespace {

constexpr std::int64_t kCacheBytes = 1 << 20;

Result<void> check(Connection& connection) {
  auto query = connection.query("PRAGMA quick_check(10)");
  std::string faults;
  while (query.next()) {
    const auto line = query.take<std::string>();
    if (line != "ok") faults += (faults.empty() ? "" : "; ") + line;
  }
  if (faults.empty()) return {};
  return Error{Errc::storage_failed,
               "the database is damaged: " + faults + "; restore a backup; nothing was changed"};
}

}  // namespace

SqliteMaintenance::SqliteMaintenance(const std::string& path)
    : connection_(path, Access::write, kCacheBytes) {}

Result<std::unique_ptr<SqliteMaintenance>> SqliteMaintenance::open(const std::string& path) {
  using Made = std::unique_ptr<SqliteMaintenance>;
  if (!std::filesystem::exists(path))
    return Error{Errc::not_found, "there is no database " + path + "; nothing was created"};
  return guarded([&]() -> Result<Made> { return Made(new SqliteMaintenance(path)); });
}

Result<Checkpoint> SqliteMaintenance::checkpoint() {
  return guarded([&]() -> Result<Checkpoint> { return connection_.checkpoint(); });
}

Result<void> SqliteMaintenance::sync_file() {
  return guarded([&]() -> Result<void> {
    connection_.sync_file();
    return {};
  });
}

Result<void> SqliteMaintenance::quick_check() {
  return guarded([&]() -> Result<void> { return check(connection_); });
}

Result<std::int64_t> SqliteMaintenance::data_version() {
  return guarded([&]() -> Result<std::int64_t> {
    auto query = connection_.query("PRAGMA data_version");
    query.next();
    return query.take<std::int64_t>();
  });
}

Result<void> SqliteMaintenance::backup(const std::string& file) {
  // Made here, so that nobody else may read it; VACUUM INTO takes an empty file.
  const int made = ::open(file.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (made < 0)
    return Error{Errc::storage_failed, "cannot create " + file +
                                           ": it exists, or its folder cannot be written; give "
                                           "another name; nothing was copied"};
  ::close(made);
  auto copied = guarded([&]() -> Result<void> {
    connection_.query("VACUUM INTO ?").put(file).run();
    Connection copy(file, Access::read, kCacheBytes);
    return check(copy);
  });
  if (!copied) std::filesystem::remove(file);
  return copied;
}

}  // namespace ringback::sqlite
