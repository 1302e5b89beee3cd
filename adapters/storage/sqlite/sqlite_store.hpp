// The store in one SQLite file: write-ahead log, every batch on disk (fdatasync) before it returns.
//
// A batch is one transaction; if a work fails that has written something, all is rolled back and
// done again with a savepoint for each work. Whatever else fails in it (a full disk, an I/O error)
// fails all of it and leaves the connection usable: the next batch works when there is room again.
// One process at a time; readers and maintenance have connections of their own.
#pragma once

#include <memory>
#include <string>

#include "adapters/storage/sqlite/log_mover.hpp"
#include "adapters/storage/sqlite/migrations.hpp"
#include "core/ports/callback_store.hpp"
#include "core/ports/keyring.hpp"

namespace ringback::sqlite {

struct SqliteOptions {
  std::string path;
  const Keyring* keyring = nullptr;  // outlives the store and its readers
  Stamp stamp;                       // of migrations applied now
  std::int64_t cache_bytes = 128 << 20;
  std::int64_t reader_cache_bytes = 8 << 20;
  // A thread moves the log into the file; without it the writer does so by itself, now and then.
  bool moves_log = false;
  LogMover::OnPutOff on_put_off;
};

// Takes the process lock, applies what is pending of `migrations`, opens.
Result<std::unique_ptr<CallbackStore>> open_sqlite_store(
    const SqliteOptions& options, std::span<const Migration> migrations = built_in_migrations());

}  // namespace ringback::sqlite
