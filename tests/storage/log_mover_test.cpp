// The write-ahead log moves into the file while others write, and begins anew before it is long.
#include "adapters/storage/sqlite/log_mover.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include "tests/conformance/store_suite.hpp"
#include "tests/storage/failing_disk.hpp"
#include "tests/storage/sqlite_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::conformance;
using namespace ringback::sqlite;

namespace {

constexpr std::chrono::seconds kPatience{60};
constexpr std::chrono::milliseconds kBetweenLooks{10};
constexpr std::size_t kPage = 4096;

template <class Condition>
bool eventually(Condition condition) {
  const auto end = std::chrono::steady_clock::now() + kPatience;
  while (!condition()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(kBetweenLooks);
  }
  return true;
}

// Counted up in the log's header each time it begins anew (SQLite's file format, section 4.1).
std::uint32_t log_number(const std::string& file) {
  std::ifstream log(file + "-wal", std::ios::binary);
  log.seekg(12);
  unsigned char bytes[4] = {};
  log.read(reinterpret_cast<char*>(bytes), 4);
  return std::uint32_t{bytes[0]} << 24U | std::uint32_t{bytes[1]} << 16U |
         std::uint32_t{bytes[2]} << 8U | bytes[3];
}

void write_pages(CallbackStore& store, std::uint32_t first, int pages) {
  const CallbackStore::Work work = [&] {
    for (int i = 0; i < pages; ++i) {
      const auto key = digest(first + static_cast<std::uint32_t>(i));
      if (!store.put_limit_log({key, std::string(kPage, 'x'), at(99)})) return false;
    }
    return true;
  };
  REQUIRE(store.batch(std::span(&work, 1)));
}

}  // namespace

TEST_CASE("a pass is worth it for many pages, or for what keeps a long log from its end",
          "[sqlite][log]") {
  LogProgress log;
  CHECK_FALSE(log.has_rest());
  log.committed(LogProgress::kPass - 1);
  CHECK(log.has_rest());
  CHECK_FALSE(log.wants_pass());
  log.committed(LogProgress::kPass);
  CHECK(log.wants_pass());
  CHECK_FALSE(log.wants_last_pages());  // the log is short: why stop anybody?

  log.moved(log.log(), LogProgress::kPass);
  CHECK_FALSE(log.wants_pass());
  CHECK_FALSE(log.has_rest());

  log.committed(LogProgress::kLong);
  log.moved(log.log(), LogProgress::kLong - LogProgress::kRest - 1);
  CHECK(log.wants_pass());
  CHECK_FALSE(log.wants_last_pages());
  log.moved(log.log(), LogProgress::kLong - LogProgress::kRest);
  CHECK_FALSE(log.wants_pass());
  CHECK(log.wants_last_pages());
}

TEST_CASE("who reads may hold a long log as it is: the writer tries again only later",
          "[sqlite][log]") {
  LogProgress log;
  log.committed(LogProgress::kLong);
  log.moved(log.log(), LogProgress::kLong);
  REQUIRE(log.wants_last_pages());
  log.tried_last_pages();
  log.committed(LogProgress::kLong + 1);
  CHECK_FALSE(log.wants_last_pages());
  log.committed(LogProgress::kLong + LogProgress::kPass);
  log.moved(log.log(), LogProgress::kLong + LogProgress::kPass);
  CHECK(log.wants_last_pages());
}

TEST_CASE("a pass that failed, or came no further, is not made again before the log has grown",
          "[sqlite][log]") {
  const int moved = GENERATE(0, 100);
  LogProgress log;
  log.committed(100);
  log.moved(log.log(), moved);
  log.committed(LogProgress::kLong);
  REQUIRE(log.wants_pass());
  log.moved(log.log(), moved);
  CHECK_FALSE(log.wants_pass());
  CHECK(log.has_rest());
  log.committed(LogProgress::kLong + LogProgress::kPass - 1);
  CHECK_FALSE(log.wants_pass());
  log.committed(LogProgress::kLong + LogProgress::kPass);
  CHECK(log.wants_pass());

  log.moved(log.log(), moved);
  log.committed(1);  // begun anew
  log.committed(LogProgress::kPass + 1);
  CHECK(log.wants_pass());
}

TEST_CASE("a pass through a log that has begun anew meanwhile says nothing of the new one",
          "[sqlite][log]") {
  LogProgress log;
  log.committed(LogProgress::kLong);
  const auto before = log.log();
  log.committed(3);
  log.moved(before, LogProgress::kLong);
  CHECK(log.has_rest());
  log.committed(LogProgress::kLong);
  CHECK(log.wants_pass());
  log.moved(log.log(), LogProgress::kLong);
  CHECK(log.wants_last_pages());  // whatever the old log's writer had tried
}

TEST_CASE("a log begins anew before it is long, though somebody writes all the time",
          "[sqlite][log]") {
  SqliteFolder folder;
  auto options = folder.options();
  options.moves_log = true;
  auto opened = open_sqlite_store(options);
  REQUIRE(opened);
  auto& store = **opened;
  write_pages(store, 1, 1);
  const auto first = log_number(folder.file());

  const auto size = std::filesystem::file_size(folder.file());
  std::uint32_t row = 100;
  for (int batch = 0; batch < 9; ++batch, row += 500) write_pages(store, row, 500);
  // The mover's work alone: the writer moves nothing yet.
  CHECK(eventually([&] { return std::filesystem::file_size(folder.file()) > size + 500 * kPage; }));
  CHECK(eventually([&] {
    write_pages(store, ++row, 1);
    return log_number(folder.file()) > first;
  }));
  // Far from the length at which the writer would have to do all of it by itself.
  CHECK(std::filesystem::file_size(folder.file() + "-wal") < 16'000 * kPage);

  for (std::uint32_t written = 100; written <= row; written += 97)
    CHECK(store.limit_log(digest(written)).value().size() == kPage);
  opened->reset();
  CHECK((*SqliteMaintenance::open(folder.file()))->quick_check());
}

TEST_CASE("what the mover cannot do now it tells, and does when the disk is well again",
          "[sqlite][log]") {
  SqliteFolder folder;
  FailingDisk disk;
  auto opened = open_sqlite_store(folder.options());
  REQUIRE(opened);
  write_pages(**opened, 1, 10);
  std::atomic<int> put_off{0};
  std::atomic<bool> named{true};
  LogMover mover(*SqliteMaintenance::open(folder.file()), [&](const Error& error) {
    if (error.code != Errc::storage_failed) named = false;
    ++put_off;
  });
  const auto size = std::filesystem::file_size(folder.file());
  disk.fail(Fault::io_error);
  CHECK_FALSE(mover.committed(LogProgress::kPass));
  CHECK(eventually([&] { return put_off > 0; }));
  CHECK(named);
  CHECK(std::filesystem::file_size(folder.file()) == size);
  disk.heal();
  CHECK(eventually([&] { return std::filesystem::file_size(folder.file()) > size; }));
}
