// Port: who may look in and act: the keys of programs (people and their sessions are to come). Kept
// apart from the callbacks: a command may change it while a server runs, and takes effect at once.
// One implementation is used by one thread at a time.
#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "core/domain/api_key.hpp"
#include "core/domain/result.hpp"

namespace ringback {

class AccountStore {
 public:
  virtual ~AccountStore() = default;

  virtual Result<void> add_key(const ApiKey& key) = 0;  // conflict: there is one of that id
  virtual Result<std::optional<ApiKey>> find_key(std::string_view id) = 0;
  virtual Result<std::vector<ApiKey>> keys() = 0;  // the revoked ones too, oldest first
  // The key as it is then. A second time changes nothing. not_found
  virtual Result<ApiKey> revoke_key(std::string_view id, TimePoint now) = 0;
  virtual Result<void> note_key_use(std::string_view id, TimePoint now) = 0;
};

}  // namespace ringback
