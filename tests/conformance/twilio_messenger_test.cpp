#include <fmt/format.h>

#include "tests/conformance/twilio_fixture.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::twilio_test;
using Catch::Matchers::Contains;

namespace {

const TextOrder kCode{*PhoneNumber::from_e164("+12025550123"), "Your code is 123456 – Café",
                      Seconds{300}};
const std::string kText = "SM00000000000000000000000000000001";
const FindTextOrder kFind{kCode.to, TimePoint{Millis{1'000}}, TimePoint{Millis{9'000}}};

HttpResponse texts(const std::string& rows, const std::string& next = "null") {
  return {200, {}, fmt::format(R"({{"messages":[{}],"next_page_uri":{}}})", rows, next)};
}

std::string row(const std::string& body, int second) {
  return fmt::format(R"({{"sid":"{}","body":"{}","status":"sent","error_code":null,)"
                     R"("date_created":"Thu, 01 Jan 1970 00:00:{:02} +0000"}})",
                     kText, body, second);
}

}  // namespace

TEST_CASE("a code's text says how long it is good", "[messenger][twilio]") {
  const auto request = messenger()->send_text(kCode);
  CHECK_THAT(request.url, Contains("/Messages.json"));
  CHECK(form_decoded(request.body) == Fields{{"To", "+12025550123"},
                                             {"From", "+12025550199"},
                                             {"Body", "Your code is 123456 – Café"},
                                             {"ValidityPeriod", "300"}});
  const auto alert = messenger()->send_text({kCode.to, "A visitor asks", Seconds{0}});
  CHECK_THAT(alert.body, !Contains("ValidityPeriod"));
}

TEST_CASE("a messaging service, or a sender of its own, stands in for the number",
          "[messenger][twilio]") {
  auto with = settings();
  with.values["sms_from"] = "Northwind";
  CHECK_THAT(messenger(with)->send_text(kCode).body, Contains("From=Northwind"));
  with.values["sms_from"] = "";
  with.values["messaging_service_sid"] = "MG00000000000000000000000000000001";
  const auto body = messenger(with)->send_text(kCode).body;
  CHECK_THAT(body, Contains("MessagingServiceSid=MG0") && !Contains("From="));
}

TEST_CASE("how a text was taken: the carrier's own yes or no, else unknown",
          "[messenger][twilio]") {
  const auto read = [](const HttpResponse& r) { return messenger()->read_sent(r); };
  CHECK(read({201, {}, R"({"sid":")" + kText + R"(","status":"queued"})"}).ref == kText);
  CHECK(read({201, {}, R"({"sid":"CA00000000000000000000000000000001"})"}).taken == Taken::unknown);
  CHECK(read({500, {}, R"({"sid":")" + kText + "\"}"}).taken == Taken::unknown);
  CHECK(read({400, {}, "<html>"}).taken == Taken::unknown);
  for (const int code : {21211, 21610, 21614, 21408, 30006, 21612, 21606, 21608})
    CHECK(read(refusal(400, code)).taken == Taken::refused_number);
  // Every other text would be refused as well.
  for (const int code : {30034, 20003, 20005, 21603, 30002})
    CHECK(read(refusal(400, code)).taken == Taken::refused_account);
  for (const int code : {21617, 21602, 21618, 30007})
    CHECK(read(refusal(400, code)).taken == Taken::refused_content);
  for (const int code : {14107, 21611, 63018})
    CHECK(read(refusal(400, code)).taken == Taken::throttled);
  CHECK_THAT(read(refusal(400, 21610)).detail, Contains("opted out"));
}

TEST_CASE("texts are found by their body inside the window", "[messenger][twilio]") {
  CHECK_THAT(messenger()->find_texts(kFind).url,
             Contains("/Messages.json?To=%2B12025550123&PageSize=200"));
  const auto found =
      messenger()->read_found(kFind, texts(row("in time", 5) + "," + row("too late", 30)));
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  CHECK(found->front().body == "in time");
  CHECK(found->front().ref == kText);
}

TEST_CASE("a list of texts that cannot be read whole proves nothing", "[messenger][twilio]") {
  const auto bad = GENERATE(HttpResponse{200, {}, "{}"}, HttpResponse{500, {}, texts("").body},
                            HttpResponse{404, {}, "no"}, texts(row("one", 5), "\"/next\""),
                            texts(R"({"sid":"x","body":"y"})"), texts("7"));
  CHECK_FALSE(messenger()->read_found(kFind, bad).has_value());
}
