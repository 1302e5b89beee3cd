// The keys of operators' programs, in the database of the callbacks but through a connection of
// their own: it takes no process lock, so a command changes them beside a running server. Another
// writer is waited for, a few seconds at most.
#pragma once

#include <memory>
#include <string>

#include "core/ports/account_store.hpp"

namespace ringback::sqlite {

// not_found: there is no such file. Its schema must be up to date.
Result<std::unique_ptr<AccountStore>> open_sqlite_accounts(const std::string& path);

}  // namespace ringback::sqlite
