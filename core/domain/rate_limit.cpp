#include "core/domain/rate_limit.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <limits>

namespace ringback {
namespace {

struct Unit {
  char letter;
  Seconds length;
};
constexpr std::array kUnits{Unit{'d', std::chrono::days{1}}, Unit{'h', std::chrono::hours{1}},
                            Unit{'m', Minutes{1}}, Unit{'s', Seconds{1}}};

constexpr char kLogVersion = 1;
constexpr std::size_t kMostDigits = 8;

std::optional<std::uint32_t> positive(std::string_view digits) {
  if (digits.empty() || digits.size() > kMostDigits) return std::nullopt;
  std::uint32_t value = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value > 0 ? std::optional(value) : std::nullopt;
}

std::optional<Seconds> span_of(std::string_view text) {
  if (text.empty()) return std::nullopt;
  const auto amount = positive(text.substr(0, text.size() - 1));
  for (const Unit& unit : kUnits)
    if (amount && text.back() == unit.letter) return *amount * unit.length;
  return std::nullopt;
}

std::uint32_t largest_count(const Limit& limit) {
  std::uint32_t most = 0;
  for (const Window& window : limit) most = std::max(most, window.count);
  return most;
}

// Drops what no window can see any more. After the clock was set back, what seems to lie ahead
// counts as now: a clock that was wrong for a moment must not lock anybody out for a year.
void tidy(Log& log, const Limit& limit, TimePoint now) {
  const Seconds longest = longest_span(limit);
  for (TimePoint& at : log.taken) at = std::min(at, now);
  const auto old = std::partition_point(log.taken.begin(), log.taken.end(),
                                        [&](TimePoint at) { return at <= now - longest; });
  log.taken.erase(log.taken.begin(), old);
  const std::size_t most = largest_count(limit);
  if (log.taken.size() > most)
    log.taken.erase(log.taken.begin(), log.taken.end() - static_cast<std::ptrdiff_t>(most));
}

Allowance look(const Log& tidied, const Limit& limit, TimePoint now) {
  Allowance answer{.remaining = std::numeric_limits<std::uint32_t>::max()};
  for (const Window& window : limit) {
    const auto& taken = tidied.taken;
    const auto first = std::partition_point(taken.begin(), taken.end(),
                                            [&](TimePoint at) { return at <= now - window.span; });
    const auto used = static_cast<std::uint32_t>(taken.end() - first);
    if (used >= window.count) {
      const TimePoint leaves = *(taken.end() - window.count) + window.span;
      answer.allowed = false;
      answer.retry_after = std::max(answer.retry_after, leaves - now);
    }
    const std::uint32_t left = used < window.count ? window.count - used : 0;
    if (left < answer.remaining) {
      answer.remaining = left;
      answer.reset = used > 0 ? taken.back() + window.span - now : Millis{0};
    }
  }
  return answer;
}

void put_varint(std::string& bytes, std::uint64_t value) {
  for (; value >= 0x80; value >>= 7) bytes += static_cast<char>((value & 0x7f) | 0x80);
  bytes += static_cast<char>(value);
}

std::optional<std::uint64_t> get_varint(std::string_view& bytes) {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 63 && !bytes.empty(); shift += 7) {
    const auto byte = static_cast<unsigned char>(bytes.front());
    bytes.remove_prefix(1);
    value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  return std::nullopt;
}

}  // namespace

Result<Window> parse_window(std::string_view text) {
  const auto slash = text.find('/');
  const auto count = positive(text.substr(0, std::min(slash, text.size())));
  const auto span =
      slash == std::string_view::npos ? std::nullopt : span_of(text.substr(slash + 1));
  if (!count || !span)
    return Error{Errc::invalid_input,
                 fmt::format("\"{}\" is not a limit; write count/time as \"5/1m\", the time in s, "
                             "m, h or d",
                             text)};
  if (*count > kMaxWindowCount || *span > kMaxWindowSpan)
    return Error{Errc::invalid_input,
                 fmt::format("\"{}\" is beyond what can be counted exactly: at most {} in at most "
                             "31d",
                             text, kMaxWindowCount)};
  return Window{*count, *span};
}

Result<Limit> parse_limit(const std::vector<std::string>& windows) {
  if (windows.size() > kMaxWindows)
    return Error{Errc::invalid_input, fmt::format("a limit has at most {} windows", kMaxWindows)};
  Limit limit;
  for (const std::string& text : windows) {
    const auto window = parse_window(text);
    if (!window) return window.error();
    limit.push_back(*window);
  }
  return limit;
}

Seconds longest_span(const Limit& limit) {
  Seconds longest{0};
  for (const Window& window : limit) longest = std::max(longest, window.span);
  return longest;
}

std::string window_text(const Window& window) {
  for (const Unit& unit : kUnits)
    if (window.span % unit.length == Seconds{0})
      return fmt::format("{}/{}{}", window.count, window.span / unit.length, unit.letter);
  return {};  // not reached: every span is a number of seconds
}

Allowance peek(const Log& log, const Limit& limit, TimePoint now) {
  Log tidied = log;
  tidy(tidied, limit, now);
  return look(tidied, limit, now);
}

CountedTake take(Log log, const Limit& limit, TimePoint now) {
  tidy(log, limit, now);
  const Allowance before = look(log, limit, now);
  if (!before.allowed || limit.empty()) return {.log = std::move(log), .allowance = before};
  log.taken.push_back(now);
  Allowance after = look(log, limit, now);
  after.allowed = true;
  after.retry_after = Millis{0};
  return {.log = std::move(log), .allowance = after};
}

std::string log_bytes(const Log& log) {
  std::string bytes(1, kLogVersion);
  TimePoint last{};
  for (const TimePoint at : log.taken) {
    put_varint(bytes, static_cast<std::uint64_t>(std::max<Millis::rep>(0, (at - last).count())));
    last = std::max(last, at);
  }
  return bytes;
}

std::optional<Log> log_from_bytes(std::string_view bytes) {
  if (bytes.empty() || bytes.front() != kLogVersion) return std::nullopt;
  bytes.remove_prefix(1);
  constexpr std::uint64_t kLatest = std::uint64_t{1}
                                    << 52;  // far beyond any clock, far from overflow
  Log log;
  std::uint64_t at = 0;
  while (!bytes.empty()) {
    const auto step = get_varint(bytes);
    if (!step || *step > kLatest || at + *step > kLatest) return std::nullopt;
    if (log.taken.size() == kMaxWindowCount) return std::nullopt;
    at += *step;
    log.taken.push_back(TimePoint{Millis{static_cast<Millis::rep>(at)}});
  }
  return log;
}

}  // namespace ringback
