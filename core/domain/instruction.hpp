// What a leg hears next, in the core's words; a carrier's codec puts it into the carrier's markup.
#pragma once

#include <string>
#include <variant>

#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback {

// Say the prompt and wait for one key. Silence is asked about again in round + 1.
struct AskForKey {
  std::string prompt;
  int round = 1;
};
struct DialVisitor {
  PhoneNumber visitor;
  PhoneNumber caller_id;
  Seconds ring{30};
  Seconds talk{3600};
};
struct SayAndHangUp {
  std::string text;
};
struct HangUp {};

using Instruction = std::variant<AskForKey, DialVisitor, SayAndHangUp, HangUp>;

}  // namespace ringback
