#include "core/domain/verification.hpp"

#include <catch2/catch.hpp>

#include "core/domain/gsm7.hpp"
#include "core/domain/utf8.hpp"

using namespace ringback;

TEST_CASE("numbers that would make some codes likelier make none", "[code]") {
  CHECK_FALSE(code_from(4'294'000'000));
  CHECK_FALSE(code_from(4'294'967'295));
  CHECK(code_from(4'293'999'999) == "999999");
  CHECK(code_from(0) == "000000");
  CHECK(code_from(1'000'042) == "000042");
}

TEST_CASE("only six digits are a code", "[code]") {
  for (const auto* text : {"", "12345", "1234567", "12345a", "-----",
                           "\xD9\xA1"
                           "12345"})
    CHECK_FALSE(read_code(text));
  CHECK_FALSE(read_code(std::string(1000, ' ') + "123456"));
  CHECK(read_code(" 123 456 ") == "123456");
  CHECK(read_code("123-456") == "123456");
}

TEST_CASE("texts come with growing pauses, three at most", "[code]") {
  const TimePoint sent{Millis{1'800'000'000'000}};
  CHECK(resend_at(0, sent) == sent);
  CHECK(resend_at(1, sent) == sent + Seconds{60});
  CHECK(resend_at(2, sent) == sent + Seconds{120});
  CHECK_FALSE(resend_at(3, sent));
  CHECK_FALSE(resend_at(1'000'000, sent));
  CHECK(resend_at(2, sent, Seconds{10}) == sent + Seconds{20});
}

TEST_CASE("tries run out and stay out", "[code]") {
  CHECK(tries_left(0) == 5);
  CHECK(tries_left(4) == 1);
  CHECK(tries_left(5) == 0);
  CHECK(tries_left(6) == 0);
  CHECK(tries_left(2, 3) == 1);
}

TEST_CASE("a brand can carry neither a link nor another alphabet", "[code]") {
  CHECK(brand_for_sms("https://evil.example/x") == "httpsevilexamplex");
  CHECK(brand_for_sms("\xF0\x9F\x98\x80\xE4\xBD\xA0") == "Our team");
  CHECK(brand_for_sms("") == "Our team");
  CHECK(brand_for_sms("\xff\xfe"
                      "Acme\n\n@x #1") == "Acmex 1");
  CHECK(brand_for_sms("  Acme   Inc.  ") == "Acme Inc");
  CHECK(brand_for_sms("M\xC3\xBCller & S\xC3\xB6hne") == "M\xC3\xBCller & S\xC3\xB6hne");
  CHECK(brand_for_sms("Joe\xE2\x80\x99s") == "Joe's");
  CHECK(brand_for_sms("A name that is much too long") == "A name that is much");
}

TEST_CASE("the text is one segment, and its last line is for the phone", "[code]") {
  CHECK(code_sms("Acme", "123456", Seconds{300}, "widget.example.com") ==
        "Acme: 123456 is your code. Valid 5 min. Do not share it.\n\n@widget.example.com #123456");
  CHECK(code_sms("Acme", "123456", Seconds{30}, "").find("Valid 30 s.") != std::string::npos);
  for (const std::string& host : {std::string(200, 'a'), std::string("evil.example #999999 @x"),
                                  std::string("a\nb"), std::string("[::1]")})
    CHECK(code_sms("Acme", "123456", Seconds{300}, host) ==
          "Acme: 123456 is your code. Valid 5 min. Do not share it.");
  for (std::size_t length = 1; length < 120; ++length) {
    const auto text = code_sms("\xC3\x84\xC3\xA4\xC3\x84\xC3\xA4 very long brand name", "000000",
                               kLongestCodeLife, std::string(length, 'h'));
    REQUIRE(gsm7_septets(text));
    REQUIRE(*gsm7_septets(text) <= kSegmentSeptets);
  }
}

TEST_CASE("the digest is bound to challenge, number and code", "[code]") {
  CHECK(code_binding_text("chal_01", *PhoneNumber::from_e164("+15555550100"), "123456") ==
        "v1|chal_01|+15555550100|123456");
}

TEST_CASE("the alphabet of text messages counts what it must", "[gsm7]") {
  CHECK(gsm7_septets(std::string_view("Hello @\xC3\xA9")) == 8);
  CHECK(gsm7_septets(std::string_view("[\xE2\x82\xAC]")) == 6);
  CHECK_FALSE(gsm7_septets(std::string_view("\xC3\xAD")));  // i with acute is not in it
  CHECK_FALSE(gsm7_septets(std::string_view("\xff")));
  CHECK(gsm7_septets(std::string_view("")) == 0);
}

TEST_CASE("bytes that are not UTF-8 are not characters", "[utf8]") {
  for (std::string_view bytes :
       {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80",
        "\xF8\x88\x80\x80\x80", "\xC3", "\xE2\x82", "\xC3(", "\xFF"})
    CHECK_FALSE(next_character(bytes));
  std::string_view text = "a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80";
  CHECK(next_character(text) == U'a');
  CHECK(next_character(text) == U'\u00e9');
  CHECK(next_character(text) == U'\u20ac');
  CHECK(next_character(text) == U'\U0001F600');
  CHECK(text.empty());
}
