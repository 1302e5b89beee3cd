#include "adapters/storage/registry.hpp"

#include <fmt/format.h>

#include <array>

#include "adapters/storage/memory/memory_accounts.hpp"
#include "adapters/storage/memory/memory_store.hpp"
#include "adapters/storage/sqlite/sqlite_accounts.hpp"
#include "adapters/storage/sqlite/sqlite_store.hpp"

namespace ringback {
namespace {

using Opened = Result<std::unique_ptr<CallbackStore>>;
using Accounts = Result<std::unique_ptr<AccountStore>>;

Opened open_memory(const std::string&, const StoreOptions&) { return make_memory_store(); }

Opened open_sqlite(const std::string& path, const StoreOptions& options) {
  if (path.empty())
    return Error{Errc::invalid_input,
                 "storage.url = \"sqlite:\" names no file; write \"sqlite:ringback.db\"; nothing "
                 "was opened"};
  sqlite::SqliteOptions sqlite;
  sqlite.path = path;
  sqlite.keyring = options.keyring;
  sqlite.stamp = {options.now, options.program};
  sqlite.moves_log = true;
  sqlite.on_put_off = options.on_put_off;
  return sqlite::open_sqlite_store(sqlite);
}

Accounts memory_accounts(const std::string&) { return make_memory_accounts(); }

struct Entry {
  std::string_view scheme;
  Opened (*open)(const std::string& rest, const StoreOptions& options);
  Accounts (*accounts)(const std::string& rest);
};

constexpr std::string_view kSqlite = "sqlite:";

// One line for each kind of storage.
constexpr std::array kStores = {
    Entry{"memory:", &open_memory, &memory_accounts},
    Entry{kSqlite, &open_sqlite, &sqlite::open_sqlite_accounts},
};

// A URL may hold a password: only its scheme is repeated.
Error unknown_storage(std::string_view url) {
  return {Errc::invalid_input,
          fmt::format("storage.url begins with \"{}\", which is no known storage; write "
                      "\"sqlite:ringback.db\" or \"memory:\"; nothing was opened",
                      url.substr(0, url.find(':') + 1))};
}

}  // namespace

Opened open_store(std::string_view url, const StoreOptions& options) {
  for (const auto& entry : kStores)
    if (url.starts_with(entry.scheme))
      return entry.open(std::string(url.substr(entry.scheme.size())), options);
  return unknown_storage(url);
}

Accounts open_accounts(std::string_view url) {
  for (const auto& entry : kStores)
    if (url.starts_with(entry.scheme))
      return entry.accounts(std::string(url.substr(entry.scheme.size())));
  return unknown_storage(url);
}

std::optional<std::string> sqlite_path(std::string_view url) {
  if (!url.starts_with(kSqlite)) return std::nullopt;
  return std::string(url.substr(kSqlite.size()));
}

}  // namespace ringback
