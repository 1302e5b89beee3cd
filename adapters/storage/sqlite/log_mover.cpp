#include "adapters/storage/sqlite/log_mover.hpp"

#include <chrono>
#include <utility>

namespace ringback::sqlite {
namespace {

// What is left when nobody writes any more is moved, too: a copy of the file is then complete.
constexpr std::chrono::seconds kAtLeastEvery{2};

}  // namespace

LogMover::LogMover(std::unique_ptr<SqliteMaintenance> file, OnPutOff on_put_off)
    : file_(std::move(file)), on_put_off_(std::move(on_put_off)) {
  thread_ = std::thread([this] { work(); });
}

LogMover::~LogMover() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  thread_.join();
}

bool LogMover::committed(int log_pages) {
  bool pass = false;
  bool last_pages = false;
  {
    const std::lock_guard lock(mutex_);
    progress_.committed(log_pages);
    pass = progress_.wants_pass();
    last_pages = progress_.wants_last_pages();
    if (last_pages) progress_.tried_last_pages();
  }
  if (pass) wake_.notify_one();
  return last_pages;
}

// The pages of this log that are in the file now.
Result<int> LogMover::pass() {
  const auto done = file_->checkpoint();
  if (!done) return done.error();
  // If the log has grown meanwhile, SQLite leaves this to the checkpoint that moves the last pages,
  // and the writer would wait until the disk has taken those of all passes.
  if (const auto synced = file_->sync_file(); !synced) return synced.error();
  return done->moved_pages;
}

void LogMover::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    wake_.wait_for(lock, kAtLeastEvery, [this] { return stopping_ || progress_.wants_pass(); });
    if (stopping_) return;
    if (!progress_.has_rest()) continue;
    const auto log = progress_.log();
    lock.unlock();
    const auto done = pass();
    if (!done && on_put_off_) on_put_off_(done.error());
    lock.lock();
    progress_.moved(log, done ? *done : 0);
  }
}

}  // namespace ringback::sqlite
