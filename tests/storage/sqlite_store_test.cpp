// What a store of files must bear beyond the suite: death, a full disk, a second process, damage.
#include "adapters/storage/sqlite/sqlite_store.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include <fstream>

#include "adapters/storage/sqlite/sqlite_maintenance.hpp"
#include "tests/conformance/store_suite.hpp"
#include "tests/storage/failing_disk.hpp"
#include "tests/storage/sqlite_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::conformance;
using namespace ringback::sqlite;

namespace {

std::unique_ptr<CallbackStore> opened(const SqliteOptions& options) {
  auto store = open_sqlite_store(options);
  if (!store) FAIL(store.error().detail);
  return *std::move(store);
}

Result<void> create(CallbackStore& store, std::uint32_t n) {
  Result<void> told;
  const CallbackStore::Work work = [&] {
    told = store.commit(creation(a_full_callback(n)));
    return told.has_value();
  };
  const auto kept = store.batch(std::span(&work, 1));
  return kept ? told : kept;
}

void raw(const std::string& file, const std::string& sql) {
  SQLite::Database(file, SQLite::OPEN_READWRITE).exec(sql);
}

}  // namespace

TEST_CASE("sqlite is a store", "[store][sqlite]") {
  SqliteFolder folder;
  check_store([&] { return opened(folder.options()); });
}

TEST_CASE("what was committed is there when the store is opened again", "[sqlite]") {
  SqliteFolder folder;
  {
    const auto store = opened(folder.options());
    REQUIRE(create(*store, 1));
  }
  const auto store = opened(folder.options());
  CHECK(store->load(callback_id(1)).value() == a_full_callback(1));
  CHECK(store->figures().value().open == std::map<State, std::int64_t>{{State::calling, 1}});
  CHECK(store->last_commit_at().value() == at(0));
}

