// What the exchange remembers of what happened, each in a bounded ring:
//   events  for the desk: a leg changed, a text arrived, a letter went by (numbered, as JSON)
//   log     who rang whom and when: the oracle of tests that kill the program
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/exchange/telephone.hpp"

namespace ringback::exchange {

enum class EventKind : std::uint8_t { call, message, track };
std::string_view name_of(EventKind kind);

struct Event {
  std::uint64_t seq = 0;  // from 1, without gaps
  EventKind kind{};
  std::string object;  // JSON
};

// One letter between program and exchange. No secret, no whole number.
struct Track {
  TimePoint at{};
  std::string_view direction;  // "program to exchange", "exchange to program"
  std::string_view kind;       // "request", "webhook"
  std::string summary;
  int status = 0;  // 0: no answer
};

// One order to ring, with the telephones that rang for it.
struct LogEntry {
  std::string call;
  std::string token;  // the last word of its hook: names the program's attempt
  PhoneNumber business;
  TimePoint placed_at{};
  std::optional<TimePoint> business_rang_at;
  std::optional<TimePoint> business_answered_at;
  std::optional<TimePoint> business_ended_at;
  std::optional<PhoneNumber> visitor;
  int visitor_rings = 0;
  std::optional<TimePoint> visitor_rang_at;
  std::optional<TimePoint> joined_at;
  std::optional<TimePoint> visitor_ended_at;
};

class Records {
 public:
  Records(std::size_t most_events, std::size_t most_entries)
      : most_events_(most_events), most_entries_(most_entries) {}

  // Nobody need put into words what is not kept.
  bool keeps_events() const { return most_events_ > 0; }
  void changed(const Leg& leg);
  void arrived(const Text& text);
  void passed(const Track& track);

  // Events after `seq`, oldest first; the oldest may be gone.
  std::vector<Event> since(std::uint64_t seq) const;
  std::uint64_t newest() const { return seq_; }

  std::uint64_t open_entry(LogEntry entry);
  LogEntry* entry(std::uint64_t no);  // none: no longer kept
  const std::deque<LogEntry>& log() const { return log_; }
  std::uint64_t forgotten() const { return forgotten_; }  // entries that the log no longer has

 private:
  void keep(EventKind kind, std::string object);

  std::size_t most_events_;
  std::size_t most_entries_;
  std::uint64_t seq_ = 0;
  std::deque<Event> events_;
  std::deque<LogEntry> log_;
  std::uint64_t forgotten_ = 0;
};

}  // namespace ringback::exchange
