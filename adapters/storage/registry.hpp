// storage.url -> a store: "sqlite:PATH" or "memory:".
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "core/ports/account_store.hpp"
#include "core/ports/callback_store.hpp"
#include "core/ports/keyring.hpp"

namespace ringback {

struct StoreOptions {
  const Keyring* keyring = nullptr;  // outlives the store and its readers
  TimePoint now{};                   // when migrations are applied, by
  std::string program;               // this version
  // On a thread of the store's, when care for its files had to be put off; nothing is lost.
  std::function<void(const Error&)> on_put_off = nullptr;
};

// Migrates if need be. invalid_input: no such kind of storage.
Result<std::unique_ptr<CallbackStore>> open_store(std::string_view url,
                                                  const StoreOptions& options);

// The keys that lie beside the callbacks. Works while a server has the store open; the schema must
// be up to date.
Result<std::unique_ptr<AccountStore>> open_accounts(std::string_view url);

// For maintenance and `migrate --dry-run`; none: there is no file to care for.
std::optional<std::string> sqlite_path(std::string_view url);

}  // namespace ringback
