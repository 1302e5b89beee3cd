// Keys in this process's memory: the plainest statement of what an AccountStore must do.
#pragma once

#include <memory>

#include "core/ports/account_store.hpp"

namespace ringback {

std::unique_ptr<AccountStore> make_memory_accounts();

}  // namespace ringback
