// Keys in memory and beside the callbacks, and what a file must bear beyond the suite.
#include <SQLiteCpp/SQLiteCpp.h>

#include <thread>

#include "adapters/storage/memory/memory_accounts.hpp"
#include "adapters/storage/sqlite/sqlite_accounts.hpp"
#include "tests/conformance/account_suite.hpp"
#include "tests/conformance/store_samples.hpp"
#include "tests/storage/sqlite_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::conformance;
using namespace ringback::sqlite;

namespace {

std::unique_ptr<AccountStore> opened(const SqliteFolder& folder) {
  auto accounts = open_sqlite_accounts(folder.file());
  if (!accounts) FAIL(accounts.error().detail);
  return *std::move(accounts);
}

}  // namespace

TEST_CASE("memory keeps keys", "[accounts][memory]") { check_accounts(make_memory_accounts); }

TEST_CASE("sqlite keeps keys", "[accounts][sqlite]") {
  SqliteFolder folder;
  REQUIRE(open_sqlite_store(folder.options()));
  check_accounts([&] { return opened(folder); });
}

TEST_CASE("where there is no database no keys are opened, and none is made", "[accounts][sqlite]") {
  SqliteFolder folder;
  CHECK(open_sqlite_accounts(folder.file()).error().code == Errc::not_found);
  CHECK_FALSE(std::filesystem::exists(folder.file()));
}

TEST_CASE("a key made beside an open store is seen at once by whoever else has it open",
          "[accounts][sqlite]") {
  SqliteFolder folder;
  const auto store = open_sqlite_store(folder.options());
  REQUIRE(store);
  const auto server = opened(folder);
  CHECK(server->find_key("0123456789ab").value() == std::nullopt);
  {
    const auto command = opened(folder);
    REQUIRE(command->add_key(a_key("0123456789ab")));
  }
  CHECK(server->find_key("0123456789ab").value() == a_key("0123456789ab"));
  REQUIRE(opened(folder)->revoke_key("0123456789ab", at(5)));
  CHECK(server->find_key("0123456789ab").value()->revoked_at == at(5));
  // And the store goes on.
  const CallbackStore::Work work = [&] {
    return (*store)->commit(creation(a_callback(1))).has_value();
  };
  REQUIRE((*store)->batch(std::span(&work, 1)));
  CHECK((*store)->load(callback_id(1)));
}

TEST_CASE("a command waits for a batch that is under way", "[accounts][sqlite]") {
  SqliteFolder folder;
  const auto store = open_sqlite_store(folder.options());
  REQUIRE(store);
  const auto command = opened(folder);
  std::thread adds;
  Result<void> added;
  const CallbackStore::Work work = [&] {
    const bool kept = (*store)->commit(creation(a_callback(1))).has_value();
    if (!adds.joinable()) adds = std::thread([&] { added = command->add_key(a_key("k")); });
    return kept;
  };
  const auto batch = (*store)->batch(std::span(&work, 1));
  adds.join();
  CHECK(batch);
  CHECK(added);
  CHECK((*store)->load(callback_id(1)));
  CHECK(command->find_key("k").value());
}

TEST_CASE("a scope that nobody knows is damage, not a right", "[accounts][sqlite]") {
  SqliteFolder folder;
  REQUIRE(open_sqlite_store(folder.options()));
  const auto accounts = opened(folder);
  REQUIRE(accounts->add_key(a_key("0123456789ab")));
  SQLite::Database(folder.file(), SQLite::OPEN_READWRITE)
      .exec("UPDATE api_keys SET scopes = 'everything'");
  CHECK(accounts->find_key("0123456789ab").error().code == Errc::storage_failed);
}
