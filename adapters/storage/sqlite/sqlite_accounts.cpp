#include "adapters/storage/sqlite/sqlite_accounts.hpp"

#include <filesystem>

#include "adapters/storage/sqlite/failure.hpp"

namespace ringback::sqlite {
namespace {

constexpr std::int64_t kCacheBytes = 256 << 10;

Error no_such_key(std::string_view id) {
  return {Errc::not_found, fmt::format("there is no key {}; nothing was changed", id)};
}

ApiKey take_key(Query& query) {
  ApiKey key;
  query.take(key.id);
  query.take(key.name);
  query.take(key.digest);
  const auto scopes = Scopes::from_text(query.take<std::string>());
  if (!scopes) throw DamagedRow("an unknown scope in column scopes");
  key.scopes = *scopes;
  query.take(key.created_at);
  query.take(key.expires_at);
  query.take(key.last_used_at);
  query.take(key.revoked_at);
  return key;
}

class SqliteAccounts final : public AccountStore {
 public:
  explicit SqliteAccounts(const std::string& path)
      : connection_(path, Access::write, kCacheBytes) {}

  Result<void> add_key(const ApiKey& key) override {
    return guarded([&]() -> Result<void> {
      const auto scopes = key.scopes.text();
      auto insert = connection_.query(
          "INSERT INTO api_keys (id, name, digest, scopes, created_at, expires_at, last_used_at, "
          "revoked_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING");
      insert.put(key.id, key.name, key.digest, scopes, key.created_at, key.expires_at,
                 key.last_used_at, key.revoked_at);
      if (insert.run() == 1) return {};
      return Error{Errc::conflict,
                   fmt::format("there is a key {} already; nothing was changed", key.id)};
    });
  }

  Result<std::optional<ApiKey>> find_key(std::string_view id) override {
    return guarded([&]() -> Result<std::optional<ApiKey>> { return find(id); });
  }

  Result<std::vector<ApiKey>> keys() override {
    return guarded([&]() -> Result<std::vector<ApiKey>> {
      std::vector<ApiKey> all;
      auto query = connection_.query(
          "SELECT id, name, digest, scopes, created_at, expires_at, last_used_at, revoked_at "
          "FROM api_keys ORDER BY created_at, id");
      while (query.next()) all.push_back(take_key(query));
      return all;
    });
  }

  Result<ApiKey> revoke_key(std::string_view id, TimePoint now) override {
    return guarded([&]() -> Result<ApiKey> {
      connection_.query("UPDATE api_keys SET revoked_at = ? WHERE id = ? AND revoked_at IS NULL")
          .put(now, id)
          .run();
      const auto key = find(id);
      if (!key) return no_such_key(id);
      return *key;
    });
  }

  Result<void> note_key_use(std::string_view id, TimePoint now) override {
    return guarded([&]() -> Result<void> {
      connection_.query("UPDATE api_keys SET last_used_at = ? WHERE id = ?").put(now, id).run();
      return {};
    });
  }

 private:
  std::optional<ApiKey> find(std::string_view id) {
    auto query = connection_.query(
        "SELECT id, name, digest, scopes, created_at, expires_at, last_used_at, revoked_at "
        "FROM api_keys WHERE id = ?");
    if (!query.put(id).next()) return std::nullopt;
    return take_key(query);
  }

  Connection connection_;
};

}  // namespace

Result<std::unique_ptr<AccountStore>> open_sqlite_accounts(const std::string& path) {
  using Made = std::unique_ptr<AccountStore>;
  if (!std::filesystem::exists(path))
    return Error{Errc::not_found, "there is no database " + path + "; nothing was created"};
  return guarded([&]() -> Result<Made> { return Made(std::make_unique<SqliteAccounts>(path)); });
}

}  // namespace ringback::sqlite
