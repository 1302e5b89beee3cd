#include "core/domain/words.hpp"

#include <array>

namespace ringback {
namespace {

constexpr std::array<std::string_view, 10> kStates = {"pending",   "scheduled", "queued", "calling",
                                                      "connected", "completed", "missed", "failed",
                                                      "cancelled", "expired"};
constexpr std::array<std::string_view, 8> kPhases = {
    "", "opening", "slot", "retry", "ringing_business", "screening", "ringing_visitor", "in_doubt"};
constexpr std::array<std::string_view, 19> kReasons = {"",
                                                       "business_no_answer",
                                                       "business_busy",
                                                       "business_declined",
                                                       "business_machine",
                                                       "visitor_no_answer",
                                                       "visitor_busy",
                                                       "visitor_declined",
                                                       "visitor_unreachable",
                                                       "carrier_refused",
                                                       "carrier_unavailable",
                                                       "joined",
                                                       "number_blocked",
                                                       "budget_reached",
                                                       "outside_hours",
                                                       "outcome_unknown",
                                                       "too_old",
                                                       "by_visitor",
                                                       "by_operator"};
constexpr std::array<std::string_view, 9> kAttempts = {"ready",          "sending",  "placed",
                                                       "unknown",        "rejected", "absent",
                                                       "in_doubt_ended", "ended",    "withdrawn"};
constexpr std::array<std::string_view, 9> kViews = {"none",     "queued",   "ringing",
                                                    "answered", "busy",     "no_answer",
                                                    "failed",   "canceled", "completed"};
constexpr std::array<std::string_view, 5> kMessages = {"ready", "sending", "unknown", "accepted",
                                                       "refused"};
constexpr std::array<std::string_view, 6> kOrders = {"dial", "hang_up",   "look_up",
                                                     "poll", "send_text", "look_up_text"};
constexpr std::array<std::string_view, 6> kTimers = {"code", "not_before", "give_up",
                                                     "poll", "doubt",      "text_doubt"};

template <class Enum, std::size_t N>
std::string_view at(const std::array<std::string_view, N>& words, Enum value) {
  return words[static_cast<std::size_t>(value)];
}

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& words, std::string_view word) {
  for (std::size_t i = 0; i < N; ++i)
    if (words[i] == word) return static_cast<Enum>(i);
  return std::nullopt;
}

}  // namespace

std::string_view word(State state) { return at(kStates, state); }
std::string_view word(Phase phase) { return at(kPhases, phase); }
std::string_view word(Reason reason) { return at(kReasons, reason); }
std::string_view word(AttemptState state) { return at(kAttempts, state); }
std::string_view word(View view) { return at(kViews, view); }
std::string_view word(MessageState state) { return at(kMessages, state); }
std::string_view word(OrderKind kind) { return at(kOrders, kind); }
std::string_view word(TimerKind kind) { return at(kTimers, kind); }

std::optional<State> state_of(std::string_view word) { return find<State>(kStates, word); }
std::optional<Phase> phase_of(std::string_view word) { return find<Phase>(kPhases, word); }
std::optional<Reason> reason_of(std::string_view word) { return find<Reason>(kReasons, word); }

}  // namespace ringback
