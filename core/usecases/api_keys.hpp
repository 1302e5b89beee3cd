// Making a key and telling a good one from all others.
#pragma once

#include <string>
#include <string_view>

#include "core/ports/account_store.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/keyring.hpp"

namespace ringback {

struct KeyWish {
  std::string name;
  Scopes scopes;
  std::string environment;  // "dev", "prod"
  std::chrono::days life = kKeyLife;
};

struct NewKey {
  ApiKey key;
  Secret text;  // whole, for whoever asked; it is nowhere else
};

Result<NewKey> make_key(AccountStore& accounts, IdSource& ids, const Keyring& keys,
                        const KeyWish& wish, TimePoint now);

struct KeyCheck {
  enum class Verdict { good, unknown, revoked, expired };
  Verdict verdict = Verdict::unknown;
  ApiKey key;  // unless it is unknown
};

// Takes as long for a key that is not there. What is not said of a wrong secret: that its id is
// one of ours. Use is noted once a minute.
Result<KeyCheck> check_key(AccountStore& accounts, const Keyring& keys, std::string_view presented,
                           TimePoint now);

// Who did it, as the journal keeps it: "key:0123456789ab".
std::string actor_of(const ApiKey& key);

}  // namespace ringback
