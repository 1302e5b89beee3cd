#include "adapters/storage/memory/memory_store.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "adapters/storage/memory/tables.hpp"

namespace ringback {
namespace {

using memory::OrderRow;
using memory::Row;
using memory::Tables;

Error no_such_callback(const CallbackId& id) {
  return {Errc::not_found, fmt::format("there is no callback {}; nothing was changed", id.text())};
}

void count_recordings(const Tables& tables, StoreFigures& figures) {
  TimePoint newest_dead = TimePoint::min();
  for (const auto& [id, recording] : tables.recordings) {
    if (recording.due) {
      ++figures.recordings_waiting;
      if (!figures.oldest_recording || recording.known_at < *figures.oldest_recording)
        figures.oldest_recording = recording.known_at;
    }
    if (recording.state != RecordingState::dead) continue;
    ++figures.recordings_dead;
    if (recording.known_at < newest_dead) continue;
    newest_dead = recording.known_at;
    figures.newest_fault = recording.fault;
  }
}

// A handful, so they are looked through; the order is that of SQLite's statements.
class MemoryRecordings final : public RecordingStore {
 public:
  explicit MemoryRecordings(Tables& tables) : t_(tables) {}

  Result<bool> add(const Recording& recording) override {
    const std::lock_guard lock(t_.mutex);
    for (const auto& [id, known] : t_.recordings)
      if (known.account == recording.account && known.ref == recording.ref) return false;
    t_.set(t_.recordings, recording.id, recording);
    return true;
  }
  Result<void> put(const Recording& recording) override {
    const std::lock_guard lock(t_.mutex);
    if (t_.recordings.count(recording.id) == 0)
      return Error{Errc::not_found, fmt::format("there is no recording {}; nothing was changed",
                                                recording.id.text())};
    t_.set(t_.recordings, recording.id, recording);
    return {};
  }
  Result<void> remove(const RecordingId& id) override {
    const std::lock_guard lock(t_.mutex);
    t_.erase_recording(id);
    return {};
  }
  Result<std::optional<Recording>> find(const RecordingId& id) override {
    const std::lock_guard lock(t_.mutex);
    const auto found = t_.recordings.find(id);
    if (found == t_.recordings.end()) return std::optional<Recording>{};
    return std::optional(found->second);
  }
  Result<std::optional<Recording>> find(std::string_view account, std::string_view ref) override {
    auto found =
        those(1, by_age, [&](const Recording& r) { return r.account == account && r.ref == ref; });
    if (found.empty()) return std::optional<Recording>{};
    return std::optional(std::move(found.front()));
  }
  Result<std::vector<Recording>> due(TimePoint now, int most) override {
    const auto by_due = [](const Recording& a, const Recording& b) {
      return std::tie(*a.due, a.id) < std::tie(*b.due, b.id);
    };
    return those(most, by_due, [&](const Recording& r) { return r.due && *r.due <= now; });
  }
  Result<std::optional<TimePoint>> next_due() override {
    const std::lock_guard lock(t_.mutex);
    std::optional<TimePoint> next;
    for (const auto& [id, recording] : t_.recordings)
      if (recording.due && (!next || *recording.due < *next)) next = recording.due;
    return next;
  }
  Result<std::vector<Recording>> in_state(RecordingState state, int most) override {
    return those(most, by_age, [&](const Recording& r) { return r.state == state; });
  }
  Result<std::vector<Recording>> older_than(TimePoint time, const RecordingPlace& after,
                                            int most) override {
    return those(most, by_age, [&](const Recording& r) {
      return r.known_at < time && std::tie(r.known_at, r.id) > std::tie(after.known_at, after.id);
    });
  }
  void shift_due(Millis by) {
    for (const auto& [id, recording] : std::map(t_.recordings)) {
      Recording moved = recording;
      if (moved.due) *moved.due += by;
      t_.set(t_.recordings, id, std::move(moved));
    }
  }

 private:
  static bool by_age(const Recording& a, const Recording& b) {
    return std::tie(a.known_at, a.id) < std::tie(b.known_at, b.id);
  }
  template <class Order, class Wanted>
  std::vector<Recording> those(int most, Order order, Wanted wanted) const {
    const std::lock_guard lock(t_.mutex);
    std::vector<Recording> found;
    for (const auto& [id, recording] : t_.recordings)
      if (wanted(recording)) found.push_back(recording);
    std::sort(found.begin(), found.end(), order);
    if (static_cast<int>(found.size()) > most) found.resize(static_cast<std::size_t>(most));
    return found;
  }

