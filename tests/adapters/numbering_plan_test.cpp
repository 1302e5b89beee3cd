#include <catch2/catch.hpp>
#include <thread>

#include "adapters/system/libphonenumber_plan.hpp"

using namespace ringback;

namespace {

const LibphonenumberPlan kPlan;

std::string outcome(std::string_view text, const NumberPolicy& policy,
                    std::string_view region = "US") {
  const auto verdict = judge_number(kPlan.parse(text, region), policy);
  return verdict.ok() ? verdict.number.e164() : std::string(verdict.code);
}

NumberProblem problem(std::string_view text, std::string_view region) {
  const auto parsed = kPlan.parse(text, region);
  REQUIRE(std::holds_alternative<NumberProblem>(parsed));
  return std::get<NumberProblem>(parsed);
}

// Everything is on the list, so that only the kind of number can refuse.
const NumberPolicy kEverywhere{
    .allowed_regions = {"US", "GB", "DE", "JM", "DO", "IN", "IT", "001", "GD"},
    .must_get_texts = false,
    .allow_voip = true};

}  // namespace

TEST_CASE("numbers that nobody has are invalid", "[plan]") {
  for (const auto* text :
       {"+15555550100", "+447700900123", "+14735551234", "+1202555012", "+120255501234", "911",
        "+999123456789", "+0012025550123", "00", "1-800-FLOWERS", "tel:+12025550123",
        "+12025550123;ext=5", "+1 202 555 0123 ext. 5", "+12025550123;phone-context=+1", "", "+"})
    CHECK(outcome(text, kEverywhere) == "phone_invalid");
}

TEST_CASE("a whole number of ten digits is read like one that is typed at home", "[plan]") {
  int valid = 0;
  for (int area = 200; area < 1000; ++area)
    for (const auto* rest : {"2000100", "5550123", "9421234", "0421234", "1421234", "4111111"}) {
      const std::string home = std::to_string(area) + rest;
      INFO(home);
      const auto whole = kPlan.parse("+1 " + home, "US");
      const auto typed = kPlan.parse(home, "US");
      REQUIRE(whole.index() == typed.index());
      if (const auto* found = std::get_if<ParsedNumber>(&whole)) {
        const auto& other = std::get<ParsedNumber>(typed);
        CHECK(found->number == other.number);
        CHECK(found->region == other.region);
        CHECK(found->kind == other.kind);
        CHECK(found->calling_code == other.calling_code);
        ++valid;
      } else {
        CHECK(std::get<NumberProblem>(whole) == std::get<NumberProblem>(typed));
      }
    }
  CHECK(valid > 500);
}

TEST_CASE("a number without a country needs one to be read in", "[plan]") {
  CHECK(problem("2025550123", "") == NumberProblem::no_country);
  CHECK(problem("2025550123", "nowhere") == NumberProblem::no_country);
  CHECK(problem("+12025", "US") == NumberProblem::not_possible);
  CHECK(problem("+15555550100", "US") == NumberProblem::not_valid);
  CHECK(outcome("(202) 555-0123", kEverywhere) == "+12025550123");
  CHECK(outcome("030 901820", kEverywhere, "DE") == "+4930901820");
  CHECK(outcome("098100 12345", kEverywhere, "IN") == "+919810012345");
  CHECK(outcome("011 44 7400 123456", kEverywhere) == "+447400123456");
  CHECK(outcome("06 1234 5678", kEverywhere, "IT") == "+390612345678");  // Italy keeps its zero
}

TEST_CASE("numbers that cost money, or are no telephone, are not allowed", "[plan]") {
  for (const auto* text :
       {"+19005551234", "+448451234567", "+491806123456", "+80812345678", "+447012345678",
        "+443001234567", "+18005551234", "+80012345678", "+870773111632", "+881612345678"}) {
    INFO(text);
    CHECK(outcome(text, kEverywhere) == "phone_not_allowed");
  }
}

TEST_CASE("the list of countries goes by country, not by +1", "[plan]") {
  const NumberPolicy america{.allowed_regions = {"US"}};
  CHECK(outcome("+12025550123", america) == "+12025550123");
  CHECK(outcome("+18765551234", america) == "phone_not_allowed");
  CHECK(outcome("+18095551234", america) == "phone_not_allowed");
  CHECK(outcome("+18765551234", kEverywhere) == "+18765551234");
}

TEST_CASE("a landline cannot get the code", "[plan]") {
  NumberPolicy germany{.allowed_regions = {"DE"}};
  CHECK(outcome("+4930901820", germany) == "phone_not_allowed");
  CHECK(outcome("+4915123456789", germany) == "+4915123456789");
  germany.must_get_texts = false;
  CHECK(outcome("+4930901820", germany) == "+4930901820");
}

TEST_CASE("digits of other alphabets are digits", "[plan]") {
  CHECK(outcome("+\xD9\xA1\xD9\xA2\xD9\xA0\xD9\xA2\xD9\xA5\xD9\xA5\xD9\xA5\xD9\xA0\xD9\xA1\xD9\xA2"
                "\xD9\xA3",
                kEverywhere) == "+12025550123");
}

TEST_CASE("many threads may ask the plan at once", "[plan]") {
  std::vector<std::string> answers(4);
  std::vector<std::thread> threads;
  for (auto& answer : answers)
    threads.emplace_back([&answer] {
      for (int i = 0; i < 200; ++i) answer = outcome("+4915123456789", kEverywhere);
    });
  for (auto& thread : threads) thread.join();
  CHECK(answers == std::vector<std::string>(4, "+4915123456789"));
}
