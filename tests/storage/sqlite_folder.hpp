// A folder of its own for one test's database, gone with the test.
#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "adapters/storage/sqlite/sqlite_store.hpp"
#include "tests/storage/test_keyring.hpp"

namespace ringback::conformance {

class SqliteFolder {
 public:
  SqliteFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "ringback-XXXXXX").string();
    folder_ = ::mkdtemp(name.data());
  }
  ~SqliteFolder() { std::filesystem::remove_all(folder_); }
  SqliteFolder(const SqliteFolder&) = delete;
  SqliteFolder& operator=(const SqliteFolder&) = delete;

  std::string file(const std::string& name = "ringback.db") const {
    return (folder_ / name).string();
  }
  sqlite::SqliteOptions options(const std::string& name = "ringback.db") const {
    sqlite::SqliteOptions options;
    options.path = file(name);
    options.keyring = &keyring_;
    options.stamp = {TimePoint(Seconds(1'795'000'000)), "0.1.0"};
    return options;
  }

 private:
  std::filesystem::path folder_;
  TestKeyring keyring_;
};

}  // namespace ringback::conformance
