// The rows of the memory store and the sets that find them. Each change is undone by its inverse,
// so a work that fails leaves nothing behind. Whoever calls holds `mutex`.
#pragma once

#include <array>
#include <compare>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "adapters/storage/memory/expiring_table.hpp"
#include "core/ports/callback_store.hpp"

namespace ringback::memory {

constexpr std::size_t kTimerKinds = 6;

struct OrderRow {
  OrderKind kind{};
  int item = 0;
  TimePoint due{};
  int tries = 0;
};

struct Row {
  Callback callback;
  std::vector<JournalLine> journal;
  std::vector<OrderRow> orders;
  std::array<std::optional<TimePoint>, kTimerKinds> timers;
};

struct OrderAt {
  TimePoint due{};
  CallbackId callback;
  OrderKind kind{};
  int item = 0;

  friend auto operator<=>(const OrderAt&, const OrderAt&) = default;
};

struct TimerAt {
  TimePoint due{};
  CallbackId callback;
  TimerKind kind{};

  friend auto operator<=>(const TimerAt&, const TimerAt&) = default;
};

// An attempt that may have rung although no reference of it is known: (account, business, claim).
using NamelessAttempt = std::tuple<int, std::string, TimePoint, CallbackId, int>;

class Tables {
 public:
  mutable std::recursive_mutex mutex;

  // ---- reading
  const Row* find(const CallbackId& id) const;
  Row* find(const CallbackId& id);
  const Rules* intern(const Rules* rules);
  std::map<State, std::int64_t> open_by_state() const;

  std::unordered_map<CallbackId, Row> rows;
  std::set<OrderAt> dials, texts, others;  // the outbox
  std::set<OrderAt>& queue_of(OrderKind kind);
  std::set<TimerAt> timers;
  std::set<std::pair<CallbackId, int>> at_carrier;  // attempts that are sending, placed or unknown
  std::set<std::pair<CallbackId, int>> texts_sending;
  std::set<NamelessAttempt> nameless;
  std::unordered_map<std::string, int> refs;
  std::unordered_map<std::string, std::set<std::pair<TimePoint, CallbackId>>> open_proven;
  std::set<std::pair<TimePoint, CallbackId>> finished;
  ExpiringTable<std::string, char> inbox;
  ExpiringTable<Digest, AttemptOwner> attempt_tokens;
  ExpiringTable<Digest, CallbackId> visitor_tokens;
  ExpiringTable<Digest, IdempotentAnswer> idempotency;
  ExpiringTable<Digest, std::string> limits;
  std::map<std::pair<int, Budget>, int> budget;
  std::map<std::string, TimePoint, std::less<>> pace;
  std::optional<TimePoint> last_commit_at;
  std::map<RecordingId, Recording> recordings;

  static std::string ref_key(int account, const std::string& ref);
  static std::string proven_key(std::string_view site, const Digest& phone_hmac);

  // ---- writing, with undo
  Row& put_callback(const Callback& after);
  void add_line(Row& row, JournalLine line);
  void set_order(Row& row, OrderKind kind, int item, std::optional<OrderRow> order);
  void set_timer(Row& row, TimerKind kind, std::optional<TimePoint> due);
  void erase_callback(const CallbackId& id);

  template <class Key, class Value>
  void set(ExpiringTable<Key, Value>& table, const Key& key,
           std::optional<typename ExpiringTable<Key, Value>::Entry> entry) {
    auto old = table.set(key, std::move(entry));
    undo([&table, key, old = std::move(old)] { table.set(key, old); });
  }
  template <class Map>
  void set(Map& map, const typename Map::key_type& key, typename Map::mapped_type value) {
    const auto found = map.find(key);
    if (found == map.end()) {
      map.emplace(key, std::move(value));
      undo([&map, key] { map.erase(key); });
    } else {
      undo([&map, key, old = found->second] { map.find(key)->second = old; });
      found->second = std::move(value);
    }
  }
  void set_last_commit(TimePoint at);
  void erase_recording(const RecordingId& id);

  // A point to go back to. Nothing is remembered outside a batch.
  void begin();
  std::size_t mark() const { return undo_.size(); }
  void roll_back(std::size_t mark);
  void end();

 private:
  template <class F>
  void undo(F&& inverse) {
    if (recording_) undo_.emplace_back(std::forward<F>(inverse));
  }
  void index(const Callback& callback, bool add);
  void reindex(const Callback& from, const Callback& to);
  void index_proven(const Callback& callback, bool add);
  void index_rest(const Callback& callback, bool add);
  void index_attempt(const CallbackId& id, const Attempt& attempt, bool add);
  void place_order(Row& row, OrderKind kind, int item, std::optional<OrderRow> order);
  void place_timer(Row& row, TimerKind kind, std::optional<TimePoint> due);

  std::deque<Rules> rules_;
  std::array<std::int64_t, 16> open_by_state_{};
  bool recording_ = false;
  std::vector<std::function<void()>> undo_;
};

}  // namespace ringback::memory
