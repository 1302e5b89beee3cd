// A table whose rows run out: found by key, pruned in order of expiry.
#pragma once

#include <cstring>
#include <optional>
#include <set>
#include <string>
#include <tuple>
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
    const auto found = rows_.find(key);
    if (found == rows_.end()) {
      if (entry) {
        const auto row = rows_.emplace(key, *std::move(entry)).first;
        by_expiry_.insert({row->second.expires, &row->first});
      }
      return old;
    }
    const Expiry at{found->second.expires, &found->first};
    old = std::move(found->second);
    if (!entry) {
      by_expiry_.erase(at);
      rows_.erase(found);
      return old;
    }
    if (entry->expires != at.expires) {
      auto moved = by_expiry_.extract(at);
      moved.value().expires = entry->expires;
      by_expiry_.insert(std::move(moved));
    }
    found->second = *std::move(entry);
    return old;
  }

  std::optional<Key> first_expired(TimePoint now) const {
    if (by_expiry_.empty() || by_expiry_.begin()->expires > now) return std::nullopt;
    return *by_expiry_.begin()->key;
  }

 private:
  struct Expiry {
    TimePoint expires{};
    const Key* key = nullptr;  // of the row, which stays where it is
    friend bool operator<(const Expiry& a, const Expiry& b) {
      return std::tie(a.expires, *a.key) < std::tie(b.expires, *b.key);
    }
  };

  std::unordered_map<Key, Entry, KeyHash> rows_;
  std::set<Expiry> by_expiry_;
};

}  // namespace ringback::memory
