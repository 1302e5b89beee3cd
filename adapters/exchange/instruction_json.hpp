// What the program answers to a question, as the exchange understands it. Strict: one known order
// with known members, or nothing.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback::exchange {

struct Ask {
  std::string prompt;
  int round = 1;
  Seconds wait{10};
};
struct Dial {
  PhoneNumber number;
  PhoneNumber caller_id;  // empty: the account's
  Seconds ring{30};
  Seconds talk{3600};
  std::string say;       // to the business, before the visitor is rung
  std::string announce;  // to the visitor who answers; not empty: the talk is recorded
};
struct Say {
  std::string text;
};
struct End {};
using Command = std::variant<Ask, Dial, Say, End>;

std::optional<Command> parse_command(std::string_view body);

}  // namespace ringback::exchange