TEST_CASE("a process that is killed at any time loses nothing it acknowledged", "[sqlite]") {
  // A copy of the files as they lie on the disk is what a killed process leaves behind.
  SqliteFolder folder;
  const auto store = opened(folder.options());
  for (std::uint32_t n = 1; n <= 40; ++n) {
    REQUIRE(create(*store, n));
    if (n == 20) {
      auto care = SqliteMaintenance::open(folder.file());
      REQUIRE(care);
      REQUIRE((*care)->checkpoint());
    }
    if (n % 9 != 0) continue;
    for (const char* end : {"", "-wal"})
      std::filesystem::copy_file(folder.file() + end, folder.file("copy.db") + end,
                                 std::filesystem::copy_options::overwrite_existing);
    // Torn: the process died while it wrote the next commit.
    std::ofstream(folder.file("copy.db") + "-wal", std::ios::app) << std::string(3'000, 'x');
    {
      const auto copy = opened(folder.options("copy.db"));
      for (std::uint32_t k = 1; k <= n; ++k)
        REQUIRE(copy->load(callback_id(k)).value() == a_full_callback(k));
      REQUIRE(copy->load(callback_id(n + 1)).error().code == Errc::not_found);
      REQUIRE(create(*copy, 1'000));
    }
    REQUIRE((*SqliteMaintenance::open(folder.file("copy.db")))->quick_check());
    for (const char* end : {"", "-wal", "-shm"})
      std::filesystem::remove(folder.file("copy.db") + end);
  }
}

TEST_CASE("what a dead process left in the log is in the file before anything else is written",
          "[sqlite]") {
  SqliteFolder folder;
  const auto store = opened(folder.options());
  REQUIRE(create(*store, 1));
  for (const char* end : {"", "-wal"})
    std::filesystem::copy_file(folder.file() + end, folder.file("copy.db") + end);
  const auto next = opened(folder.options("copy.db"));
  // Without its log, of which a part may not be on disk though it can be read.
  std::filesystem::copy_file(folder.file("copy.db"), folder.file("alone.db"));
  const auto alone = opened(folder.options("alone.db"));
  CHECK(alone->load(callback_id(1)).value() == a_full_callback(1));
}

TEST_CASE("a full or failing disk fails the whole batch, and it goes on afterwards", "[sqlite]") {
  const auto fault = GENERATE(Fault::no_room, Fault::io_error);
  FailingDisk disk;
  SqliteFolder folder;
  const auto store = opened(folder.options());
  REQUIRE(create(*store, 1));

  disk.fail(fault);
  const std::vector<CallbackStore::Work> works = {
      [&] { return store->commit(creation(a_full_callback(2))).has_value(); },
      [&] { return store->commit(creation(a_full_callback(3))).has_value(); },
  };
  for (int i = 0; i < 3; ++i) {
    const auto failed = store->batch(works);
    REQUIRE(failed.has_error());
    CHECK(failed.error().code == Errc::storage_failed);
    CHECK_THAT(failed.error().detail, Catch::Contains("nothing was changed"));
  }
  // Reading goes on, and shows nothing of what failed.
  CHECK(store->load(callback_id(1)));
  CHECK(store->load(callback_id(2)).error().code == Errc::not_found);
  CHECK(store->open_reader()->load(callback_id(3)).error().code == Errc::not_found);

  disk.heal();
  REQUIRE(store->batch(works));
  CHECK(store->load(callback_id(3)).value() == a_full_callback(3));
  CHECK(store->journal(callback_id(2)).value().size() == 1);
  CHECK((*SqliteMaintenance::open(folder.file()))->quick_check());
}

TEST_CASE("when the disk fills up in the middle of a work, no work of the batch stays",
          "[sqlite]") {
  FailingDisk disk;
  SqliteFolder folder;
  auto options = folder.options();
  options.cache_bytes = 1024;  // so small that pages are written before the commit
  const auto store = opened(options);
  Result<void> within;
  const std::vector<CallbackStore::Work> works = {
      [&] { return store->commit(creation(a_full_callback(1))).has_value(); },
      [&] {
        disk.fail(Fault::no_room);
        for (std::uint32_t n = 2; n < 400 && within; ++n)
          within = store->commit(creation(a_full_callback(n)));
        return true;  // even a work that does not notice
      },
      [&] { return store->commit(creation(a_full_callback(1'000))).has_value(); },
  };
  CHECK(store->batch(works).error().code == Errc::storage_failed);
  CHECK(within.error().code == Errc::storage_failed);
  disk.heal();
  CHECK(store->load(callback_id(1)).error().code == Errc::not_found);
  CHECK(store->load(callback_id(1'000)).error().code == Errc::not_found);
  REQUIRE(create(*store, 1));
}

TEST_CASE("one of many works that fails leaves nothing behind, and all the others stay",
          "[sqlite]") {
  SqliteFolder folder;
  const auto store = opened(folder.options());
  const bool late = GENERATE(false, true);  // has it written something before it failed?
  constexpr std::uint32_t kWorks = 40;
  constexpr std::uint32_t kFailing = 23;
  std::uint32_t runs = 0;
  std::vector<CallbackStore::Work> works;
  for (std::uint32_t n = 1; n <= kWorks; ++n)
    works.emplace_back([&store, &runs, late, n] {
      ++runs;
      if (n != kFailing) return store->commit(creation(a_full_callback(n))).has_value();
      if (late) CHECK(store->commit(creation(a_full_callback(n))).has_value());
      CHECK(store->commit(creation(a_full_callback(1))).error().code == Errc::conflict);
      return false;
    });
  REQUIRE(store->batch(works));
  for (std::uint32_t n = 1; n <= kWorks; ++n)
    CHECK(store->load(callback_id(n)).has_value() == (n != kFailing));
  CHECK(store->last_commit_at().value() == at(0));
  // Who only looked and refused costs the others nothing.
  CHECK(runs == (late ? kWorks + kFailing : kWorks));
  CHECK((*SqliteMaintenance::open(folder.file()))->quick_check());
}

TEST_CASE("a work that throws takes the batch along, and the store goes on", "[sqlite]") {
  SqliteFolder folder;
  const auto store = opened(folder.options());
  const std::vector<CallbackStore::Work> works = {
      [&] { return store->commit(creation(a_callback(1))).has_value(); },
      []() -> bool { throw std::logic_error("a bug"); },
  };
  CHECK_THROWS_AS(store->batch(works), std::logic_error);
  CHECK(store->load(callback_id(1)).error().code == Errc::not_found);
  CHECK(create(*store, 1));
}

TEST_CASE("a second process is told who is in the way", "[sqlite]") {
  SqliteFolder folder;
  auto store = opened(folder.options());
  const auto second = open_sqlite_store(folder.options());
  REQUIRE(second.has_error());
  CHECK(second.error().code == Errc::storage_failed);
  CHECK_THAT(second.error().detail, Catch::Contains("another Ringback process"));
  store.reset();
  CHECK(open_sqlite_store(folder.options()));
}

TEST_CASE("a folder that is not there is an error with its name", "[sqlite]") {
  SqliteFolder folder;
  const auto store = open_sqlite_store(folder.options("nowhere/ringback.db"));
  REQUIRE(store.has_error());
  CHECK_THAT(store.error().detail, Catch::Contains("nowhere"));
}

TEST_CASE("a damaged row is an error, and only for who asks for it", "[sqlite]") {
  SqliteFolder folder;
  const std::string sql = GENERATE(
      "UPDATE callbacks SET visitor_enc = x'0102'",
      "UPDATE callbacks SET visitor_enc = (SELECT visitor_enc FROM callbacks WHERE id = x'"
      "019a0000000000000000000000000002')",  // somebody else's visitor
      "UPDATE callbacks SET state = 'resting'", "UPDATE callbacks SET struck = '1,x'",
      "UPDATE callbacks SET round = 99999999999", "UPDATE callbacks SET phone_hmac = x'00'",
      "UPDATE attempts SET business = 'nobody'", "UPDATE attempts SET no = no + 5",
      "UPDATE attempts SET visitor_view = 'gone'", "UPDATE messages SET purpose = ''",
      "UPDATE journal SET event = '{}'", "UPDATE journal SET situation = 'x'",
      "UPDATE journal SET situation = '{\"v\":1,\"rules\":77}'");
  INFO(sql);
  const auto victim = callback_id(1);
  {
    const auto store = opened(folder.options());
    REQUIRE(create(*store, 1));
    REQUIRE(create(*store, 2));
  }
  const auto column =
      sql.find("journal") == std::string::npos && sql.find("callbacks SET") == std::string::npos
          ? "callback"
      : sql.find("journal") != std::string::npos ? "callback"
                                                 : "id";
  raw(folder.file(), sql + " WHERE " + column + " = x'019a0000000000000000000000000001'");
  const auto store = opened(folder.options());
  const bool both = store->load(victim).has_value() && store->journal(victim).has_value();
  CHECK_FALSE(both);
  if (const auto row = store->load(victim); !row) CHECK(row.error().code == Errc::storage_failed);
  CHECK(store->load(callback_id(2)).value() == a_full_callback(2));
  CHECK(create(*store, 3));
}

TEST_CASE("personal data is not in the files", "[sqlite]") {
  SqliteFolder folder;
  {
    const auto store = opened(folder.options());
    REQUIRE(create(*store, 1));
  }
  std::ifstream file(folder.file(), std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  const auto& visitor = a_full_callback(1).visitor;
  CHECK(bytes.find(visitor.phone.e164()) == std::string::npos);
  CHECK(bytes.find(visitor.email) == std::string::npos);
  CHECK(bytes.find("+12025550100") != std::string::npos);  // the business's own
  using std::filesystem::perms;
  CHECK((std::filesystem::status(folder.file()).permissions() &
         (perms::group_all | perms::others_all)) == perms::none);
}

TEST_CASE("limit logs that have run out go part by part, and only those", "[sqlite]") {
  SqliteFolder folder;
  const auto store = opened(folder.options());
  constexpr std::uint32_t kLogs = 300;
  const auto runs_out = [](std::uint32_t n) { return n % 3 != 0; };
  const CallbackStore::Work fill = [&] {
    for (std::uint32_t n = 1; n <= kLogs; ++n)
      if (!store->put_limit_log({digest(n), "log", at(runs_out(n) ? 50 : 90)})) return false;
    return true;
  };
  REQUIRE(store->batch(std::span(&fill, 1)));

  int gone = 0;
  for (int call = 0; call < 500 && gone < 200; ++call) {
    const int now_gone = store->prune(at(60), at(-99), 1).value();
    CHECK(now_gone <= 1);
    gone += now_gone;
  }
  CHECK(gone == 200);
  for (std::uint32_t n = 1; n <= kLogs; ++n)
    CHECK(store->limit_log(digest(n)).value() == (runs_out(n) ? "" : "log"));

  // The next look begins at the first row again.
  REQUIRE(store->put_limit_log({digest(1), "log", at(50)}));
  for (int call = 0; call < 20; ++call) gone += store->prune(at(60), at(-99), 1).value();
  CHECK(gone == 201);
}

TEST_CASE("maintenance checks, copies and notices", "[sqlite]") {
  SqliteFolder folder;
  CHECK(SqliteMaintenance::open(folder.file()).error().code == Errc::not_found);
  const auto store = opened(folder.options());
  auto care = SqliteMaintenance::open(folder.file());
  REQUIRE(care);
  const auto version = (*care)->data_version().value();
  CHECK((*care)->data_version().value() == version);
  REQUIRE(create(*store, 1));
  CHECK((*care)->data_version().value() != version);

  const auto done = (*care)->checkpoint();
  REQUIRE(done);
  CHECK(done->log_pages > 0);
  CHECK(done->moved_pages == done->log_pages);
  CHECK((*care)->quick_check());

  REQUIRE((*care)->backup(folder.file("copy.db")));
  CHECK((*care)->backup(folder.file("copy.db")).has_error());
  REQUIRE(create(*store, 2));
  const auto copy = opened(folder.options("copy.db"));
  CHECK(copy->load(callback_id(1)).value() == a_full_callback(1));
  CHECK(copy->load(callback_id(2)).error().code == Errc::not_found);
}
