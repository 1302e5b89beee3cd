#include "core/domain/number_policy.hpp"

#include <catch2/catch.hpp>

using namespace ringback;

namespace {

ParsedNumber american(LineKind kind) {
  return {.number = *PhoneNumber::from_e164("+12025550123"),
          .region = "US",
          .calling_code = 1,
          .kind = kind};
}
const NumberPolicy kAmericaOnly{.allowed_regions = {"US"}};

NumberProblem problem(std::string_view text) {
  const auto read = dialled_digits(text);
  REQUIRE(std::holds_alternative<NumberProblem>(read));
  return std::get<NumberProblem>(read);
}
std::string digits(std::string_view text) {
  const auto read = dialled_digits(text);
  REQUIRE(std::holds_alternative<std::string>(read));
  return std::get<std::string>(read);
}

}  // namespace

TEST_CASE("letters, URIs and extensions are no telephone number", "[number]") {
  for (const auto* text : {"1-800-FLOWERS", "tel:+12025550123", "sip:a@b", "+1 202 555 0123 x5",
                           "+12025550123;ext=5", "+12025550123,,5", "+12025550123#5", "call me"})
    CHECK(problem(text) == NumberProblem::letters);
}

TEST_CASE("what cannot be dialled is refused before anybody looks at it", "[number]") {
  CHECK(problem("") == NumberProblem::empty);
  CHECK(problem(" - ()") == NumberProblem::empty);
  CHECK(problem("+") == NumberProblem::empty);
  CHECK(problem("++12025550123") == NumberProblem::bad_character);
  CHECK(problem("1+2025550123") == NumberProblem::bad_character);
  CHECK(problem("*31#") == NumberProblem::bad_character);
  CHECK(problem("+1202555\n0123") == NumberProblem::bad_character);
  CHECK(problem(std::string_view("+1202\0", 6)) == NumberProblem::bad_character);
  CHECK(problem("+1202\xff") == NumberProblem::bad_character);
  CHECK(problem("+1202\xe2\x80") == NumberProblem::bad_character);
  CHECK(problem("\xD0\x96") == NumberProblem::bad_character);
  CHECK(problem(std::string(65, '1')) == NumberProblem::too_long);
}

TEST_CASE("people's ways of writing a number are understood", "[number]") {
  CHECK(digits("+1 (202) 555-0123") == "+12025550123");
  CHECK(digits("202.555.0123") == "2025550123");
  CHECK(digits("030/1234567") == "0301234567");
  CHECK(digits("\xE2\x80\xAA+1\xC2\xA0"
               "202\xE2\x80\x91"
               "555\xE2\x80\x93"
               "0123\xE2\x80\xAC") == "+12025550123");
  CHECK(digits("\xD9\xA1\xD9\xA2\xDB\xB3") == "123");              // Arabic-Indic, Persian
  CHECK(digits("\xEF\xBC\x8B\xEF\xBC\x91\xEF\xBC\x99") == "+19");  // full width
}

TEST_CASE("only the listed countries are called, and +1 is many countries", "[number]") {
  auto jamaica = american(LineKind::mobile);
  jamaica.region = "JM";
  CHECK(admit_number(jamaica, kAmericaOnly) == NumberRefusal::country);
  CHECK(admit_number(jamaica, {.allowed_regions = {"US", "JM"}}) == NumberRefusal::none);
  CHECK(admit_number(american(LineKind::mobile), NumberPolicy{}) == NumberRefusal::country);
}

TEST_CASE("satellites are refused even where the list or the kind would admit them", "[number]") {
  for (const int code : {870, 878, 881, 882, 883, 888, 979}) {
    ParsedNumber satellite = american(LineKind::mobile);
    satellite.calling_code = code;
    CHECK(admit_number(satellite, kAmericaOnly) == NumberRefusal::no_country);
  }
  ParsedNumber global = american(LineKind::mobile);
  global.region = "001";
  CHECK(admit_number(global, {.allowed_regions = {"US", "001"}}) == NumberRefusal::no_country);
}

TEST_CASE("kinds of line that cost money or prove nothing are refused", "[number]") {
  for (const auto kind :
       {LineKind::premium, LineKind::shared_cost, LineKind::personal, LineKind::pager,
        LineKind::uan, LineKind::voicemail, LineKind::toll_free, LineKind::unknown})
    CHECK(admit_number(american(kind),
                       {.allowed_regions = {"US"}, .must_get_texts = false, .allow_voip = true}) ==
          NumberRefusal::cost_or_kind);
  CHECK(admit_number(american(LineKind::mobile), kAmericaOnly) == NumberRefusal::none);
  CHECK(admit_number(american(LineKind::fixed_or_mobile), kAmericaOnly) == NumberRefusal::none);
}

TEST_CASE("a landline is fine unless it must get a text", "[number]") {
  CHECK(admit_number(american(LineKind::fixed), kAmericaOnly) == NumberRefusal::cannot_get_text);
  CHECK(admit_number(american(LineKind::fixed),
                     {.allowed_regions = {"US"}, .must_get_texts = false}) == NumberRefusal::none);
  CHECK(admit_number(american(LineKind::voip), kAmericaOnly) == NumberRefusal::voip);
  CHECK(admit_number(american(LineKind::voip), {.allowed_regions = {"US"}, .allow_voip = true}) ==
        NumberRefusal::none);
}

TEST_CASE("every refusal has a code and a sentence", "[number]") {
  for (const auto kind : {LineKind::premium, LineKind::fixed, LineKind::voip}) {
    const auto verdict = judge_number(american(kind), kAmericaOnly);
    CHECK(verdict.code == "phone_not_allowed");
    CHECK(verdict.detail.find("nothing was sent or dialled") != std::string_view::npos);
    CHECK(verdict.number.empty());
  }
  for (const auto why : {NumberProblem::empty, NumberProblem::too_long, NumberProblem::letters,
                         NumberProblem::bad_character, NumberProblem::no_country,
                         NumberProblem::not_possible, NumberProblem::not_valid}) {
    const auto verdict = judge_number(why, kAmericaOnly);
    CHECK(verdict.code == "phone_invalid");
    CHECK(verdict.detail.size() > 20);
  }
  const auto fine = judge_number(american(LineKind::mobile), kAmericaOnly);
  CHECK(fine.ok());
  CHECK(fine.number.e164() == "+12025550123");
}

TEST_CASE("a number's prefix is shared by its neighbours", "[number]") {
  const auto number = *PhoneNumber::from_e164("+12025550123");
  CHECK(number_prefix(number, 4) == "+1202555");
  CHECK(number_prefix(number, 5) == "+120255");
  CHECK(number_prefix(PhoneNumber{}, 4).empty());
}
