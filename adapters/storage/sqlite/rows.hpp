// Reading rows back into values; shared by the store and its readers. Throws (failure.hpp).
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "adapters/storage/sqlite/connection.hpp"
#include "core/ports/callback_store.hpp"
#include "core/ports/keyring.hpp"

namespace ringback::sqlite {

// A sealed visitor opens only in its own row.
inline constexpr std::string_view kVisitorPurpose = "visitor";
std::string visitor_place(const CallbackId& id);

Error no_such_callback(const CallbackId& id);

class Rows {
 public:
  Rows(Connection& connection, const Keyring& keyring)
      : connection_(connection), keyring_(keyring) {}

  Result<Callback> load(const CallbackId& id);
  std::optional<CallbackId> find_visitor_token(const Digest& hash, TimePoint now);
  int queue_position(const CallbackId& id);
  StoreFigures figures();
  int live_attempts();
  Result<std::vector<Callback>> list(const CallbackFilter& filter);
  Result<std::vector<JournalLine>> journal(const CallbackId& id);

 private:
  const Rules* rules(std::int64_t no);

  Connection& connection_;
  const Keyring& keyring_;
  std::map<std::int64_t, std::unique_ptr<const Rules>> rules_;  // journal lines point here
};

}  // namespace ringback::sqlite
