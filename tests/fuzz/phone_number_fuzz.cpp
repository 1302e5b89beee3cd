// What somebody typed as a number, all the way to the verdict.
#include <algorithm>
#include <string>

#include "adapters/system/libphonenumber_plan.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LibphonenumberPlan plan;
  static const NumberPolicy policy{.allowed_regions = {"US", "DE", "IN"}};
  const auto text = fuzz::text_of(data, size);

  const auto dialled = dialled_digits(text);
  if (const auto* digits = std::get_if<std::string>(&dialled)) {
    must(digits->find_first_not_of("+0123456789") == std::string::npos, "only digits and '+'");
    must(digits->rfind('+') == std::string::npos || digits->rfind('+') == 0, "'+' only in front");
  }
  if (const auto number = PhoneNumber::from_e164(text)) {
    must(number->e164() == text, "a number is what was written");
    must(number->masked() != number->e164(), "a number prints itself masked");
  }
  for (const std::string_view region : {"", "US", "DE"}) {
    const auto parsed = plan.parse(text, region);
    const auto verdict = judge_number(parsed, policy);
    if (!verdict.ok()) {
      must(!verdict.detail.empty() && verdict.number.empty(), "a refusal says why");
      continue;
    }
    const auto& found = std::get<ParsedNumber>(parsed);
    must(std::find(policy.allowed_regions.begin(), policy.allowed_regions.end(), found.region) !=
             policy.allowed_regions.end(),
         "only listed countries are rung");
    const auto again = plan.parse(verdict.number.e164(), "");
    must(judge_number(again, policy).number == verdict.number, "E.164 is read as itself");
    number_prefix(verdict.number, 4);
  }
  return 0;
}
