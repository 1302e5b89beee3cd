// A disk that fails at every single write or sync, and files that were copied while they changed:
// what was acknowledged is there, a batch is whole or not there, and the file is sound.
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

#include "adapters/storage/sqlite/sqlite_maintenance.hpp"
#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "tests/conformance/store_samples.hpp"
#include "tests/storage/failing_disk.hpp"
#include "tests/storage/sqlite_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::conformance;
using namespace ringback::sqlite;

namespace {

namespace fs = std::filesystem;

constexpr std::uint32_t kBatches = 5;
constexpr std::uint32_t kRowsOfBatch = 3;

// 1: every n-th call, every cut. More: each so-many-th alone.
int stride(int usual) {
  const char* given = std::getenv("RINGBACK_DISK_STRIDE");
  return given == nullptr ? usual : std::max(1, std::atoi(given));
}

std::unique_ptr<CallbackStore> opened(const SqliteOptions& options) {
  auto store = open_sqlite_store(options);
  if (!store) FAIL(store.error().detail);
  return *std::move(store);
}

bool create_batch(CallbackStore& store, std::uint32_t batch) {
  std::vector<CallbackStore::Work> works;
  for (std::uint32_t i = 0; i < kRowsOfBatch; ++i)
    works.emplace_back([&store, n = batch * 10 + i] {
      return store.commit(creation(a_full_callback(n))).has_value();
    });
  return store.batch(works).has_value();
}

// How many of the batch's rows are there, each as it was written.
std::uint32_t rows_of(CallbackStore& store, std::uint32_t batch) {
  std::uint32_t there = 0;
  for (std::uint32_t i = 0; i < kRowsOfBatch; ++i) {
    const auto row = store.load(callback_id(batch * 10 + i));
    if (!row) {
      REQUIRE(row.error().code == Errc::not_found);
      continue;
    }
    REQUIRE(*row == a_full_callback(batch * 10 + i));
    REQUIRE(store.journal(row->id).value().size() == 1);
    there += 1;
  }
  return there;
}

std::string bytes_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

void write_file(const std::string& file, std::string_view bytes) {
  std::ofstream(file, std::ios::binary | std::ios::trunc) << bytes;
}

// Batches that are there, if they are the first ones without a gap and the file is sound.
std::uint32_t first_batches(const SqliteFolder& folder, const std::string& name) {
  std::uint32_t whole = 0;
  {
    const auto store = opened(folder.options(name));
    bool gap = false;
    for (std::uint32_t batch = 1; batch <= kBatches; ++batch) {
      const auto rows = rows_of(*store, batch);
      REQUIRE((rows == 0 || rows == kRowsOfBatch));
      REQUIRE_FALSE((gap && rows != 0));
      gap = gap || rows == 0;
      whole += rows == 0 ? 0 : 1;
    }
    REQUIRE(create_batch(*store, 99));
  }
  REQUIRE((*SqliteMaintenance::open(folder.file(name)))->quick_check());
  for (const char* end : {"", "-wal", "-shm"}) fs::remove(folder.file(name) + end);
  return whole;
}

}  // namespace

