// Limits as they are configured and logs as they are stored.
//   line 1: windows with blanks between them, rest: the log's bytes
#include <string>

#include "core/domain/rate_limit.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  auto rest = fuzz::text_of(data, size);
  auto line = fuzz::next_line(rest);
  std::vector<std::string> texts;
  while (!line.empty()) {
    const auto end = line.find(' ');
    texts.emplace_back(line.substr(0, end));
    line = end == std::string_view::npos ? std::string_view{} : line.substr(end + 1);
  }
  const auto limit = parse_limit(texts);
  if (limit)
    for (const auto& window : *limit)
      must(parse_window(window_text(window)) == Result<Window>(window), "a window comes back");

  const auto log = log_from_bytes(rest);
  if (!log) return 0;
  must(log_from_bytes(log_bytes(*log)) == log, "a log comes back");
  if (!limit) return 0;
  const TimePoint now{Seconds(1'800'000'000)};
  const auto before = peek(*log, *limit, now);
  const auto counted = take(*log, *limit, now);
  must(before.allowed == counted.allowance.allowed, "looking and taking agree");
  must(counted.allowance.allowed || counted.allowance.retry_after > Millis(0),
       "who is refused is told how long");
  if (!limit->empty()) must(counted.log.taken.size() <= kMaxWindowCount + 1, "a log is bounded");
  return 0;
}
