#include "adapters/storage/memory/memory_accounts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

namespace ringback {
namespace {

class MemoryAccounts final : public AccountStore {
 public:
  Result<void> add_key(const ApiKey& key) override {
    if (at(key.id) != keys_.end())
      return Error{Errc::conflict,
                   fmt::format("there is a key {} already; nothing was changed", key.id)};
    keys_.push_back(key);
    return {};
  }

  Result<std::optional<ApiKey>> find_key(std::string_view id) override {
    const auto found = at(id);
    if (found == keys_.end()) return std::optional<ApiKey>{};
    return std::optional(*found);
  }

  Result<std::vector<ApiKey>> keys() override {
    auto all = keys_;
    std::sort(all.begin(), all.end(), [](const ApiKey& a, const ApiKey& b) {
      return std::tie(a.created_at, a.id) < std::tie(b.created_at, b.id);
    });
    return all;
  }

  Result<ApiKey> revoke_key(std::string_view id, TimePoint now) override {
    const auto found = at(id);
    if (found == keys_.end())
      return Error{Errc::not_found, fmt::format("there is no key {}; nothing was changed", id)};
    if (!found->revoked_at) found->revoked_at = now;
    return *found;
  }

  Result<void> note_key_use(std::string_view id, TimePoint now) override {
    if (const auto found = at(id); found != keys_.end()) found->last_used_at = now;
    return {};
  }

 private:
  std::vector<ApiKey>::iterator at(std::string_view id) {
    return std::find_if(keys_.begin(), keys_.end(), [&](const ApiKey& k) { return k.id == id; });
  }

  std::vector<ApiKey> keys_;
};

}  // namespace

std::unique_ptr<AccountStore> make_memory_accounts() { return std::make_unique<MemoryAccounts>(); }

}  // namespace ringback