TEST_CASE("whichever write or sync fails, what was acknowledged is there and nothing is half there",
          "[sqlite][disk]") {
  const auto fault = GENERATE(Fault::no_room, Fault::io_error);
  const auto bad = GENERATE(1, 1'000'000);  // one call, or all from there on
  FailingDisk disk;
  int trials = 0;
  for (int good = 0;; good += stride(9), ++trials) {
    INFO("call " << good);
    SqliteFolder folder;
    std::set<std::uint32_t> acknowledged;
    {
      const auto store = opened(folder.options());
      const auto care = SqliteMaintenance::open(folder.file());
      REQUIRE(care);
      disk.fail(fault, good, bad);
      for (std::uint32_t batch = 1; batch <= kBatches; ++batch) {
        if (create_batch(*store, batch)) acknowledged.insert(batch);
        // Whether it goes through or not is nobody's loss.
        if (batch == 3) (void)(*care)->checkpoint();
      }
      disk.heal();
      for (std::uint32_t batch = 1; batch <= kBatches; ++batch) {
        REQUIRE(rows_of(*store, batch) == (acknowledged.count(batch) == 1 ? kRowsOfBatch : 0));
        if (acknowledged.count(batch) == 0 && batch % 2 == 0) {
          REQUIRE(create_batch(*store, batch));  // it goes on by itself
          acknowledged.insert(batch);
        }
      }
    }
    {
      const auto store = opened(folder.options());
      for (std::uint32_t batch = 1; batch <= kBatches; ++batch) {
        const auto rows = rows_of(*store, batch);
        if (acknowledged.count(batch) == 1) REQUIRE(rows == kRowsOfBatch);
        REQUIRE((rows == 0 || rows == kRowsOfBatch));
      }
    }
    REQUIRE((*SqliteMaintenance::open(folder.file()))->quick_check());
    if (disk.failed() == 0) break;
  }
  CHECK(trials > 3);
}

TEST_CASE("a torn or damaged log gives the batches before the damage, whole", "[sqlite][disk]") {
  SqliteFolder folder;
  const auto store = opened(folder.options());
  for (std::uint32_t batch = 1; batch <= kBatches; ++batch) REQUIRE(create_batch(*store, batch));
  const auto file = bytes_of(folder.file());
  const auto log = bytes_of(folder.file() + "-wal");
  REQUIRE(log.size() > 100'000);

  std::uint32_t before = 0;
  const std::size_t step = 1'373U * static_cast<std::size_t>(stride(11));
  for (std::size_t cut = 0; cut < log.size(); cut += step) {
    INFO("cut at " << cut << " of " << log.size());
    write_file(folder.file("torn.db"), file);
    write_file(folder.file("torn.db") + "-wal", std::string_view(log).substr(0, cut));
    const auto whole = first_batches(folder, "torn.db");
    REQUIRE(whole >= before);
    before = whole;

    write_file(folder.file("damaged.db"), file);
    auto damaged = log;
    damaged[cut] = static_cast<char>(damaged[cut] ^ 0x55);
    write_file(folder.file("damaged.db") + "-wal", damaged);
    // The byte may lie in what a later frame replaces; never is there more than was written.
    REQUIRE(first_batches(folder, "damaged.db") >= whole);
  }
  write_file(folder.file("whole.db"), file);
  write_file(folder.file("whole.db") + "-wal", log);
  CHECK(first_batches(folder, "whole.db") == kBatches);
}

TEST_CASE("a copy taken in the middle of a checkpoint, with its log, is whole", "[sqlite][disk]") {
  SqliteFolder folder;
  const auto store = opened(folder.options());
  for (std::uint32_t batch = 1; batch <= kBatches; ++batch) REQUIRE(create_batch(*store, batch));
  auto before = bytes_of(folder.file());
  const auto log = bytes_of(folder.file() + "-wal");
  REQUIRE((*SqliteMaintenance::open(folder.file()))->checkpoint());
  const auto after = bytes_of(folder.file());
  REQUIRE(after != before);
  before.resize(after.size(), '\0');
  constexpr std::size_t kPage = 4096;
  const std::size_t pages = after.size() / kPage;
  for (std::uint32_t seed = 1; seed <= 24; ++seed) {
    INFO("seed " << seed);
    std::string mixed = before;
    std::uint32_t draw = seed;
    for (std::size_t page = 0; page < pages; ++page) {
      draw = draw * 1'664'525U + 1'013'904'223U;
      if ((draw >> 16) % 2 == 1) mixed.replace(page * kPage, kPage, after, page * kPage, kPage);
    }
    write_file(folder.file("mixed.db"), mixed);
    write_file(folder.file("mixed.db") + "-wal", log);
    REQUIRE(first_batches(folder, "mixed.db") == kBatches);
  }
}
