#include "adapters/exchange/records.hpp"

#include <array>
#include <boost/json/serialize.hpp>

#include "adapters/exchange/desk_json.hpp"

namespace ringback::exchange {

std::string_view name_of(EventKind kind) {
  constexpr std::array<std::string_view, 3> kNames{"call", "message", "track"};
  return kNames.at(static_cast<std::size_t>(kind));
}

void Records::keep(EventKind kind, std::string object) {
  events_.push_back({++seq_, kind, std::move(object)});
  if (events_.size() > most_events_) events_.pop_front();
}

// A simulation that keeps no events pays for none.
void Records::changed(const Leg& leg) {
  if (most_events_ > 0) keep(EventKind::call, boost::json::serialize(desk_json(leg)));
}

void Records::arrived(const Text& text) {
  if (most_events_ > 0) keep(EventKind::message, boost::json::serialize(desk_json(text)));
}

void Records::passed(const Track& track) {
  if (most_events_ > 0) keep(EventKind::track, boost::json::serialize(desk_json(track)));
}

std::vector<Event> Records::since(std::uint64_t seq) const {
  if (events_.empty() || seq >= seq_) return {};
  const std::uint64_t oldest = events_.front().seq;
  const std::size_t skip = seq < oldest ? 0 : static_cast<std::size_t>(seq - oldest + 1);
  return {events_.begin() + static_cast<std::ptrdiff_t>(skip), events_.end()};
}

std::uint64_t Records::open_entry(LogEntry entry) {
  log_.push_back(std::move(entry));
  if (log_.size() > most_entries_) {
    log_.pop_front();
    ++forgotten_;
  }
  return forgotten_ + log_.size() - 1;
}

LogEntry* Records::entry(std::uint64_t no) {
  if (no < forgotten_ || no - forgotten_ >= log_.size()) return nullptr;
  return &log_[static_cast<std::size_t>(no - forgotten_)];
}

}  // namespace ringback::exchange
