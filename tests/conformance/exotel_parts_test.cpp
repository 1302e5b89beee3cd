// The small parts of Exotel's adapter: times, wordings, texts.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "adapters/carriers/exotel/factory.hpp"
#include "adapters/carriers/exotel/ist_time.hpp"
#include "adapters/carriers/exotel/wording.hpp"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

CarrierSettings settings() {
  CarrierSettings out;
  out.values = {{"account_sid", "northwind1"},
                {"api_key", "key"},
                {"api_token", "token"},
                {"sms_sender", "NRTHWD"},
                {"dlt_entity_id", "1101"},
                {"dlt_code_template_id", "1107"},
                {"dlt_missed_template_id", "1108"}};
  return out;
}

std::unique_ptr<Messenger> messenger(CarrierSettings with = settings()) {
  return std::move(*make_exotel_messenger(with));
}

TextOrder a_text(MessagePurpose purpose, std::string body) {
  TextOrder order;
  order.to = *PhoneNumber::from_e164("+919876500002");
  order.body = std::move(body);
  order.purpose = purpose;
  order.variables = {{"business", "Northwind"}, {"code", "123456"}, {"minutes", "5"}};
  return order;
}

HttpResponse sent(const char* status, const char* code) {
  return {200,
          {},
          fmt::format(R"({{"SMSMessage":{{"Sid":"{}","Status":"{}","DetailedStatusCode":{}}}}})",
                      std::string(32, 'a'), status, code)};
}

}  // namespace

TEST_CASE("exotel's times are India's", "[exotel]") {
  CHECK(exotel::read_time("2026-11-21 19:30:00") == TimePoint{Seconds{1'795'269'600}});
  CHECK(exotel::time_text(TimePoint{Seconds{1'795'269'600}}) == "2026-11-21 19:30:00");
  CHECK(exotel::time_text(TimePoint{Millis{1'795'269'600'999}}) == "2026-11-21 19:30:00");
  CHECK(exotel::read_time("2024-02-29 00:00:00").has_value());
  // Over midnight the day differs.
  CHECK(exotel::time_text(*exotel::read_time("2026-03-01 02:15:09")) == "2026-03-01 02:15:09");
}

TEST_CASE("what has not happened has no time at exotel", "[exotel]") {
  CHECK_FALSE(exotel::read_time("1970-01-01 05:30:00").has_value());
  CHECK_FALSE(exotel::read_time("1970-01-01 00:00:00").has_value());
  CHECK_FALSE(exotel::read_time("0000-00-00 00:00:00").has_value());
  for (const char* text : {"", "null", "2026-11-21", "2026-11-21T19:30:00", "2026-13-01 00:00:00",
                           "2026-02-30 00:00:00", "2026-11-21 24:00:00", "2026-11-21 19:60:00",
                           "2026-11-21 19:30:00 ", "2026-11-2x 19:30:00"}) {
    INFO(text);
    CHECK_FALSE(exotel::read_time(text).has_value());
  }
}

TEST_CASE("a registered wording is checked before it is used", "[exotel]") {
  const auto fault = [](const char* wording) {
    return exotel::fault_in(wording, {"code", "business"}, {"code"});
  };
  CHECK(fault("{code} is your code for {business}.").empty());
  CHECK_THAT(fault("Hello {business}"), Contains("{code}"));
  CHECK_THAT(fault("{code} {colour}"), Contains("{colour}"));
  for (const char* open : {"{code", "code}", "{{code}}", "{code} {", "{a{code}"}) {
    INFO(open);
    CHECK_FALSE(fault(open).empty());
  }
}

TEST_CASE("a wording's variables are filled, cut, and never empty", "[exotel]") {
  const TextVariables variables{
      {"code", "123456"}, {"name", ""}, {"message", std::string(50, 'x')}};
  CHECK(exotel::filled("{code} is your code", variables) == "123456 is your code");
  CHECK(exotel::filled("{name}/{nobody}", variables) == "-/-");
  CHECK_THAT(exotel::filled("{message}", variables), Contains("…"));
  CHECK_FALSE(exotel::filled("{message}", variables) == std::string(50, 'x'));
  CHECK(exotel::filled("no variable", variables) == "no variable");
  // A value is no wording: braces in it stay as they are.
  CHECK(exotel::filled("{code}", {{"code", "{name}"}}) == "{name}");
}

TEST_CASE("exotel's texts carry the ids of their registered wording", "[exotel][messenger]") {
  const auto code = messenger()->send_text(a_text(MessagePurpose::code, "Your code is 123456"));
  CHECK(code.url == "https://api.exotel.com/v1/Accounts/northwind1/Sms/send.json");
  CHECK(code.body ==
        "From=NRTHWD&To=%2B919876500002&Body=Your%20code%20is%20123456&EncodingType=plain"
        "&Priority=high&DltEntityId=1101&DltTemplateId=1107");
  const auto alert = messenger()->send_text(a_text(MessagePurpose::alert, "Callback missed: राम"));
  CHECK_THAT(alert.body, Contains("EncodingType=unicode&Priority=normal"));
  CHECK_THAT(alert.body, Contains("DltTemplateId=1108"));
}

TEST_CASE("a configured wording replaces the program's own", "[exotel][messenger]") {
  auto with = settings();
  with.values["code_text"] = "{code} is your code for {business}, good for {minutes} minutes.";
  const auto request =
      messenger(with)->send_text(a_text(MessagePurpose::code, "the program's words"));
  CHECK_THAT(request.body,
             Contains("Body=123456%20is%20your%20code%20for%20Northwind%2C%20good%20for%205"));
  with.values["missed_text"] = "Call them back";
  CHECK_THAT(make_exotel_messenger(with).error().detail, Contains("{phone}"));
  with.values.erase("missed_text");
  with.values["sms_sender"] = "";
  CHECK_THAT(make_exotel_messenger(with).error().detail, Contains("sms_sender"));
}

TEST_CASE("an exotel text is taken, refused or in doubt, never something else", "[exotel]") {
  const auto read = [](const HttpResponse& response) {
    return messenger()->read_sent(response).taken;
  };
  CHECK(messenger()->read_sent(sent("queued", "21010")).ref == std::string(32, 'a'));
  CHECK(read(sent("submitted", "21020")) == Taken::accepted);
  CHECK(read(sent("failed_dnd", "23005")) == Taken::refused_number);
  CHECK(read(sent("failed-dnd", "null")) == Taken::refused_number);
  CHECK(read(sent("failed", "\"23010\"")) == Taken::refused_number);
  CHECK(read(sent("failed", "23083")) == Taken::refused_number);
  // Every other text would fail as well: the entity, the sender. The others are about this wording.
  CHECK(read(sent("failed", "23081")) == Taken::refused_account);
  CHECK(read(sent("failed", "23072")) == Taken::refused_account);
  for (const auto* code : {"23015", "23080", "23082", "99999", "null"})
    CHECK(read(sent("failed", code)) == Taken::refused_content);
  CHECK(read({200, {}, "{}"}) == Taken::unknown);
  CHECK(read({200, {}, R"({"SMSMessage":{"Sid":"x","Status":"queued"}})"}) == Taken::unknown);
  CHECK(read({503, {}, ""}) == Taken::unknown);
  CHECK(read({429, {}, ""}) == Taken::throttled);
  CHECK(read({401, {}, ""}) == Taken::refused_account);
  CHECK_FALSE(messenger()->profile().can_find_texts);
}
