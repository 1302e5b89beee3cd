// What every AccountStore must do. A store's own test is one call of this with a way to make an
// empty one.
#pragma once

#include <functional>
#include <memory>

#include "core/ports/account_store.hpp"

namespace ringback::conformance {

using MakeAccounts = std::function<std::unique_ptr<AccountStore>()>;

void check_accounts(const MakeAccounts& make);

ApiKey a_key(std::string id, std::int64_t made_at = 0);

}  // namespace ringback::conformance
