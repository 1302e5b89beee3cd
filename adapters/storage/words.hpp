// The words under which the values of the core are stored. A word, once released, keeps its meaning
// for ever; the order of an enumeration in the core may change freely.
#pragma once

#include <array>
#include <optional>
#include <string_view>

#include "core/domain/callback.hpp"
#include "core/domain/effect.hpp"
#include "core/domain/event.hpp"
#include "core/domain/recording.hpp"
#include "core/domain/situation.hpp"

namespace ringback::storage {

template <class E>
struct Word {
  E value;
  std::string_view word;
};

// clang-format off
inline constexpr std::array kStates = {
    Word<State>{State::pending,   "pending"},
    Word<State>{State::scheduled, "scheduled"},
    Word<State>{State::queued,    "queued"},
    Word<State>{State::calling,   "calling"},
    Word<State>{State::connected, "connected"},
    Word<State>{State::completed, "completed"},
    Word<State>{State::missed,    "missed"},
    Word<State>{State::failed,    "failed"},
    Word<State>{State::cancelled, "cancelled"},
    Word<State>{State::expired,   "expired"},
};
inline constexpr std::array kPhases = {
    Word<Phase>{Phase::none,             ""},
    Word<Phase>{Phase::opening,          "opening"},
    Word<Phase>{Phase::slot,             "slot"},
    Word<Phase>{Phase::retry,            "retry"},
    Word<Phase>{Phase::ringing_business, "ringing_business"},
    Word<Phase>{Phase::screening,        "screening"},
    Word<Phase>{Phase::ringing_visitor,  "ringing_visitor"},
    Word<Phase>{Phase::in_doubt,         "in_doubt"},
};
inline constexpr std::array kReasons = {
    Word<Reason>{Reason::none,                ""},
    Word<Reason>{Reason::business_no_answer,  "business_no_answer"},
    Word<Reason>{Reason::business_busy,       "business_busy"},
    Word<Reason>{Reason::business_declined,   "business_declined"},
    Word<Reason>{Reason::business_machine,    "business_machine"},
    Word<Reason>{Reason::visitor_no_answer,   "visitor_no_answer"},
    Word<Reason>{Reason::visitor_busy,        "visitor_busy"},
    Word<Reason>{Reason::visitor_declined,    "visitor_declined"},
    Word<Reason>{Reason::visitor_unreachable, "visitor_unreachable"},
    Word<Reason>{Reason::carrier_refused,     "carrier_refused"},
    Word<Reason>{Reason::carrier_unavailable, "carrier_unavailable"},
    Word<Reason>{Reason::joined,              "joined"},
    Word<Reason>{Reason::number_blocked,      "number_blocked"},
    Word<Reason>{Reason::budget_reached,      "budget_reached"},
    Word<Reason>{Reason::outside_hours,       "outside_hours"},
    Word<Reason>{Reason::outcome_unknown,     "outcome_unknown"},
    Word<Reason>{Reason::too_old,             "too_old"},
    Word<Reason>{Reason::by_visitor,          "by_visitor"},
    Word<Reason>{Reason::by_operator,         "by_operator"},
};
inline constexpr std::array kAttemptStates = {
    Word<AttemptState>{AttemptState::ready,          "ready"},
    Word<AttemptState>{AttemptState::sending,        "sending"},
    Word<AttemptState>{AttemptState::placed,         "placed"},
    Word<AttemptState>{AttemptState::unknown,        "unknown"},
    Word<AttemptState>{AttemptState::rejected,       "rejected"},
    Word<AttemptState>{AttemptState::absent,         "absent"},
    Word<AttemptState>{AttemptState::in_doubt_ended, "in_doubt_ended"},
    Word<AttemptState>{AttemptState::ended,          "ended"},
    Word<AttemptState>{AttemptState::withdrawn,      "withdrawn"},
};
inline constexpr std::array kViews = {
    Word<View>{View::none,      ""},
    Word<View>{View::queued,    "queued"},
    Word<View>{View::ringing,   "ringing"},
    Word<View>{View::answered,  "answered"},
    Word<View>{View::busy,      "busy"},
    Word<View>{View::no_answer, "no_answer"},
    Word<View>{View::failed,    "failed"},
    Word<View>{View::canceled,  "canceled"},
    Word<View>{View::completed, "completed"},
};
inline constexpr std::array kMessageStates = {
    Word<MessageState>{MessageState::ready,    "ready"},
    Word<MessageState>{MessageState::sending,  "sending"},
    Word<MessageState>{MessageState::unknown,  "unknown"},
    Word<MessageState>{MessageState::accepted, "accepted"},
    Word<MessageState>{MessageState::refused,  "refused"},
};
inline constexpr std::array kMessagePurposes = {
    Word<MessagePurpose>{MessagePurpose::code,  "code"},
    Word<MessagePurpose>{MessagePurpose::alert, "alert"},
};
inline constexpr std::array kCancels = {
    Word<Cancel>{Cancel::none,     ""},
    Word<Cancel>{Cancel::accepted, "accepted"},
    Word<Cancel>{Cancel::too_late, "too_late"},
    Word<Cancel>{Cancel::too_late_by_operator, "too_late_by_operator"},
};
inline constexpr std::array kSides = {
    Word<Side>{Side::business, "business"},
    Word<Side>{Side::visitor,  "visitor"},
};
inline constexpr std::array kTimerKinds = {
    Word<TimerKind>{TimerKind::code,       "code"},
    Word<TimerKind>{TimerKind::not_before, "not_before"},
    Word<TimerKind>{TimerKind::give_up,    "give_up"},
    Word<TimerKind>{TimerKind::poll,       "poll"},
    Word<TimerKind>{TimerKind::doubt,      "doubt"},
    Word<TimerKind>{TimerKind::text_doubt, "text_doubt"},
};
inline constexpr std::array kOrderKinds = {
    Word<OrderKind>{OrderKind::dial,         "dial"},
    Word<OrderKind>{OrderKind::hang_up,      "hang_up"},
    Word<OrderKind>{OrderKind::look_up,      "look_up"},
    Word<OrderKind>{OrderKind::poll,         "poll"},
    Word<OrderKind>{OrderKind::send_text,    "send_text"},
    Word<OrderKind>{OrderKind::look_up_text, "look_up_text"},
};
inline constexpr std::array kBudgets = {
    Word<Budget>{Budget::calls, "calls"},
    Word<Budget>{Budget::texts, "texts"},
};
inline constexpr std::array kTakens = {
    Word<Taken>{Taken::accepted,        "accepted"},
    Word<Taken>{Taken::refused_number,  "refused_number"},
    Word<Taken>{Taken::refused_account, "refused_account"},
    Word<Taken>{Taken::refused_content, "refused_content"},
    Word<Taken>{Taken::throttled,       "throttled"},
    Word<Taken>{Taken::not_sent,        "not_sent"},
    Word<Taken>{Taken::unknown,         "unknown"},
};
inline constexpr std::array kPoints = {
    Word<Point>{Point::answered, "answered"},
    Word<Point>{Point::key,      "key"},
    Word<Point>{Point::dialed,   "dialed"},
};
inline constexpr std::array kAccepts = {
    Word<Accept>{Accept::press_1, "press_1"},
    Word<Accept>{Accept::none,    "none"},
};
inline constexpr std::array kOutsideHours = {
    Word<OutsideHours>{OutsideHours::schedule, "schedule"},
    Word<OutsideHours>{OutsideHours::sms,      "sms"},
};
inline constexpr std::array kRedialUnknowns = {
    Word<RedialUnknown>{RedialUnknown::when_absent, "when_absent"},
    Word<RedialUnknown>{RedialUnknown::never,       "never"},
};
inline constexpr std::array kRecordingStates = {
    Word<RecordingState>{RecordingState::known,    "known"},
    Word<RecordingState>{RecordingState::fetching, "fetching"},
    Word<RecordingState>{RecordingState::archived, "archived"},
    Word<RecordingState>{RecordingState::absent,   "absent"},
    Word<RecordingState>{RecordingState::dead,     "dead"},
};
inline constexpr std::array kRecordingFaults = {
    Word<RecordingFault>{RecordingFault::none,                ""},
    Word<RecordingFault>{RecordingFault::not_there,           "not_there"},
    Word<RecordingFault>{RecordingFault::carrier_refused,     "carrier_refused"},
    Word<RecordingFault>{RecordingFault::carrier_unavailable, "carrier_unavailable"},
    Word<RecordingFault>{RecordingFault::not_audio,           "not_audio"},
    Word<RecordingFault>{RecordingFault::too_large,           "too_large"},
    Word<RecordingFault>{RecordingFault::archive_refused,     "archive_refused"},
    Word<RecordingFault>{RecordingFault::archive_unavailable, "archive_unavailable"},
};
inline constexpr std::array kAudioTypes = {
    Word<AudioType>{AudioType::none, ""},
    Word<AudioType>{AudioType::wav,  "wav"},
    Word<AudioType>{AudioType::mp3,  "mp3"},
};
// clang-format on

constexpr const auto& words_of(State) { return kStates; }
constexpr const auto& words_of(Phase) { return kPhases; }
constexpr const auto& words_of(Reason) { return kReasons; }
constexpr const auto& words_of(AttemptState) { return kAttemptStates; }
constexpr const auto& words_of(View) { return kViews; }
constexpr const auto& words_of(MessageState) { return kMessageStates; }
constexpr const auto& words_of(MessagePurpose) { return kMessagePurposes; }
constexpr const auto& words_of(Cancel) { return kCancels; }
constexpr const auto& words_of(Side) { return kSides; }
constexpr const auto& words_of(TimerKind) { return kTimerKinds; }
constexpr const auto& words_of(OrderKind) { return kOrderKinds; }
constexpr const auto& words_of(Budget) { return kBudgets; }
constexpr const auto& words_of(Taken) { return kTakens; }
constexpr const auto& words_of(Point) { return kPoints; }
constexpr const auto& words_of(Accept) { return kAccepts; }
constexpr const auto& words_of(OutsideHours) { return kOutsideHours; }
constexpr const auto& words_of(RedialUnknown) { return kRedialUnknowns; }
constexpr const auto& words_of(RecordingState) { return kRecordingStates; }
constexpr const auto& words_of(RecordingFault) { return kRecordingFaults; }
constexpr const auto& words_of(AudioType) { return kAudioTypes; }

// "?" is stored for no value: a value without a word is a bug, and reading it back fails.
template <class E>
constexpr std::string_view word(E value) {
  for (const auto& entry : words_of(E{}))
    if (entry.value == value) return entry.word;
  return "?";
}

template <class E>
constexpr std::optional<E> from_word(std::string_view text) {
  for (const auto& entry : words_of(E{}))
    if (entry.word == text) return entry.value;
  return std::nullopt;
}

}  // namespace ringback::storage