  Tables& t_;
};

// What both the store and its readers answer.
template <class Base>
class MemoryReads : public Base {
 public:
  explicit MemoryReads(std::shared_ptr<Tables> tables) : tables_(std::move(tables)) {}

  Result<Callback> load(const CallbackId& id) override {
    const auto lock = hold();
    const Row* row = tables_->find(id);
    if (row == nullptr) return no_such_callback(id);
    return row->callback;
  }

  Result<std::optional<CallbackId>> find_visitor_token(const Digest& hash, TimePoint now) override {
    const auto lock = hold();
    const auto* found = tables_->visitor_tokens.find(hash);
    if (found == nullptr || found->expires <= now || tables_->find(found->value) == nullptr)
      return std::optional<CallbackId>{};
    return std::optional(found->value);
  }

  Result<int> queue_position(const CallbackId& id) override {
    const auto lock = hold();
    const Row* row = tables_->find(id);
    if (row == nullptr) return 0;
    for (const auto& order : row->orders) {
      if (order.kind != OrderKind::dial) continue;
      const auto mine = tables_->dials.find({order.due, id, order.kind, order.item});
      return static_cast<int>(std::distance(tables_->dials.begin(), mine));
    }
    return 0;
  }

  Result<StoreFigures> figures() override {
    const auto lock = hold();
    StoreFigures figures;
    figures.open = tables_->open_by_state();
    for (const auto* queue : {&tables_->dials, &tables_->texts, &tables_->others}) {
      figures.outbox_pending += static_cast<std::int64_t>(queue->size());
      if (!queue->empty() &&
          (!figures.outbox_oldest_due || queue->begin()->due < *figures.outbox_oldest_due))
        figures.outbox_oldest_due = queue->begin()->due;
    }
    figures.live_attempts = static_cast<int>(tables_->at_carrier.size());
    count_recordings(*tables_, figures);
    return figures;
  }

  Result<std::vector<Callback>> list(const CallbackFilter& filter) override {
    const auto lock = hold();
    std::vector<CallbackId> ids;
    for (const auto& [id, row] : tables_->rows)
      if ((!filter.state || row.callback.state == *filter.state) &&
          (!filter.from || id >= *filter.from) && (!filter.before || id < *filter.before))
        ids.push_back(id);
    std::sort(ids.begin(), ids.end(), std::greater<>());
    if (static_cast<int>(ids.size()) > filter.most)
      ids.resize(static_cast<std::size_t>(filter.most));
    std::vector<Callback> found;
    found.reserve(ids.size());
    for (const auto& id : ids) found.push_back(tables_->find(id)->callback);
    return found;
  }

  Result<std::vector<JournalLine>> journal(const CallbackId& id) override {
    const auto lock = hold();
    const Row* row = tables_->find(id);
    if (row == nullptr) return no_such_callback(id);
    return row->journal;
  }

 protected:
  // Whoever is inside a batch has the lock already.
  std::unique_lock<std::recursive_mutex> hold() const {
    return held_ ? std::unique_lock<std::recursive_mutex>() : std::unique_lock(tables_->mutex);
  }

  std::shared_ptr<Tables> tables_;
  bool held_ = false;
};

class MemoryStore final : public MemoryReads<CallbackStore> {
 public:
  MemoryStore() : MemoryReads(std::make_shared<Tables>()), t_(*tables_), recordings_(t_) {}

  Result<void> batch(std::span<const Work> works) override {
    const auto lock = hold();
    t_.begin();
    held_ = true;
    try {
      for (const auto& work : works) {
        const auto mark = t_.mark();
        if (!work()) t_.roll_back(mark);
      }
    } catch (...) {
      held_ = false;
      t_.roll_back(0);
      t_.end();
      throw;
    }
    held_ = false;
    t_.end();
    return {};
  }

