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

bool found_by_number(const Callback& c) { return !is_final(c.state) && c.proven; }

// In the same place: an open callback hardly ever moves there.
bool found_alike(const Callback& a, const Callback& b) {
  return found_by_number(a) == found_by_number(b) && a.created_at == b.created_at && a.id == b.id &&
         a.phone_hmac == b.phone_hmac && a.site == b.site;
}

// The same entries find both: most news change neither the call's name nor whether it is up.
bool found_alike(const Attempt& a, const Attempt& b) {
  return a.no == b.no && at_carrier_now(a) == at_carrier_now(b) &&
         may_have_rung_unnamed(a) == may_have_rung_unnamed(b) && a.account == b.account &&
         a.claimed_at == b.claimed_at && a.ref == b.ref && a.business == b.business;
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

Row* Tables::find(const CallbackId& id) {
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

void Tables::index_proven(const Callback& c, bool add) {
  if (!found_by_number(c)) return;
  const auto key = proven_key(c.site, c.phone_hmac);
  auto& ids = open_proven[key];
  toggle(ids, {c.created_at, c.id}, add);
  if (ids.empty()) open_proven.erase(key);
}

void Tables::index_rest(const Callback& c, bool add) {
  if (!is_final(c.state)) open_by_state_[static_cast<std::size_t>(c.state)] += add ? 1 : -1;
  if (is_final(c.state) && c.finished_at) toggle(finished, {*c.finished_at, c.id}, add);
  for (const auto& message : c.messages)
    if (message.state == MessageState::sending) toggle(texts_sending, {c.id, message.no}, add);
}

// Adds or takes away what finds this callback.
void Tables::index(const Callback& c, bool add) {
  index_rest(c, add);
  index_proven(c, add);
  for (const auto& attempt : c.attempts) index_attempt(c.id, attempt, add);
}

// Finds `to` instead of `from`. What they have alike is left alone.
void Tables::reindex(const Callback& from, const Callback& to) {
  index_rest(from, false);
  index_rest(to, true);
  if (!found_alike(from, to)) {
    index_proven(from, false);
    index_proven(to, true);
  }
  for (std::size_t i = 0; i < std::max(from.attempts.size(), to.attempts.size()); ++i) {
    const auto* was = i < from.attempts.size() ? &from.attempts[i] : nullptr;
    const auto* is = i < to.attempts.size() ? &to.attempts[i] : nullptr;
    if (was != nullptr && is != nullptr && found_alike(*was, *is)) continue;
    if (was != nullptr) index_attempt(from.id, *was, false);
    if (is != nullptr) index_attempt(to.id, *is, true);
  }
}

Row& Tables::put_callback(const Callback& after) {
  const auto [at, fresh] = rows.try_emplace(after.id);
  Row& row = at->second;
  if (fresh) {
    row.callback = after;
    index(after, true);
    undo([this, id = after.id] {
      index(rows.at(id).callback, false);
      rows.erase(id);
    });
    return row;
  }
  if (row.callback.version == after.version && row.callback == after) return row;
  reindex(row.callback, after);
  if (recording_) {
    undo([this, old = std::move(row.callback)] {
      Callback& now = rows.at(old.id).callback;
      reindex(now, old);
      now = old;
    });
  }
  row.callback = after;
  return row;
}

void Tables::add_line(Row& row, JournalLine line) {
  row.journal.push_back(std::move(line));
  undo([this, id = row.callback.id] { rows.at(id).journal.pop_back(); });
}

void Tables::erase_callback(const CallbackId& id) {
  Row row = std::move(rows.at(id));
  index(row.callback, false);
  for (const auto& order : row.orders)
    queue_of(order.kind).erase({order.due, id, order.kind, order.item});
  for (std::size_t i = 0; i < kTimerKinds; ++i)
    if (row.timers[i]) timers.erase({*row.timers[i], id, static_cast<TimerKind>(i)});
  rows.erase(id);
  undo([this, id, row = std::move(row)] {
    index(row.callback, true);
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

void Tables::set_order(Row& row, OrderKind kind, int item, std::optional<OrderRow> order) {
  std::optional<OrderRow> old;
  for (const auto& o : row.orders)
    if (o.kind == kind && o.item == item) old = o;
  if (!old && !order) return;
  place_order(row, kind, item, order);
  undo(
      [this, id = row.callback.id, kind, item, old] { place_order(rows.at(id), kind, item, old); });
}

void Tables::place_timer(Row& row, TimerKind kind, std::optional<TimePoint> due) {
  auto& slot = row.timers.at(static_cast<std::size_t>(kind));
  if (slot) timers.erase({*slot, row.callback.id, kind});
  if (due) timers.insert({*due, row.callback.id, kind});
  slot = due;
}

void Tables::set_timer(Row& row, TimerKind kind, std::optional<TimePoint> due) {
  const auto old = row.timers.at(static_cast<std::size_t>(kind));
  if (old == due) return;
  place_timer(row, kind, due);
  undo([this, id = row.callback.id, kind, old] { place_timer(rows.at(id), kind, old); });
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
