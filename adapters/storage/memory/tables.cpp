#include "adapters/storage/memory/tables.hpp"

#include <algorithm>

namespace ringback::memory {
namespace {

bool at_carrier_now(const Attempt& a) {
  return a.state == AttemptState::sending || a.state == AttemptState::placed ||
         a.state == AttemptState::unknown;
}

bool may_have_rung_unnamed(const Attempt& a) {
  return a.ref.empty() && a.claimed_at &&
         (a.state == AttemptState::sending || a.state == AttemptState::unknown ||
          a.state == AttemptState::in_doubt_ended);
}

// Found by number in the same place: an open callback hardly ever moves there.
bool found_alike(const Callback& a, const Callback& b) {
  return !is_final(b.state) && b.proven && a.created_at == b.created_at && a.id == b.id &&
         a.phone_hmac == b.phone_hmac && a.site == b.site;
}

template <class Set>
void toggle(Set& set, const typename Set::value_type& value, bool add) {
  if (add)
    set.insert(value);
  else
    set.erase(value);
}

}  // namespace

const Row* Tables::find(const CallbackId& id) const {
  const auto found = rows.find(id);
  return found == rows.end() ? nullptr : &found->second;
}

const Rules* Tables::intern(const Rules* given) {
  if (given == nullptr) return nullptr;
  // The newest are in force: look at them first.
  for (auto known = rules_.rbegin(); known != rules_.rend(); ++known)
    if (*known == *given) return &*known;
  return &rules_.emplace_back(*given);
}

std::map<State, std::int64_t> Tables::open_by_state() const {
  std::map<State, std::int64_t> open;
  for (std::size_t i = 0; i < open_by_state_.size(); ++i)
    if (open_by_state_[i] > 0) open[static_cast<State>(i)] = open_by_state_[i];
  return open;
}

std::string Tables::ref_key(int account, const std::string& ref) {
  return std::to_string(account) + '|' + ref;
}

std::string Tables::proven_key(std::string_view site, const Digest& phone_hmac) {
  std::string key(phone_hmac.begin(), phone_hmac.end());
  return key.append(site);
}

// ---- callbacks -------------------------------------------------------------------------------

void Tables::index_attempt(const CallbackId& id, const Attempt& a, bool add) {
  if (at_carrier_now(a)) toggle(at_carrier, {id, a.no}, add);
  if (may_have_rung_unnamed(a))
    toggle(nameless, {a.account, a.business.e164(), *a.claimed_at, id, a.no}, add);
  if (a.ref.empty()) return;
  const auto key = ref_key(a.account, a.ref);
  if (add)
    ++refs[key];
  else if (--refs[key] == 0)
    refs.erase(key);
}

// Adds or takes away what finds this callback. What `other` has alike is left alone.
void Tables::index(const Callback& c, const Callback* other, bool add) {
  const bool open = !is_final(c.state);
  if (open) open_by_state_[static_cast<std::size_t>(c.state)] += add ? 1 : -1;
  if (open && c.proven && !(other != nullptr && found_alike(c, *other))) {
    const auto key = proven_key(c.site, c.phone_hmac);
    auto& ids = open_proven[key];
    toggle(ids, {c.created_at, c.id}, add);
    if (ids.empty()) open_proven.erase(key);
  }
  if (!open && c.finished_at) toggle(finished, {*c.finished_at, c.id}, add);
  for (std::size_t i = 0; i < c.attempts.size(); ++i)
    if (other == nullptr || i >= other->attempts.size() || !(other->attempts[i] == c.attempts[i]))
      index_attempt(c.id, c.attempts[i], add);
  for (const auto& message : c.messages)
    if (message.state == MessageState::sending) toggle(texts_sending, {c.id, message.no}, add);
}

void Tables::put_callback(const Callback& after) {
  const auto found = rows.find(after.id);
  if (found == rows.end()) {
    rows[after.id].callback = after;
    index(after, nullptr, true);
    undo([this, id = after.id] {
      index(rows.at(id).callback, nullptr, false);
      rows.erase(id);
    });
    return;
  }
  Row& row = found->second;
  if (row.callback.version == after.version && row.callback == after) return;
  index(row.callback, &after, false);
  index(after, &row.callback, true);
  if (recording_) {
    undo([this, old = std::move(row.callback)] {
      Row& now = rows.at(old.id);
      index(now.callback, &old, false);
      index(old, &now.callback, true);
      now.callback = old;
    });
  }
  row.callback = after;
}

void Tables::add_line(const CallbackId& id, JournalLine line) {
  rows.at(id).journal.push_back(std::move(line));
  undo([this, id] { rows.at(id).journal.pop_back(); });
}

void Tables::erase_callback(const CallbackId& id) {
  Row row = std::move(rows.at(id));
  index(row.callback, nullptr, false);
  for (const auto& order : row.orders)
    queue_of(order.kind).erase({order.due, id, order.kind, order.item});
  for (std::size_t i = 0; i < kTimerKinds; ++i)
    if (row.timers[i]) timers.erase({*row.timers[i], id, static_cast<TimerKind>(i)});
  rows.erase(id);
  undo([this, id, row = std::move(row)] {
    index(row.callback, nullptr, true);
    for (const auto& order : row.orders)
      queue_of(order.kind).insert({order.due, id, order.kind, order.item});
    for (std::size_t i = 0; i < kTimerKinds; ++i)
      if (row.timers[i]) timers.insert({*row.timers[i], id, static_cast<TimerKind>(i)});
    rows.emplace(id, row);
  });
}

// ---- orders and timers -----------------------------------------------------------------------

std::set<OrderAt>& Tables::queue_of(OrderKind kind) {
  if (kind == OrderKind::dial) return dials;
  return kind == OrderKind::send_text ? texts : others;
}

void Tables::place_order(Row& row, OrderKind kind, int item, std::optional<OrderRow> order) {
  auto& queue = queue_of(kind);
  const auto& id = row.callback.id;
  const auto same = [&](const OrderRow& o) { return o.kind == kind && o.item == item; };
  const auto found = std::find_if(row.orders.begin(), row.orders.end(), same);
  if (found != row.orders.end()) {
    queue.erase({found->due, id, kind, item});
    row.orders.erase(found);
  }
  if (!order) return;
  queue.insert({order->due, id, kind, item});
  row.orders.push_back(*order);
}

void Tables::set_order(const CallbackId& id, OrderKind kind, int item,
                       std::optional<OrderRow> order) {
  Row& row = rows.at(id);
  std::optional<OrderRow> old;
  for (const auto& o : row.orders)
    if (o.kind == kind && o.item == item) old = o;
  if (!old && !order) return;
  place_order(row, kind, item, order);
  undo([this, id, kind, item, old] { place_order(rows.at(id), kind, item, old); });
}

void Tables::place_timer(Row& row, TimerKind kind, std::optional<TimePoint> due) {
  auto& slot = row.timers.at(static_cast<std::size_t>(kind));
  if (slot) timers.erase({*slot, row.callback.id, kind});
  if (due) timers.insert({*due, row.callback.id, kind});
  slot = due;
}

void Tables::set_timer(const CallbackId& id, TimerKind kind, std::optional<TimePoint> due) {
  Row& row = rows.at(id);
  const auto old = row.timers.at(static_cast<std::size_t>(kind));
  if (old == due) return;
  place_timer(row, kind, due);
  undo([this, id, kind, old] { place_timer(rows.at(id), kind, old); });
}

void Tables::set_last_commit(TimePoint at) {
  undo([this, old = last_commit_at] { last_commit_at = old; });
  last_commit_at = at;
}

void Tables::erase_recording(const RecordingId& id) {
  const auto found = recordings.find(id);
  if (found == recordings.end()) return;
  undo([this, old = found->second] { recordings.emplace(old.id, old); });
  recordings.erase(found);
}

// ---- undo ------------------------------------------------------------------------------------

void Tables::begin() {
  recording_ = true;
  undo_.clear();
}

void Tables::roll_back(std::size_t mark) {
  recording_ = false;
  while (undo_.size() > mark) {
    undo_.back()();
    undo_.pop_back();
  }
  recording_ = true;
}

void Tables::end() {
  recording_ = false;
  undo_.clear();
}

}  // namespace ringback::memory
