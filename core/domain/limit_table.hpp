// Logs of many keys in bounded memory, for the limits that may be forgotten in a restart. When it
// is full, whoever came longest ago is forgotten first. Not for several threads at once.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

#include "core/domain/rate_limit.hpp"

namespace ringback {

class LimitTable {
 public:
  static constexpr std::size_t kMaxKeys = 100'000;
  static constexpr std::size_t kMaxInstants = 1'000'000;  // of all keys together: 8 MB
  static constexpr std::size_t kLongestKey = 128;         // all longer keys share one log

  explicit LimitTable(std::size_t max_keys = kMaxKeys, std::size_t max_instants = kMaxInstants)
      : max_keys_(max_keys), max_instants_(max_instants) {}

  // One key has one limit: name the bucket in the key ("create|192.0.2.1").
  Allowance take(std::string_view key, const Limit& limit, TimePoint now);
  Allowance peek(std::string_view key, const Limit& limit, TimePoint now) const;
  void forget(std::string_view key);  // "success resets its bucket"

  std::size_t keys() const noexcept { return entries_.size(); }
  std::size_t instants() const noexcept { return instants_; }

 private:
  struct Entry {
    std::string key;
    Log log;
  };
  using Entries = std::list<Entry>;  // whoever came last is first

  void drop(Entries::iterator entry);

  std::size_t max_keys_;
  std::size_t max_instants_;
  std::size_t instants_ = 0;
  Entries entries_;
  std::unordered_map<std::string_view, Entries::iterator> by_key_;  // views of the entries' keys
};

}  // namespace ringback
