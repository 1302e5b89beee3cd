#include "core/domain/phone_number.hpp"

#include <catch2/catch.hpp>

using ringback::PhoneNumber;

TEST_CASE("a phone number is E.164 or it is nothing", "[phone]") {
  CHECK(PhoneNumber::from_e164("+12025550123"));
  CHECK_FALSE(PhoneNumber::from_e164("12025550123"));
  CHECK_FALSE(PhoneNumber::from_e164("+02025550123"));
  CHECK_FALSE(PhoneNumber::from_e164("+120255"));
  CHECK_FALSE(PhoneNumber::from_e164("+1234567890123456"));
  CHECK_FALSE(PhoneNumber::from_e164("+1202555012x"));
}

TEST_CASE("a phone number prints itself masked", "[phone]") {
  CHECK(fmt::format("{}", *PhoneNumber::from_e164("+12025550123")) == "+1202•••0123");
  CHECK(fmt::format("{}", *PhoneNumber::from_e164("+4712345")) == "+47•••45");
}
