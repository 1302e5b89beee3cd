// What can happen to a callback, in the past tense. Events carry no personal data and no secret, so
// the journal may keep each of them.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/domain/callback.hpp"

namespace ringback {

enum class TimerKind : std::uint8_t { code, not_before, give_up, poll, doubt, text_doubt };

// How a carrier took an order to ring or to text.
enum class Taken : std::uint8_t {
  accepted,         // `ref` names it
  refused_number,   // this destination cannot be had; nothing rang
  refused_account,  // the account is at fault, so every order would be refused; nothing rang
  refused_content,  // what was to be sent, or how it was asked for, is at fault; nothing rang
  throttled,        // asked to wait; nothing rang
  not_sent,         // provably never reached the carrier
  unknown,          // may have been taken
};

struct Outcome {
  Taken taken = Taken::unknown;
  std::string ref;
  Millis retry_after{0};
  std::string detail;  // for the operator: never a number, never a body

  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// A visitor (or a program) asks to be rung back. proven: no code is needed.
struct Asked {
  bool proven = false;
  bool suppressed = false;  // over a limit that is not told: no code goes out
};
struct CodeEntered {
  bool right = false;
};
struct ResendAsked {
  bool suppressed = false;
};
// The number has an open, proven callback already; this one steps aside.
struct Joined {};
struct CancelAsked {
  Reason by = Reason::by_visitor;
};
struct RetryAsked {
  bool anyway = false;  // dial again although an earlier call may have rung
};
struct TimerRang {
  TimerKind kind = TimerKind::code;
};
struct DialClaimed {
  int attempt = 0;
};
struct DialAnswered {
  int attempt = 0;
  int fence = 0;
  Outcome outcome;
};
// The carrier's list was read. candidates: calls that may be ours and that no attempt has; several,
// or one with a rival attempt to the same number, is ambiguous.
struct LookedUp {
  int attempt = 0;
  int candidates = 0;
  bool rival = false;
  std::string ref;  // of the only candidate
  TimePoint asked_at{};
};
// A process that may have been sending this is dead: an attempt's order, or a message; not both.
struct SenderDied {
  int attempt = 0;
  int message = 0;
};
// A webhook's knowledge of one leg. `ref` always names the business leg of the call.
struct News {
  int attempt = 0;
  std::string ref;
  Side side = Side::business;
  View view = View::none;
  bool declined = false;
  bool machine = false;
  bool never_joined = false;
  bool hint = false;  // unsigned: orders a poll, moves nothing
  int talk_seconds = 0;
};
enum class Point : std::uint8_t { answered, key, dialed };
// The carrier asks what a leg should hear now. It also tells: the business answered, pressed, ...
struct Questioned {
  int attempt = 0;
  std::string ref;
  Point point = Point::answered;
  int round = 1;
  std::string digits;  // empty: silence
  bool machine = false;
};
// Both legs as the carrier shows them when asked.
struct Snapshot {
  int attempt = 0;
  std::string ref;
  bool gone = false;  // no such call
  View business = View::none;
  bool business_declined = false;
  View visitor = View::none;  // none: the carrier shows no visitor leg
  bool visitor_declined = false;
  bool never_joined = false;
  int talk_seconds = 0;
  TimePoint asked_at{};
};
struct TextClaimed {
  int message = 0;
  Digest code_hmac{};  // of the code just drawn, if the message carries one
};
struct TextAnswered {
  int message = 0;
  int fence = 0;
  Outcome outcome;
};
struct TextLookedUp {
  int message = 0;
  bool found = false;
  std::string ref;
  TimePoint asked_at{};
};

using Event = std::variant<Asked, CodeEntered, ResendAsked, Joined, CancelAsked, RetryAsked,
                           TimerRang, DialClaimed, DialAnswered, LookedUp, SenderDied, News,
                           Questioned, Snapshot, TextClaimed, TextAnswered, TextLookedUp>;

}  // namespace ringback
