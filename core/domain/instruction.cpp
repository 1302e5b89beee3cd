#include "core/domain/instruction.hpp"

#include <fmt/format.h>

#include "core/domain/plain_text.hpp"

namespace ringback {
namespace {

constexpr std::size_t kMostName = 40;
constexpr std::size_t kMostAbout = 120;

std::string without_full_stop(std::string text) {
  while (!text.empty() && std::string_view(".!?,;: ").find(text.back()) != std::string_view::npos)
    text.pop_back();
  return text;
}

// For the ear: who, what about, and the key last.
std::string whisper(const Prompts& prompts) {
  const auto name = without_full_stop(speakable(prompts.visitor_name, kMostName));
  const auto business = without_full_stop(speakable(prompts.business_name, kMostName));
  const auto about = without_full_stop(speakable(prompts.about, kMostAbout));
  return fmt::format("{} asks {} to call back{}{}. {}To be connected, press 1.",
                     name.empty() ? "A visitor" : name, business.empty() ? "you" : business,
                     about.empty() ? "" : " about: ", about,
                     prompts.recorded ? "This call will be recorded. " : "");
}

std::string visitor_outcome(const Leg& leg) {
  if (leg.declined) return "The visitor declined the call. Good-bye.";
  switch (leg.view) {
    case View::busy:
      return "The visitor's line was busy. Good-bye.";
    case View::no_answer:
      return "The visitor did not answer. Good-bye.";
    case View::failed:
      return "The visitor could not be reached. Good-bye.";
    default:
      return "The call to the visitor is over. Good-bye.";
  }
}

Instruction after_dial(const Attempt& a) {
  // Answered and not yet known to be over: they were joined, as far as anybody knows.
  if (talked(a) || a.visitor_leg.view == View::answered) return HangUp{};
  return SayAndHangUp{visitor_outcome(a.visitor_leg)};
}

Instruction behind_gate(const Callback& c, const Attempt& a, const Rules& rules,
                        const Prompts& prompts) {
  if (is_final(a.visitor_leg.view)) return after_dial(a);
  // The business is told here, too: an early key cuts the question short, and what it says of that.
  return DialVisitor{c.visitor.phone,
                     {},
                     std::chrono::duration_cast<Seconds>(rules.visitor_ring),
                     std::chrono::duration_cast<Seconds>(rules.talk),
                     announcement_for(prompts)};
}

}  // namespace

std::optional<Announcement> announcement_for(const Prompts& prompts) {
  if (!prompts.recorded) return std::nullopt;
  const auto business = without_full_stop(speakable(prompts.business_name, kMostName));
  return Announcement{
      .to_business = "This call will be recorded.",
      .to_visitor = fmt::format("This is the call that you asked {} for. It is recorded. If you do "
                                "not agree, please hang up now.",
                                business.empty() ? "us" : business)};
}

Instruction instruction_for(const Callback& after, const Questioned& asked, const Rules& rules,
                            const Prompts& prompts) {
  const Attempt* a = attempt_of(after, asked.attempt);
  if (a == nullptr || a->state != AttemptState::placed || a->ref.empty() || a->ref != asked.ref)
    return HangUp{};
  if (after.state == State::cancelled)
    return SayAndHangUp{"The visitor no longer wishes to be called. Good-bye."};
  if (is_final(after.state) || a->machine) return HangUp{};
  if (asked.point == Point::dialed) return after_dial(*a);
  if (a->gate_open) return behind_gate(after, *a, rules, prompts);
  if (a->key_refused) return SayAndHangUp{"You are not being connected. Good-bye."};
  if (is_final(a->business_leg.view)) return HangUp{};
  if (asked.point == Point::answered) return AskForKey{whisper(prompts), 1};
  return AskForKey{whisper(prompts), 2};
}

}  // namespace ringback