  Result<void> commit(const Commit& c) override {
    const auto lock = hold();
    if (const auto fault = conflict_of(c)) return Error{Errc::conflict, *fault};
    const auto& id = c.after.id;
    Row& row = t_.put_callback(c.after);
    auto line = c.line;
    line.situation.rules = t_.intern(line.situation.rules);
    t_.add_line(row, std::move(line));
    for (const auto& drop : c.drops) t_.set_order(row, drop.kind, drop.item, std::nullopt);
    for (const auto& order : c.orders)
      t_.set_order(row, order.kind, order.item, OrderRow{order.kind, order.item, order.due, 0});
    for (const auto& timer : c.timers) t_.set_timer(row, timer.kind, timer.due);
    for (const auto& move : c.budget)
      t_.set(t_.budget, {move.day, move.budget},
             std::max(0, used(move.budget, move.day) + move.delta));
    if (c.delivery) put(t_.inbox, *c.delivery, char{}, c.line.at + kDeliveryKept);
    for (const auto& token : c.attempt_tokens)
      put(t_.attempt_tokens, token.hash, AttemptOwner{id, token.attempt}, token.expires);
    for (const auto& token : c.visitor_tokens)
      put(t_.visitor_tokens, token.hash, id, token.expires);
    if (c.idempotency)
      put(t_.idempotency, c.idempotency->key, IdempotentAnswer{id, c.idempotency->request_hash},
          c.idempotency->expires);
    for (const auto& log : c.limits) put(t_.limits, log.key, log.log, log.expires);
    if (c.pace) t_.set(t_.pace, c.pace->first, c.pace->second);
    t_.set_last_commit(c.line.at);
    return {};
  }

  Result<std::optional<AttemptOwner>> find_attempt(const Digest& token, TimePoint now) override {
    const auto lock = hold();
    const auto* found = t_.attempt_tokens.find(token);
    if (found == nullptr || found->expires <= now || t_.find(found->value.callback) == nullptr)
      return std::optional<AttemptOwner>{};
    return std::optional(found->value);
  }

  Result<bool> seen(std::string_view delivery) override {
    const auto lock = hold();
    return t_.inbox.find(std::string(delivery)) != nullptr;
  }

  Result<std::optional<IdempotentAnswer>> find_idempotent(const Digest& key,
                                                          TimePoint now) override {
    const auto lock = hold();
    const auto* found = t_.idempotency.find(key);
    if (found == nullptr || found->expires <= now || t_.find(found->value.callback) == nullptr)
      return std::optional<IdempotentAnswer>{};
    return std::optional(found->value);
  }

  Result<void> add_visitor_token(const CallbackId& id, const VisitorToken& token) override {
    const auto lock = hold();
    if (t_.find(id) == nullptr) return no_such_callback(id);
    put(t_.visitor_tokens, token.hash, id, token.expires);
    return {};
  }

  Result<std::optional<CallbackId>> find_open_proven(std::string_view site,
                                                     const Digest& phone_hmac) override {
    const auto lock = hold();
    const auto found = t_.open_proven.find(Tables::proven_key(site, phone_hmac));
    if (found == t_.open_proven.end()) return std::optional<CallbackId>{};
    return std::optional(found->second.begin()->second);
  }

  Result<std::string> limit_log(const Digest& key) override {
    const auto lock = hold();
    const auto* found = t_.limits.find(key);
    return found == nullptr ? std::string{} : found->value;
  }

  Result<void> put_limit_log(const LimitLog& log) override {
    const auto lock = hold();
    put(t_.limits, log.key, log.log, log.expires);
    return {};
  }

  Result<int> budget_used(Budget budget, int day) override {
    const auto lock = hold();
    return used(budget, day);
  }

  Result<std::optional<TimePoint>> pace_slot(std::string_view account) override {
    const auto lock = hold();
    const auto found = t_.pace.find(account);
    if (found == t_.pace.end()) return std::optional<TimePoint>{};
    return std::optional(found->second);
  }

  Result<std::vector<DueOrder>> due_orders(TimePoint now, int most, Room room) override {
    const auto lock = hold();
    std::vector<DueOrder> due;
    struct Lane {
      const std::set<memory::OrderAt>* queue;
      int most;
      std::set<memory::OrderAt>::const_iterator next = queue->begin();
    };
    Lane lanes[] = {{&t_.dials, room.dials}, {&t_.texts, room.texts}, {&t_.others, most}};
    while (static_cast<int>(due.size()) < most) {
      Lane* first = nullptr;
      for (Lane& lane : lanes)
        if (lane.most > 0 && lane.next != lane.queue->end() && lane.next->due <= now &&
            (first == nullptr || *lane.next < *first->next))
          first = &lane;
      if (first == nullptr) break;
      const auto& at = *first->next++;
      first->most -= 1;
      due.push_back({at.callback, at.kind, at.item, at.due, order_of(at)->tries});
    }
    return due;
  }

