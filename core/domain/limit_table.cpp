#include "core/domain/limit_table.hpp"

#include <utility>

namespace ringback {
namespace {

std::string_view bounded(std::string_view key) {
  return key.size() <= LimitTable::kLongestKey ? key : std::string_view("overlong");
}

}  // namespace

Allowance LimitTable::take(std::string_view key, const Limit& limit, TimePoint now) {
  key = bounded(key);
  const auto known = by_key_.find(key);
  if (known == by_key_.end()) {
    entries_.push_front({.key = std::string(key), .log = {}});
    by_key_.emplace(entries_.front().key, entries_.begin());
  } else {
    entries_.splice(entries_.begin(), entries_, known->second);
  }
  Entry& entry = entries_.front();
  instants_ -= entry.log.taken.size();
  CountedTake taken = ringback::take(std::move(entry.log), limit, now);
  entry.log = std::move(taken.log);
  instants_ += entry.log.taken.size();
  while (entries_.size() > 1 && (entries_.size() > max_keys_ || instants_ > max_instants_))
    drop(std::prev(entries_.end()));
  return taken.allowance;
}

Allowance LimitTable::peek(std::string_view key, const Limit& limit, TimePoint now) const {
  const auto known = by_key_.find(bounded(key));
  return ringback::peek(known == by_key_.end() ? Log{} : known->second->log, limit, now);
}

void LimitTable::forget(std::string_view key) {
  const auto known = by_key_.find(bounded(key));
  if (known != by_key_.end()) drop(known->second);
}

void LimitTable::drop(Entries::iterator entry) {
  instants_ -= entry->log.taken.size();
  by_key_.erase(entry->key);
  entries_.erase(entry);
}

}  // namespace ringback
