#include "adapters/carriers/simulator/legs.hpp"

#include "adapters/carriers/simulator/letters.hpp"

namespace ringback::simulator {
namespace {

struct Row {
  std::string_view status;
  std::string_view cause;
  View view;
  bool declined;
};

// No word of the exchange is unknown to us: anything else is no letter of its own.
constexpr Row kRows[] = {
    {"queued", "", View::queued, false},
    {"ringing", "", View::ringing, false},
    {"answered", "", View::answered, false},
    {"ended", "completed", View::completed, false},
    {"ended", "busy", View::busy, false},
    {"ended", "declined", View::busy, true},
    {"ended", "no_answer", View::no_answer, false},
    {"ended", "failed", View::failed, false},
    {"ended", "canceled", View::canceled, false},
};

constexpr std::int64_t kLongestTalk = 1'000'000;

}  // namespace

std::optional<LegReading> read_leg(const boost::json::object& leg) {
  const auto status = text_in(leg, "status");
  const auto cause = text_in(leg, "cause");
  if (!status || !cause) return std::nullopt;
  for (const auto& row : kRows) {
    if (row.status != *status || row.cause != *cause) continue;
    const auto talk = whole_in(leg, "talk_seconds").value_or(0);
    if (talk < 0 || talk > kLongestTalk) return std::nullopt;
    return LegReading{row.view, row.declined, flag_in(leg, "machine").value_or(false),
                      flag_in(leg, "joined").value_or(false), static_cast<int>(talk)};
  }
  return std::nullopt;
}

}  // namespace ringback::simulator
