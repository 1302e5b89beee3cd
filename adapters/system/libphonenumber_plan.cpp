#include "adapters/system/libphonenumber_plan.hpp"

#include <phonenumbers/logger.h>
#include <phonenumbers/phonenumberutil.h>

#include <array>
#include <mutex>

namespace ringback {
namespace {

using i18n::phonenumbers::PhoneNumberUtil;
using Util = PhoneNumberUtil;

struct KindName {
  Util::PhoneNumberType theirs;
  LineKind ours;
};
// clang-format off
constexpr std::array kKinds{
    KindName{Util::MOBILE,               LineKind::mobile},
    KindName{Util::FIXED_LINE_OR_MOBILE, LineKind::fixed_or_mobile},
    KindName{Util::FIXED_LINE,           LineKind::fixed},
    KindName{Util::VOIP,                 LineKind::voip},
    KindName{Util::TOLL_FREE,            LineKind::toll_free},
    KindName{Util::PREMIUM_RATE,         LineKind::premium},
    KindName{Util::SHARED_COST,          LineKind::shared_cost},
    KindName{Util::PERSONAL_NUMBER,      LineKind::personal},
    KindName{Util::PAGER,                LineKind::pager},
    KindName{Util::UAN,                  LineKind::uan},
    KindName{Util::VOICEMAIL,            LineKind::voicemail},
};
// clang-format on

LineKind kind_of(Util::PhoneNumberType type) {
  for (const KindName& row : kKinds)
    if (row.theirs == type) return row.ours;
  return LineKind::unknown;
}

// A whole number of the plan whose numbers all have ten digits: nothing of it is ever stripped or
// exchanged, so it need not be read by the library's patterns, which is a third of all of its work.
bool is_whole_nanp(std::string_view dialled) {
  return dialled.size() == 12 && dialled.starts_with("+1") && dialled[2] >= '2';
}

Util::ErrorType read(const Util& util, const std::string& dialled, std::string_view default_region,
                     i18n::phonenumbers::PhoneNumber& found) {
  if (!is_whole_nanp(dialled))
    return util.Parse(dialled, default_region.empty() ? "ZZ" : std::string(default_region), &found);
  found.set_country_code(1);
  found.set_national_number(std::stoull(dialled.substr(2)));
  return Util::NO_PARSING_ERROR;
}

NumberProblem problem_of(Util::ErrorType error) {
  return error == Util::INVALID_COUNTRY_CODE_ERROR ? NumberProblem::no_country
                                                   : NumberProblem::not_possible;
}

}  // namespace

LibphonenumberPlan::LibphonenumberPlan() {
  // The library writes the numbers it does not like to standard output; numbers are personal data.
  static std::once_flag once;
  std::call_once(once, [] { Util::GetInstance()->SetLogger(new i18n::phonenumbers::NullLogger); });
}

// Parsing and classifying are half of what a new callback costs (10 us), so each is done once:
// IsValidNumber() would classify a second time, and is by definition "has a known type". Should it
// ever matter, a cache of (region, kind) belongs here, keyed by the whole number: plans split
// ranges down to single digits, so a key by prefix would be wrong sometimes.
std::variant<ParsedNumber, NumberProblem> LibphonenumberPlan::parse(
    std::string_view text, std::string_view default_region) const {
  const auto dialled = dialled_digits(text);
  if (const auto* problem = std::get_if<NumberProblem>(&dialled)) return *problem;

  const auto& util = *Util::GetInstance();
  i18n::phonenumbers::PhoneNumber found;
  const auto error = read(util, std::get<std::string>(dialled), default_region, found);
  if (error != Util::NO_PARSING_ERROR) return problem_of(error);

  ParsedNumber parsed;
  parsed.calling_code = found.country_code();
  parsed.kind = kind_of(util.GetNumberType(found));
  if (parsed.kind == LineKind::unknown)
    return util.IsPossibleNumber(found) ? NumberProblem::not_valid : NumberProblem::not_possible;
  util.GetRegionCodeForNumber(found, &parsed.region);
  std::string e164;
  util.Format(found, Util::E164, &e164);
  const auto number = PhoneNumber::from_e164(e164);
  if (!number) return NumberProblem::not_possible;
  parsed.number = *number;
  return parsed;
}

}  // namespace ringback
