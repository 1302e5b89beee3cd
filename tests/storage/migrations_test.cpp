#include "adapters/storage/sqlite/migrations.hpp"

#include <SQLiteCpp/SQLiteCpp.h>

#include "tests/conformance/store_suite.hpp"
#include "tests/storage/sqlite_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::conformance;
using namespace ringback::sqlite;

namespace {

std::vector<Migration> with_another(std::string_view sql, std::string_view checksum = "c2") {
  const auto known = built_in_migrations();
  std::vector<Migration> more(known.begin(), known.end());
  more.push_back({known.back().number + 1, "another", checksum, sql});
  return more;
}

constexpr std::string_view kGood = "CREATE TABLE another (a INTEGER) STRICT;";

}  // namespace

TEST_CASE("the built-in migrations are numbered from 1 without gaps", "[migrations]") {
  int number = 0;
  for (const auto& migration : built_in_migrations()) {
    CHECK(migration.number == ++number);
    CHECK(migration.checksum.size() == 64);
    CHECK_FALSE(migration.name.empty());
    CHECK_THAT(std::string(migration.sql), Catch::Contains(std::string(migration.name)));
  }
  CHECK(number >= 1);
}

TEST_CASE("each migration is applied once and remembered", "[migrations]") {
  SqliteFolder folder;
  // Planning creates no file.
  CHECK(plan_migrations(folder.file()).value().size() == built_in_migrations().size());
  CHECK_FALSE(std::filesystem::exists(folder.file()));

  REQUIRE(open_sqlite_store(folder.options()));
  CHECK(plan_migrations(folder.file()).value().empty());
  const auto more = with_another(kGood);
  const auto plan = plan_migrations(folder.file(), more).value();
  REQUIRE(plan.size() == 1);
  CHECK(plan[0].name == "another");
  CHECK(plan_migrations(folder.file(), more).value().size() == 1);  // planned, not applied

  REQUIRE(open_sqlite_store(folder.options(), more));
  REQUIRE(open_sqlite_store(folder.options(), more));
  SQLite::Database file(folder.file(), SQLite::OPEN_READONLY);
  CHECK(file.tableExists("another"));
  CHECK(file.execAndGet("SELECT count(*) FROM schema_migrations").getInt() ==
        static_cast<int>(more.size()));
  CHECK(file.execAndGet("SELECT version FROM schema_migrations WHERE number = 1").getString() ==
        "0.1.0");
}

TEST_CASE("a schema from a newer program is refused", "[migrations]") {
  SqliteFolder folder;
  REQUIRE(open_sqlite_store(folder.options(), with_another(kGood)));
  const auto store = open_sqlite_store(folder.options());
  REQUIRE(store.has_error());
  CHECK_THAT(store.error().detail, Catch::Contains("newer"));
  CHECK_THAT(plan_migrations(folder.file()).error().detail, Catch::Contains("newer"));
}

TEST_CASE("a migration that was edited after its release is refused", "[migrations]") {
  SqliteFolder folder;
  REQUIRE(open_sqlite_store(folder.options(), with_another(kGood)));
  const auto store = open_sqlite_store(folder.options(), with_another(kGood, "c3"));
  REQUIRE(store.has_error());
  CHECK_THAT(store.error().detail, Catch::Contains("edited"));
}

TEST_CASE("a migration that fails leaves nothing behind, and can be tried again", "[migrations]") {
  SqliteFolder folder;
  const auto broken = with_another("CREATE TABLE another (a INTEGER) STRICT; CREATE TABEL x;");
  CHECK(open_sqlite_store(folder.options(), broken).error().code == Errc::storage_failed);
  {
    SQLite::Database file(folder.file(), SQLite::OPEN_READONLY);
    CHECK_FALSE(file.tableExists("another"));
  }
  CHECK(open_sqlite_store(folder.options(), with_another(kGood)));
}

TEST_CASE("every table is strict", "[migrations]") {
  SqliteFolder folder;
  REQUIRE(open_sqlite_store(folder.options()));
  SQLite::Database file(folder.file(), SQLite::OPEN_READONLY);
  SQLite::Statement tables(
      file,
      "SELECT name FROM pragma_table_list WHERE schema = 'main' AND strict = 0 "
      "AND name NOT LIKE 'sqlite_%'");
  while (tables.executeStep()) FAIL_CHECK(tables.getColumn(0).getString() << " is not STRICT");
}
