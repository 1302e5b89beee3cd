#include "core/domain/number_policy.hpp"

#include <algorithm>
#include <array>

namespace ringback {
namespace {

constexpr std::string_view kNoCountry = "001";
// Inmarsat, reserved for it (878 UPT), Iridium and Globalstar, international networks, disaster
// relief, and premium rate of no country.
constexpr std::array kWorldCodes{870, 878, 881, 882, 883, 888, 979};

struct KindRule {
  LineKind kind;
  NumberRefusal refusal;
};
// clang-format off
constexpr std::array kKinds{
    KindRule{LineKind::mobile,          NumberRefusal::none},
    KindRule{LineKind::fixed_or_mobile, NumberRefusal::none},
    KindRule{LineKind::fixed,           NumberRefusal::cannot_get_text},  // unless no text is sent
    KindRule{LineKind::voip,            NumberRefusal::voip},             // unless allowed
    KindRule{LineKind::toll_free,       NumberRefusal::cost_or_kind},
    KindRule{LineKind::premium,         NumberRefusal::cost_or_kind},
    KindRule{LineKind::shared_cost,     NumberRefusal::cost_or_kind},
    KindRule{LineKind::personal,        NumberRefusal::cost_or_kind},     // UK 070: toll fraud
    KindRule{LineKind::pager,           NumberRefusal::cost_or_kind},
    KindRule{LineKind::uan,             NumberRefusal::cost_or_kind},
    KindRule{LineKind::voicemail,       NumberRefusal::cost_or_kind},
    KindRule{LineKind::unknown,         NumberRefusal::cost_or_kind},
};

struct Explanation {
  NumberRefusal refusal;
  std::string_view text;
};
constexpr std::array kExplanations{
    Explanation{NumberRefusal::none, ""},
    Explanation{NumberRefusal::country, "We cannot call numbers of that country. Enter a number of a country on the list; nothing was sent or dialled."},
    Explanation{NumberRefusal::no_country, "We cannot call satellite and global service numbers. Enter an ordinary number; nothing was sent or dialled."},
    Explanation{NumberRefusal::cost_or_kind, "We cannot call numbers of that kind. Enter your own mobile number; nothing was sent or dialled."},
    Explanation{NumberRefusal::voip, "We cannot call internet telephone numbers. Enter a mobile number; nothing was sent or dialled."},
    Explanation{NumberRefusal::cannot_get_text, "We must send a text message with a code, and a landline cannot get one. Enter a mobile number; nothing was sent or dialled."},
};
// clang-format on

bool contains(const std::vector<std::string>& list, std::string_view text) {
  return std::find(list.begin(), list.end(), text) != list.end();
}

NumberRefusal refusal_of(LineKind kind) {
  for (const KindRule& rule : kKinds)
    if (rule.kind == kind) return rule.refusal;
  return NumberRefusal::cost_or_kind;
}

}  // namespace

NumberRefusal admit_number(const ParsedNumber& parsed, const NumberPolicy& policy) {
  const bool world_code =
      std::find(kWorldCodes.begin(), kWorldCodes.end(), parsed.calling_code) != kWorldCodes.end();
  if (parsed.region == kNoCountry || world_code) return NumberRefusal::no_country;
  if (!contains(policy.allowed_regions, parsed.region)) return NumberRefusal::country;
  const NumberRefusal refusal = refusal_of(parsed.kind);
  if (refusal == NumberRefusal::cannot_get_text && !policy.must_get_texts)
    return NumberRefusal::none;
  if (refusal == NumberRefusal::voip && policy.allow_voip) return NumberRefusal::none;
  return refusal;
}

std::string_view explain(NumberRefusal refusal) {
  for (const Explanation& row : kExplanations)
    if (row.refusal == refusal) return row.text;
  return {};
}

NumberVerdict judge_number(const std::variant<ParsedNumber, NumberProblem>& parsed,
                           const NumberPolicy& policy) {
  if (const auto* problem = std::get_if<NumberProblem>(&parsed))
    return {.code = "phone_invalid", .detail = explain(*problem), .number = {}};
  const auto& found = std::get<ParsedNumber>(parsed);
  const NumberRefusal refusal = admit_number(found, policy);
  if (refusal != NumberRefusal::none)
    return {.code = "phone_not_allowed", .detail = explain(refusal), .number = {}};
  return {.code = {}, .detail = {}, .number = found.number};
}

std::string number_prefix(const PhoneNumber& number, std::size_t digits_dropped) {
  const std::string& e164 = number.e164();
  return e164.substr(0, e164.size() - std::min(digits_dropped, e164.size()));
}

}  // namespace ringback
