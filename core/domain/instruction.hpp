// What a leg hears next, in the core's words; a carrier's codec puts it into the carrier's markup.
//
// Derived from the state and never ordered: the same question of the same call gets the same
// answer, however often it is asked.
#pragma once

#include <optional>
#include <string>
#include <variant>

#include "core/domain/callback.hpp"
#include "core/domain/event.hpp"
#include "core/domain/situation.hpp"

namespace ringback {

// Say the prompt and wait for one key. Silence is asked about again in round + 1.
struct AskForKey {
  std::string prompt;
  int round = 1;

  friend bool operator==(const AskForKey&, const AskForKey&) = default;
};
// A call that is recorded is announced to both before they hear each other.
struct Announcement {
  std::string to_business;  // said before the visitor is rung
  std::string to_visitor;   // said when the visitor answers, before the two are joined

  friend bool operator==(const Announcement&, const Announcement&) = default;
};
// caller_id is left empty by the core: it belongs to the account, which the shell knows.
struct DialVisitor {
  PhoneNumber visitor;
  PhoneNumber caller_id;
  Seconds ring{30};
  Seconds talk{3600};
  std::optional<Announcement> recorded = std::nullopt;  // none: nothing is recorded

  friend bool operator==(const DialVisitor&, const DialVisitor&) = default;
};
struct SayAndHangUp {
  std::string text;

  friend bool operator==(const SayAndHangUp&, const SayAndHangUp&) = default;
};
struct HangUp {
  friend bool operator==(const HangUp&, const HangUp&) = default;
};

using Instruction = std::variant<AskForKey, DialVisitor, SayAndHangUp, HangUp>;

// What may be said of a callback to the business, as strangers wrote it.
struct Prompts {
  std::string business_name;
  std::string visitor_name;
  std::string about;      // the visitor's message
  bool recorded = false;  // the talk is recorded: both must be told
};

// What both hear of it when the carrier joins them by itself; none: nothing is recorded.
std::optional<Announcement> announcement_for(const Prompts& prompts);

// `after` is the callback as committed with this question.
Instruction instruction_for(const Callback& after, const Questioned& asked, const Rules& rules,
                            const Prompts& prompts);

}  // namespace ringback