  Result<std::vector<DueTimer>> due_timers(TimePoint now, int most) override {
    const auto lock = hold();
    std::vector<DueTimer> due;
    for (auto at = t_.timers.begin();
         at != t_.timers.end() && at->due <= now && static_cast<int>(due.size()) < most; ++at)
      due.push_back({at->callback, at->kind, at->due});
    return due;
  }

  Result<std::optional<TimePoint>> next_due(Room room) override {
    const auto lock = hold();
    std::optional<TimePoint> next;
    const auto consider = [&](const auto& queue) {
      if (!queue.empty() && (!next || queue.begin()->due < *next)) next = queue.begin()->due;
    };
    consider(t_.others);
    consider(t_.timers);
    if (room.dials > 0) consider(t_.dials);
    if (room.texts > 0) consider(t_.texts);
    return next;
  }

  Result<void> lease(const CallbackId& id, OrderKind kind, int item, TimePoint until) override {
    const auto lock = hold();
    Row* row = t_.find(id);
    const auto* order = row == nullptr ? nullptr : order_in(*row, kind, item);
    if (order == nullptr)
      return Error{Errc::not_found, "the order was withdrawn; it must not be carried out"};
    t_.set_order(*row, kind, item, OrderRow{kind, item, until, order->tries + 1});
    return {};
  }

  Result<void> postpone(const CallbackId& id, OrderKind kind, int item, TimePoint due) override {
    const auto lock = hold();
    Row* row = t_.find(id);
    const auto* order = row == nullptr ? nullptr : order_in(*row, kind, item);
    if (order != nullptr) t_.set_order(*row, kind, item, OrderRow{kind, item, due, order->tries});
    return {};
  }

  Result<void> drop_order(const CallbackId& id, OrderKind kind, int item) override {
    const auto lock = hold();
    if (Row* row = t_.find(id)) t_.set_order(*row, kind, item, std::nullopt);
    return {};
  }

  Result<std::vector<std::string>> taken_refs(int account,
                                              const std::vector<std::string>& refs) override {
    const auto lock = hold();
    std::vector<std::string> taken;
    for (const auto& ref : refs)
      if (t_.refs.count(Tables::ref_key(account, ref)) > 0) taken.push_back(ref);
    return taken;
  }

  Result<bool> has_rival(int account, const PhoneNumber& business, TimePoint from, TimePoint to,
                         const CallbackId& except, int except_attempt) override {
    const auto lock = hold();
    const auto end = t_.nameless.end();
    auto at = t_.nameless.lower_bound({account, business.e164(), from, CallbackId{}, 0});
    for (; at != end; ++at) {
      const auto& [its_account, its_business, claimed, callback, attempt] = *at;
      if (its_account != account || its_business != business.e164() || claimed > to) break;
      if (callback != except || attempt != except_attempt) return true;
    }
    return false;
  }

  Result<std::vector<OpenAttempt>> open_attempts() override {
    const auto lock = hold();
    std::vector<OpenAttempt> open;
    for (const auto& [id, no] : t_.at_carrier)
      open.push_back({id, no, attempt_of(t_.rows.at(id).callback, no)->state});
    return open;
  }

  Result<std::vector<OpenAttempt>> open_texts() override {
    const auto lock = hold();
    std::vector<OpenAttempt> open;
    for (const auto& [id, no] : t_.texts_sending) open.push_back({id, no, AttemptState::sending});
    return open;
  }

  Result<int> live_attempts() override {
    const auto lock = hold();
    return static_cast<int>(t_.at_carrier.size());
  }

  Result<std::optional<TimePoint>> last_commit_at() override {
    const auto lock = hold();
    return t_.last_commit_at;
  }

