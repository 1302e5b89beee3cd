#include "tests/conformance/twilio_fixture.hpp"

#include <fmt/format.h>

#include "adapters/carriers/registry.hpp"
#include "adapters/carriers/twilio/signature.hpp"
#include "tests/support/catch.hpp"
#include "tests/support/openssl_hmac.hpp"

namespace ringback::twilio_test {

CarrierSettings settings() {
  CarrierSettings out;
  out.values = {{"account_sid", kAccount},
                {"auth_token", kToken},
                {"from", "+12025550199"},
                {"base_url", "https://api.twilio.example/"}};
  out.hmac_sha1 = test::openssl_hmac_sha1;
  out.sha256 = test::openssl_sha256;
  return out;
}

std::unique_ptr<Carrier> carrier(const CarrierSettings& from) {
  auto made = make_carrier("twilio", from);
  INFO((made ? "" : made.error().detail));
  REQUIRE(made.has_value());
  return std::move(*made);
}

std::unique_ptr<Messenger> messenger(const CarrierSettings& from) {
  auto made = make_messenger("twilio", from);
  INFO((made ? "" : made.error().detail));
  REQUIRE(made.has_value());
  return std::move(*made);
}

Webhook signed_with(Webhook letter, const std::string& token) {
  const auto text =
      twilio::signed_text(letter.request.url, twilio::form_fields(letter.request.body));
  const auto digest = test::openssl_hmac_sha1(token, text);
  letter.request.headers = {
      {"Content-Type", "application/x-www-form-urlencoded; charset=UTF-8"},
      {"X-Twilio-Signature",
       base64({reinterpret_cast<const char*>(digest.data()), digest.size()})}};
  return letter;
}

Webhook letter(const std::string& point, const Fields& fields, int round) {
  Webhook webhook;
  webhook.point = point;
  webhook.round = round;
  webhook.token = "token";
  Fields all{{"AccountSid", kAccount}, {"ApiVersion", "2010-04-01"}};
  all.insert(all.end(), fields.begin(), fields.end());
  const auto path = point == "gate" ? fmt::format("gate/{}", round) : point;
  webhook.request = {"POST", kHook + "/" + path, {}, form_encoded(all)};
  return signed_with(std::move(webhook), kToken);
}

HttpResponse refusal(int status, int code) {
  return {status,
          {{"Content-Type", "application/json"}},
          fmt::format(R"({{"code":{0},"message":"The number +12025550100 is wrong","more_info":)"
                      R"("https://www.twilio.com/docs/errors/{0}","status":{1}}})",
                      code, status)};
}

std::string call_json(const std::string& sid, const std::string& status,
                      const std::string& duration, const std::string& parent) {
  return fmt::format(
      R"({{"sid":"{}","status":"{}","duration":{},"parent_call_sid":{},"answered_by":null,)"
      R"("date_created":"Tue, 31 Aug 2010 20:36:28 +0000","price":null,"queue_time":"0"}})",
      sid, status, duration, parent == "null" ? parent : '"' + parent + '"');
}

HttpResponse call(const std::string& status) { return {200, {}, call_json(kCall, status)}; }

HttpResponse list(const std::string& rows, const std::string& next) {
  return {200,
          {},
          fmt::format(R"({{"calls":[{}],"page":0,"page_size":50,"next_page_uri":{}}})", rows,
                      next == "null" ? next : '"' + next + '"')};
}

}  // namespace ringback::twilio_test
