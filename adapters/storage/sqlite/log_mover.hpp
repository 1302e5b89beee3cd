// Moves the write-ahead log into the database's file on a thread and a connection of its own, so
// that no request pays for it (log_progress.hpp says when).
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "adapters/storage/sqlite/log_progress.hpp"
#include "adapters/storage/sqlite/sqlite_maintenance.hpp"

namespace ringback::sqlite {

class LogMover {
 public:
  // on_put_off: on the mover's thread, when a pass failed; what is in the log stays there, safe.
  using OnPutOff = std::function<void(const Error&)>;
  LogMover(std::unique_ptr<SqliteMaintenance> file, OnPutOff on_put_off);
  ~LogMover();
  LogMover(const LogMover&) = delete;
  LogMover& operator=(const LogMover&) = delete;

  // The writer's thread, after each commit, with the log's length in pages. True: the writer is to
  // move the last pages now.
  bool committed(int log_pages);

 private:
  Result<int> pass();
  void work();

  std::unique_ptr<SqliteMaintenance> file_;
  OnPutOff on_put_off_;
  std::mutex mutex_;
  std::condition_variable wake_;
  LogProgress progress_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace ringback::sqlite
