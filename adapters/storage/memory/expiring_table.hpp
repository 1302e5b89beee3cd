// A table whose rows run out: found by key, pruned in order of expiry.
#pragma once

#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>

#include "core/domain/id.hpp"
#include "core/domain/time.hpp"

namespace ringback::memory {

struct KeyHash {
  std::size_t operator()(const Digest& digest) const noexcept {
    std::size_t h = 0;  // the ends of digests are evenly spread already
    std::memcpy(&h, digest.data() + digest.size() - sizeof h, sizeof h);
    return h;
  }
  std::size_t operator()(const std::string& text) const noexcept {
    return std::hash<std::string>{}(text);
  }
};

template <class Key, class Value>
class ExpiringTable {
 public:
  struct Entry {
    Value value;
    TimePoint expires{};
  };

  const Entry* find(const Key& key) const {
    const auto found = rows_.find(key);
    return found == rows_.end() ? nullptr : &found->second;
  }

  // What was there before.
  std::optional<Entry> set(const Key& key, std::optional<Entry> entry) {
    std::optional<Entry> old;
    if (const auto found = rows_.find(key); found != rows_.end()) {
      old = std::move(found->second);
      by_expiry_.erase({old->expires, key});
      rows_.erase(found);
    }
    if (entry) {
      by_expiry_.emplace(entry->expires, key);
      rows_.emplace(key, *std::move(entry));
    }
    return old;
  }

  std::optional<Key> first_expired(TimePoint now) const {
    if (by_expiry_.empty() || by_expiry_.begin()->first > now) return std::nullopt;
    return by_expiry_.begin()->second;
  }

 private:
  std::unordered_map<Key, Entry, KeyHash> rows_;
  std::set<std::pair<TimePoint, Key>> by_expiry_;
};

}  // namespace ringback::memory
