#include "app/runtime/status_board.hpp"

#include <algorithm>

namespace ringback {
namespace {

void drop_dead(std::vector<std::weak_ptr<http::Wakeup>>& bells) {
  std::erase_if(bells, [](const auto& bell) { return bell.expired(); });
}

}  // namespace

SharedStatus StatusBoard::find(const CallbackId& id) {
  const std::lock_guard lock(mutex_);
  const auto at = by_id_.find(id);
  if (at == by_id_.end()) return nullptr;
  entries_.splice(entries_.begin(), entries_, at->second);
  return at->second->document;
}

void StatusBoard::publish(const CallbackId& id, SharedStatus document) {
  std::vector<std::weak_ptr<http::Wakeup>> bells;
  {
    const std::lock_guard lock(mutex_);
    Entry& e = entry(id);
    // A reader that was slower than a commit must not bring the past back.
    if (e.document && e.document->version >= document->version) return;
    e.document = std::move(document);
    drop_dead(e.bells);
    bells = e.bells;
  }
  for (const auto& weak : bells)
    if (const auto bell = weak.lock()) bell->notify();
}

void StatusBoard::expect(const CallbackId& id) {
  const std::lock_guard lock(mutex_);
  entry(id);
}

SharedStatus StatusBoard::offer(const CallbackId& id, SharedStatus document) {
  const std::lock_guard lock(mutex_);
  const auto at = by_id_.find(id);
  // Forgotten meanwhile: then commits were not published either, and this may be the past.
  if (at == by_id_.end()) return document;
  SharedStatus& known = at->second->document;
  if (known && known->version > document->version) return known;
  if (!known || known->version < document->version) known = document;
  return document;
}

void StatusBoard::watch(const CallbackId& id, const std::shared_ptr<http::Wakeup>& bell) {
  const std::lock_guard lock(mutex_);
  Entry& e = entry(id);
  drop_dead(e.bells);
  e.bells.push_back(bell);
}

bool StatusBoard::knows(const CallbackId& id) {
  const std::lock_guard lock(mutex_);
  return by_id_.contains(id);
}

bool StatusBoard::knows_token(const Digest& token, const CallbackId& id) {
  const std::lock_guard lock(mutex_);
  const auto at = tokens_.find(token);
  return at != tokens_.end() && at->second == id;
}

void StatusBoard::remember_token(const Digest& token, const CallbackId& id) {
  const std::lock_guard lock(mutex_);
  // Forgetting all costs each of them one look at the store.
  if (tokens_.size() >= most_) tokens_.clear();
  tokens_[token] = id;
}

std::size_t StatusBoard::watchers() {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (Entry& e : entries_) {
    drop_dead(e.bells);
    count += e.bells.size();
  }
  return count;
}

StatusBoard::Entry& StatusBoard::entry(const CallbackId& id) {
  const auto at = by_id_.find(id);
  if (at != by_id_.end()) {
    entries_.splice(entries_.begin(), entries_, at->second);
    return *at->second;
  }
  if (entries_.size() >= most_) forget_oldest();
  entries_.push_front({.id = id, .document = nullptr, .bells = {}});
  by_id_[id] = entries_.begin();
  return entries_.front();
}

void StatusBoard::forget_oldest() {
  // Watched ones stay; a few are looked at, not all.
  constexpr int kLooks = 64;
  auto at = entries_.end();
  for (int looks = 0; looks < kLooks && at != entries_.begin(); ++looks) {
    --at;
    drop_dead(at->bells);
    if (!at->bells.empty()) continue;
    by_id_.erase(at->id);
    entries_.erase(at);
    return;
  }
}

}  // namespace ringback
