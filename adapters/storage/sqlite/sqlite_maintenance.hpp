// The care of a database file from a connection of its own, so that no request pays for it: moving
// the log into the file, checking, copying, noticing that somebody committed. One thread at a time.
#pragma once

#include <memory>
#include <string>

#include "adapters/storage/sqlite/connection.hpp"
#include "core/domain/result.hpp"

namespace ringback::sqlite {

class SqliteMaintenance {
 public:
  // The file must exist.
  static Result<std::unique_ptr<SqliteMaintenance>> open(const std::string& path);

  Result<Checkpoint> checkpoint();
  // What checkpoints have moved is on the disk.
  Result<void> sync_file();
  // storage_failed with what is wrong. Reads the whole file.
  Result<void> quick_check();
  // Changes when another connection has committed.
  Result<std::int64_t> data_version();
  // A consistent copy, checked; `file` must not exist yet.
  Result<void> backup(const std::string& file);

 private:
  explicit SqliteMaintenance(const std::string& path);
  Connection connection_;
};

}  // namespace ringback::sqlite
