// Writes one Commit: looks first at everything that can be refused, then writes only what changed.
// Called inside a transaction; throws (failure.hpp), and whoever catches rolls back.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "adapters/storage/sqlite/connection.hpp"
#include "core/ports/callback_store.hpp"
#include "core/ports/keyring.hpp"

namespace ringback::sqlite {

class CommitWriter {
 public:
  CommitWriter(Connection& connection, const Keyring& keyring)
      : connection_(connection), keyring_(keyring) {}

  // Why this commit may not be, apart from the callback's version.
  std::optional<std::string> conflict_of(const Commit& commit);
  // false: the callback is not at the expected version; nothing was written.
  bool write(const Commit& commit);

  bool seen(std::string_view delivery);
  std::optional<IdempotentAnswer> find_idempotent(const Digest& key, TimePoint now);
  int budget_used(Budget budget, int day);
  void write(const CallbackId& id, const VisitorToken& token);
  void write(const LimitLog& log);
  void drop(const CallbackId& id, const OrderDrop& drop);

  // Rows that every commit changes are read and written once for a batch.
  struct Kept {
    std::optional<TimePoint> clock;
    struct Used {
      int count = 0;
      bool changed = false;
    };
    std::map<std::pair<int, Budget>, Used> budget;
  };
  void begin() { kept_ = {}; }
  void write_kept();
  const Kept& kept() const { return kept_; }
  // What was written since then is rolled back.
  void go_back(const Kept& kept);

 private:
  bool write_callback(const Commit& commit);
  template <class T>
  void write_items(const char* sql, const CallbackId& id, const std::vector<T>& now,
                   const std::vector<T>* before);
  void write_line(const CallbackId& id, const JournalLine& line, bool first);
  std::int64_t number_of(const Rules& rules);
  void write_orders(const Commit& commit);
  void write_tokens(const Commit& commit);

  Connection& connection_;
  const Keyring& keyring_;
  Kept kept_;
  std::optional<std::pair<Rules, std::int64_t>> rules_;  // the last ones, and their number
};

}  // namespace ringback::sqlite
