// Which visitors' numbers we ring and send codes to: by country and by kind of line.
//
// The list of countries is the strongest guard against toll fraud, so it is never empty. Numbers of
// no country (satellites, global services) are refused whatever the list says: libphonenumber takes
// satellite telephones for mobiles. The business's own numbers are not asked here.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain/phone_number.hpp"
#include "core/domain/phone_text.hpp"

namespace ringback {

enum class LineKind : std::uint8_t {
  mobile,
  fixed_or_mobile,  // the plan does not tell them apart, as in the USA
  fixed,
  voip,
  toll_free,
  premium,
  shared_cost,
  personal,
  pager,
  uan,
  voicemail,
  unknown,
};

struct ParsedNumber {
  PhoneNumber number;
  std::string region;  // "US"; "001" for numbers of no country
  int calling_code = 0;
  LineKind kind = LineKind::unknown;
};

struct NumberPolicy {
  std::vector<std::string> allowed_regions;  // "US", "JM": +1 is many countries
  bool must_get_texts = true;                // the number will be proven by SMS
  bool allow_voip = false;                   // anybody can have a thousand of them
};

enum class NumberRefusal : std::uint8_t {
  none,
  country,       // not on the list
  no_country,    // satellite or global service
  cost_or_kind,  // premium, shared cost, personal, UAN, toll-free, pager, voicemail, unknown
  voip,
  cannot_get_text,  // a fixed line, and a code must be sent
};

// phone_not_allowed when it is not none. Static facts about a number: safe to tell the visitor.
NumberRefusal admit_number(const ParsedNumber& parsed, const NumberPolicy& policy);

// One sentence for the visitor: what happened, what to do, what was not done.
std::string_view explain(NumberRefusal refusal);

// The whole way from a plan's answer to a field's error.
struct NumberVerdict {
  std::string_view code;    // "", "phone_invalid" or "phone_not_allowed"
  std::string_view detail;  // "" when it is fine
  PhoneNumber number;       // empty unless it is fine

  bool ok() const noexcept { return code.empty(); }
};
NumberVerdict judge_number(const std::variant<ParsedNumber, NumberProblem>& parsed,
                           const NumberPolicy& policy);

// "+1202555" of +12025550123: numbers that are alike but for their last digits, for counting how
// many different ones somebody asks codes for. Drops 4 or 5 digits.
std::string number_prefix(const PhoneNumber& number, std::size_t digits_dropped);

}  // namespace ringback
