#include "adapters/storage/registry.hpp"

#include "tests/storage/sqlite_folder.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;

TEST_CASE("storage.url chooses the store", "[registry]") {
  conformance::SqliteFolder folder;
  const conformance::TestKeyring keyring;
  const StoreOptions options{&keyring, TimePoint{}, "0.1.0"};
  CHECK(open_store("memory:", options));
  CHECK(open_store("sqlite:" + folder.file(), options));
  CHECK(std::filesystem::exists(folder.file()));
  CHECK(sqlite_path("sqlite:a/b.db") == "a/b.db");
  CHECK_FALSE(sqlite_path("memory:"));
}

TEST_CASE("an unknown storage.url is refused without repeating its password", "[registry]") {
  for (const char* url : {"postgresql://me:secret@db/x", "", "ringback.db", "sqlite:"}) {
    const auto store = open_store(url, {});
    REQUIRE(store.has_error());
    CHECK(store.error().code == Errc::invalid_input);
    CHECK_THAT(store.error().detail, !Catch::Contains("secret"));
  }
}