  Result<void> shift_due(Millis by) override {
    const auto lock = hold();
    for (const auto* queue : {&t_.dials, &t_.texts, &t_.others})
      for (const auto& at : std::vector(queue->begin(), queue->end()))
        t_.set_order(t_.rows.at(at.callback), at.kind, at.item,
                     OrderRow{at.kind, at.item, at.due + by, order_of(at)->tries});
    for (const auto& at : std::vector(t_.timers.begin(), t_.timers.end()))
      t_.set_timer(t_.rows.at(at.callback), at.kind, at.due + by);
    for (const auto& [account, slot] : std::map(t_.pace)) t_.set(t_.pace, account, slot + by);
    recordings_.shift_due(by);
    if (t_.last_commit_at) t_.set_last_commit(*t_.last_commit_at + by);
    return {};
  }

  Result<int> prune(TimePoint now, TimePoint retain_after, int most) override {
    const auto lock = hold();
    int gone = 0;
    gone += prune_table(t_.inbox, now, most);
    gone += prune_table(t_.attempt_tokens, now, most);
    gone += prune_table(t_.visitor_tokens, now, most);
    gone += prune_table(t_.idempotency, now, most);
    gone += prune_table(t_.limits, now, most);
    std::vector<CallbackId> old;
    for (const auto& [ended, id] : t_.finished) {
      if (ended >= retain_after || static_cast<int>(old.size()) >= most) break;
      if (live_attempt(t_.rows.at(id).callback) == nullptr) old.push_back(id);
    }
    for (const auto& id : old) t_.erase_callback(id);
    return gone + static_cast<int>(old.size());
  }

  RecordingStore& recordings() override { return recordings_; }

  std::unique_ptr<CallbackReader> open_reader() override {
    return std::make_unique<MemoryReads<CallbackReader>>(tables_);
  }

 private:
  template <class Key, class Value>
  void put(memory::ExpiringTable<Key, Value>& table, const Key& key, const Value& value,
           TimePoint expires) {
    t_.set(table, key, typename memory::ExpiringTable<Key, Value>::Entry{value, expires});
  }

  template <class Key, class Value>
  int prune_table(memory::ExpiringTable<Key, Value>& table, TimePoint now, int most) {
    int gone = 0;
    for (; gone < most; ++gone) {
      const auto key = table.first_expired(now);
      if (!key) break;
      t_.set(table, *key, std::nullopt);
    }
    return gone;
  }

  static const OrderRow* order_in(const Row& row, OrderKind kind, int item) {
    for (const auto& order : row.orders)
      if (order.kind == kind && order.item == item) return &order;
    return nullptr;
  }
  const OrderRow* order_of(const memory::OrderAt& at) const {
    const Row* row = t_.find(at.callback);
    return row == nullptr ? nullptr : order_in(*row, at.kind, at.item);
  }

  int used(Budget budget, int day) const {
    const auto found = t_.budget.find({day, budget});
    return found == t_.budget.end() ? 0 : found->second;
  }

  // Everything that can be refused is looked at before anything is written.
  std::optional<std::string> conflict_of(const Commit& c) {
    const Row* row = t_.find(c.after.id);
    const std::int64_t stored = row == nullptr ? 0 : row->callback.version;
    if (stored != c.expected_version)
      return fmt::format("callback {} is at version {}, not {}; nothing was changed",
                         c.after.id.text(), stored, c.expected_version);
    if (c.delivery && t_.inbox.find(*c.delivery) != nullptr)
      return "this delivery was seen before; nothing was changed";
    if (c.idempotency) {
      const auto there = find_idempotent(c.idempotency->key, c.line.at);
      if (there && *there) return "this idempotency key was used before; nothing was changed";
    }
    std::map<std::pair<int, Budget>, int> counts;
    for (const auto& move : c.budget) {
      const auto key = std::pair(move.day, move.budget);
      auto& count = counts.emplace(key, used(move.budget, move.day)).first->second;
      count = std::max(0, count + move.delta);
      const int cap = move.budget == Budget::calls ? c.caps.calls : c.caps.texts;
      if (move.delta > 0 && count > cap) return "the day's budget is spent; nothing was changed";
    }
    return std::nullopt;
  }

  Tables& t_;
  MemoryRecordings recordings_;
};

}  // namespace

std::unique_ptr<CallbackStore> make_memory_store() { return std::make_unique<MemoryStore>(); }

}  // namespace ringback
