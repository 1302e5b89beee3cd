#include <fmt/format.h>

#include <filesystem>

#include "adapters/storage/registry.hpp"
#include "adapters/storage/sqlite/migrations.hpp"
#include "adapters/system/os_random.hpp"
#include "adapters/system/system_clock.hpp"
#include "app/api/time_text.hpp"
#include "app/assembly/service.hpp"
#include "app/commands/commands.hpp"
#include "app/http/text.hpp"
#include "core/usecases/api_keys.hpp"

namespace ringback::commands {
namespace {

int fail(const Error& error) {
  fmt::print(stderr, "ringback: {}\n", error.detail);
  return kFailed;
}

int misuse(std::string_view why) {
  fmt::print(stderr, "ringback: {}; see: ringback key add --help\n", why);
  return kWrongUse;
}

// Only a command that makes something may make the database, or bring an old one up to date; beside
// a running server both are done.
enum class Make { no, yes };

Result<std::unique_ptr<AccountStore>> open_keys(const Config& config, Make make) {
  const auto file = sqlite_path(config.storage.url);
  if (!file)
    return Error{Errc::invalid_input,
                 config.storage.url +
                     " keeps nothing, so it can keep no keys; name a database in "
                     "storage.url; nothing was done"};
  if (make == Make::no && !std::filesystem::exists(*file)) return open_accounts(config.storage.url);
  const auto pending = sqlite::plan_migrations(*file);
  if (!pending) return pending.error();
  if (!pending->empty()) {
    if (make == Make::no)
      return Error{Errc::storage_failed, *file +
                                             " was made by an older version; run: ringback "
                                             "migrate; nothing was done"};
    if (const auto migrated = migrate_storage(config, version()); !migrated)
      return migrated.error();
  }
  return open_accounts(config.storage.url);
}

std::string day_of(TimePoint when) { return time_text(when).substr(0, 10); }

std::string_view state_of(const ApiKey& key, TimePoint now) {
  if (key.revoked_at) return "revoked";
  return key.expires_at <= now ? "expired" : "good";
}

}  // namespace

int key_add(const ConfigPath& path, const KeyOptions& wanted) {
  KeyWish wish{.name = wanted.name,
               .scopes = {},
               .environment = "dev",
               .life = std::chrono::days(wanted.days)};
  const auto length = http::code_points(wish.name);
  if (wish.name.empty() || !length || *length > kLongestKeyName ||
      http::has_control_characters(wish.name))
    return misuse(fmt::format("--name must be plain text of 1 to {} characters; no key was made",
                              kLongestKeyName));
  for (const auto& word : wanted.scopes) {
    const auto scope = scope_of(word);
    if (!scope)
      return misuse(fmt::format("there is no scope \"{}\"; the scopes are {}; no key was made",
                                word, scope_words()));
    wish.scopes.add(*scope);
  }

  const auto loaded = load_or_complain(path);
  if (!loaded) return kWrongUse;
  wish.environment = loaded->config.production() ? "prod" : "dev";
  const auto accounts = open_keys(loaded->config, Make::yes);
  if (!accounts) return fail(accounts.error());
  const auto keys = open_keyring(loaded->config);
  if (!keys) return fail(keys.error());
  OsRandom random;
  const auto made = make_key(**accounts, random, **keys, wish, SystemClock().now());
  if (!made) return fail(made.error());
  fmt::print("{}\n", made->text.reveal());
  fmt::print(stderr, "ringback: made key {} ({}), good until {}; it is not shown again\n",
             made->key.id, made->key.scopes.text(), day_of(made->key.expires_at));
  return kFine;
}

int key_list(const ConfigPath& path) {
  const auto loaded = load_or_complain(path);
  if (!loaded) return kWrongUse;
  const auto accounts = open_keys(loaded->config, Make::no);
  if (!accounts) return fail(accounts.error());
  const auto keys = (*accounts)->keys();
  if (!keys) return fail(keys.error());
  if (keys->empty()) {
    fmt::print(stderr, "ringback: there are no keys yet; make one with: ringback key add\n");
    return kFine;
  }
  const auto now = SystemClock().now();
  constexpr const char* kRow = "{:<12}  {:<7}  {:<10}  {:<10}  {:<16}  {}  [{}]\n";
  fmt::print("{:<12}  {:<7}  {:<10}  {:<10}  {:<16}  {}\n", "ID", "STATE", "MADE", "GOOD UNTIL",
             "LAST USED (UTC)", "NAME [SCOPES]");
  for (const ApiKey& key : *keys) {
    auto used =
        key.last_used_at ? time_text(*key.last_used_at).substr(0, 16) : std::string("never");
    if (key.last_used_at) used[10] = ' ';
    fmt::print(kRow, key.id, state_of(key, now), day_of(key.created_at), day_of(key.expires_at),
               used, key.name, key.scopes.text());
  }
  return kFine;
}

int key_revoke(const ConfigPath& path, const std::string& id) {
  const auto loaded = load_or_complain(path);
  if (!loaded) return kWrongUse;
  const auto accounts = open_keys(loaded->config, Make::no);
  if (!accounts) return fail(accounts.error());
  // Who has the whole key at hand may give that.
  const auto whole = read_api_key(id);
  const auto key =
      (*accounts)->revoke_key(whole ? whole->id : std::string_view(id), SystemClock().now());
  if (!key) return fail(key.error());
  fmt::print("{} ({}) opens nothing any more\n", key->id, key->name);
  return kFine;
}

}  // namespace ringback::commands
