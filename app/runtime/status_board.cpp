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

void StatusBoard::watch(const CallbackId& id, const std::shared_ptr<http::Wakeup>& bell) {
  const std::lock_guard lock(mutex_);
  Entry& e = entry(id);
  drop_dead(e.bells);
  e.bells.push_back(bell);
}

bool StatusBoard::is_watched(const CallbackId& id) {
  const std::lock_guard lock(mutex_);
  const auto at = by_id_.find(id);
  return at != by_id_.end() && !at->second->bells.empty();
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
