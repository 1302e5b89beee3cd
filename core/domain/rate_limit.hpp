// How often is too often: an exact sliding log as a value.
//
//   - A limit is a list of windows ("5/1m", "50/1h"); all of them hold at once.
//   - Never more than `count` are admitted in any stretch of `span`, wherever it begins.
//   - One take is counted in every window or in none.
//   - A log holds no more instants than the largest count, so its size is bounded by its limit.
// Who is counted, and where the log is kept, is the caller's business.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

namespace ringback {

struct Window {
  std::uint32_t count = 1;
  Seconds span{1};

  friend bool operator==(const Window&, const Window&) = default;
};

using Limit = std::vector<Window>;  // empty: no limit

constexpr std::uint32_t kMaxWindowCount = 10'000;
constexpr Seconds kMaxWindowSpan = std::chrono::days{31};
constexpr std::size_t kMaxWindows = 8;

Result<Window> parse_window(std::string_view text);                  // "5/1m": s, m, h or d
Result<Limit> parse_limit(const std::vector<std::string>& windows);  // of a configuration's list
std::string window_text(const Window& window);                       // "5/1m"

// How long any window of it looks back.
Seconds longest_span(const Limit& limit);

// The instants of what was admitted, oldest first.
struct Log {
  std::vector<TimePoint> taken;

  friend bool operator==(const Log&, const Log&) = default;
};

struct Allowance {
  bool allowed = true;
  Millis retry_after{0};        // when refused: how long until one would be admitted
  std::uint32_t remaining = 0;  // how many more would be admitted at this instant, after this one
  Millis reset{0};              // until the window that decides `remaining` is empty again
};

struct CountedTake {
  Log log;
  Allowance allowance;
};

// Would one be admitted now? `remaining` counts it.
Allowance peek(const Log& log, const Limit& limit, TimePoint now);
// Admits one and notes it, or refuses and notes nothing (the log is only tidied).
CountedTake take(Log log, const Limit& limit, TimePoint now);

// For counters that must survive a restart. Bytes that are not a log give nothing; the caller
// decides what to believe then.
std::string log_bytes(const Log& log);
std::optional<Log> log_from_bytes(std::string_view bytes);

}  // namespace ringback
