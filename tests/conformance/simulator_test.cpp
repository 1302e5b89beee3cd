#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "adapters/carriers/registry.hpp"
#include "tests/conformance/carrier_suite.hpp"
#include "tests/support/openssl_hmac.hpp"

using namespace ringback;
using namespace ringback::conformance;

namespace {

constexpr const char* kKey = "a key of this test";
const std::string kHook = "https://ring.example/hooks/simulator/simulator/token";
const TimePoint kNow{Seconds{1'795'000'000}};

CarrierSettings settings() {
  return {{{"base_url", "http://127.0.0.1:9999"},
           {"secret", "secret"},
           {"sign_key", kKey},
           {"from", "+12025550100"}},
          test::openssl_hmac};
}

Webhook signed_with(Webhook letter, std::string_view key, TimePoint at = kNow) {
  const auto t = std::chrono::duration_cast<Seconds>(at.time_since_epoch()).count();
  const auto text = fmt::format("{}.{}.{}", t, letter.request.url, letter.request.body);
  std::string hex;
  for (const auto byte : test::openssl_hmac(key, text)) hex += fmt::format("{:02x}", byte);
  letter.request.headers = {{"Content-Type", "application/json"},
                            {"X-Simulator-Signature", fmt::format("t={},v1={}", t, hex)}};
  return letter;
}

Webhook letter(const std::string& point, int round, std::string body) {
  Webhook webhook;
  webhook.point = point;
  webhook.round = round;
  webhook.token = "token";
  webhook.received_at = kNow;
  const auto path = point == "key" ? fmt::format("key/{}", round) : point;
  webhook.request = {"POST", kHook + "/" + path, {}, std::move(body)};
  return signed_with(webhook, kKey);
}

Webhook status(int no, const char* side, const char* state, const char* cause, bool machine = false,
               bool joined = false, int talk = 0) {
  return letter("status", 1,
                fmt::format(R"({{"status":"{}","cause":"{}","machine":{},"joined":{},)"
                            R"("talk_seconds":{},"id":"letter-b-{}","call":"call-b-1",)"
                            R"("leg":"call-b-1","side":"{}","at_ms":1}})",
                            state, cause, machine, joined, talk, no, side));
}

Webhook recording(int no, const std::string& name, const char* status, int seconds) {
  return letter("recording", 1,
                fmt::format(R"({{"id":"letter-b-{}","call":"call-b-1","recording":"{}",)"
                            R"("status":"{}","seconds":{},"at_ms":1}})",
                            no, name, status, seconds));
}

Webhook question(int no, const char* point, int round, const char* digits, bool machine) {
  return letter(point, round,
                fmt::format(R"({{"id":"letter-b-{}","call":"call-b-1","point":"{}","round":{},)"
                            R"("digits":"{}","machine":{},"visitor":null,"at_ms":1}})",
                            no, point, round, digits, machine));
}

News news(Side side, View view) {
  News out;
  out.ref = "call-b-1";
  out.side = side;
  out.view = view;
  return out;
}

Questioned asked(Point point, int round, std::string digits, bool machine) {
  return {0, "call-b-1", point, round, std::move(digits), machine};
}

HttpResponse refusal(int status, const char* code) {
  return {status, {}, fmt::format(R"({{"code":"{}","message":"m","status":{}}})", code, status)};
}

HttpResponse call(const std::string& leg, const std::string& visitor) {
  return {
      200, {}, fmt::format(R"({{"id":"call-b-1","created_ms":5,{},"visitor":{}}})", leg, visitor)};
}

}  // namespace

TEST_CASE("the simulator is a carrier", "[carrier][simulator]") {
  CarrierFixture fixture;
  fixture.make = [] { return std::move(*make_carrier("simulator", settings())); };
  fixture.taken = {201, {}, R"({"id":"call-b-1","status":"queued"})"};
  fixture.taken_ref = "call-b-1";
  fixture.refused_number = refusal(400, "invalid_number");
  fixture.refused_account = refusal(401, "unauthorised");
  fixture.refused_content = refusal(400, "invalid_parameter");
  fixture.throttled = refusal(429, "throttled");
  fixture.throttled.headers = {{"Retry-After", "3"}};
  fixture.throttled_for = Seconds{3};
  fixture.found = {200, {}, R"({"calls":[{"id":"call-b-1","created_ms":2000}]})"};
  fixture.found_calls = {{"call-b-1", TimePoint{Millis{2'000}}}};
  fixture.hung_up = call(R"("status":"ended","cause":"completed")", "null");
  fixture.was_over = refusal(404, "not_found");
  fixture.gone = {refusal(404, "not_found")};

  Snapshot ringing;
  ringing.ref = "call-b-1";
  ringing.business = View::ringing;
  Snapshot talked = ringing;
  talked.business = talked.visitor = View::completed;
  talked.talk_seconds = 42;
  Snapshot refused = ringing;
  refused.business = View::answered;
  refused.visitor = View::busy;
  refused.visitor_declined = true;
  Snapshot never = talked;
  never.never_joined = true;
  never.talk_seconds = 0;
  const std::string over = R"("status":"ended","cause":"completed")";
  fixture.fetched = {
      {{call(R"("status":"ringing","cause":"")", "null")}, ringing},
      {{call(over, "{" + over + R"(,"joined":true,"talk_seconds":42})")}, talked},
      {{call(R"("status":"answered","cause":"")", R"({"status":"ended","cause":"declined"})")},
       refused},
      {{call(over, "{" + over + R"(,"joined":false,"talk_seconds":0})")}, never},
  };

  News declined = news(Side::business, View::busy);
  declined.declined = true;
  News machine = news(Side::business, View::answered);
  machine.machine = true;
  News completed = news(Side::visitor, View::completed);
  completed.talk_seconds = 9;
  News unheard = news(Side::visitor, View::completed);
  unheard.never_joined = true;
  fixture.news = {
      {status(1, "business", "queued", ""), news(Side::business, View::queued)},
      {status(2, "business", "ringing", ""), news(Side::business, View::ringing)},
      {status(3, "business", "answered", ""), news(Side::business, View::answered)},
      {status(4, "business", "answered", "", true), machine},
      {status(5, "business", "ended", "declined"), declined},
      {status(6, "business", "ended", "busy"), news(Side::business, View::busy)},
      {status(7, "business", "ended", "no_answer"), news(Side::business, View::no_answer)},
      {status(8, "business", "ended", "failed"), news(Side::business, View::failed)},
      {status(9, "visitor", "ended", "canceled"), news(Side::visitor, View::canceled)},
      {status(10, "visitor", "ended", "completed", false, true, 9), completed},
      {status(11, "visitor", "ended", "completed"), unheard},
  };
  fixture.questions = {
      {question(20, "answer", 1, "", false), asked(Point::answered, 1, "", false)},
      {question(21, "answer", 1, "", true), asked(Point::answered, 1, "", true)},
      {question(22, "key", 1, "1", false), asked(Point::key, 1, "1", false)},
      {question(23, "key", 2, "", false), asked(Point::key, 2, "", false)},
      {question(24, "dialed", 1, "", false), asked(Point::dialed, 1, "", false)},
  };
  fixture.recordings = {
      {recording(30, "tape-b-1", "ready", 61), {"call-b-1", "tape-b-1", false, 61}},
      {recording(31, "tape-b-2", "absent", 0), {"call-b-1", "tape-b-2", true, 0}}};
  fixture.with_recording = [](const Webhook&, const std::string& name) {
    return recording(32, name, "ready", 1);
  };
  fixture.wrongly_signed = [](Webhook w) { return signed_with(std::move(w), "another key"); };
  fixture.unsigned_letter = [](Webhook w) {
    w.request.headers.clear();
    return w;
  };
  fixture.with_body = [](Webhook w, std::string body) {
    w.request.body = std::move(body);
    return signed_with(std::move(w), kKey);
  };
  check_carrier(fixture);
}

TEST_CASE("a simulator webhook is refused when its signature is too old or from far ahead",
          "[carrier][simulator]") {
  const auto carrier = std::move(*make_carrier("simulator", settings()));
  const auto accepted = [&](TimePoint signed_at) {
    const auto reading =
        carrier->read_webhook(signed_with(status(1, "business", "ringing", ""), kKey, signed_at));
    return std::holds_alternative<Heard>(reading);
  };
  CHECK(accepted(kNow - Minutes{59}));
  CHECK_FALSE(accepted(kNow - Minutes{61}));
  CHECK_FALSE(accepted(kNow + Minutes{61}));
}

TEST_CASE("a letter of one point is refused at another", "[carrier][simulator]") {
  const auto carrier = std::move(*make_carrier("simulator", settings()));
  auto webhook = question(1, "key", 1, "1", false);
  for (const char* point : {"answer", "dialed", "status", "", "whisper"}) {
    INFO(point);
    webhook.point = point;
    CHECK(std::get<WebhookFault>(carrier->read_webhook(webhook)) == WebhookFault::malformed);
  }
  webhook.point = "key";
  webhook.round = 2;
  CHECK(std::get<WebhookFault>(carrier->read_webhook(webhook)) == WebhookFault::malformed);
}

TEST_CASE("the registry names what is wrong with an account", "[carrier]") {
  CHECK_THAT(make_carrier("carrier pigeon", settings()).error().detail,
             Catch::Matchers::Contains("simulator"));
  auto unknown = settings();
  unknown.values["colour"] = "red";
  CHECK_THAT(make_carrier("simulator", unknown).error().detail,
             Catch::Matchers::Contains("colour"));
  auto incomplete = settings();
  incomplete.values.erase("sign_key");
  CHECK_FALSE(make_carrier("simulator", incomplete).has_value());
  CHECK_FALSE(make_messenger("simulator", incomplete).has_value());
  auto bad_number = settings();
  bad_number.values["from"] = "12";
  CHECK_FALSE(make_messenger("simulator", bad_number).has_value());
}

TEST_CASE("a text that may have been taken is never read as refused or sent", "[messenger]") {
  const auto messenger = std::move(*make_messenger("simulator", settings()));
  const TextOrder order{*PhoneNumber::from_e164("+12025550123"), "Your code is 123456"};
  CHECK(messenger->send_text(order).body == messenger->send_text(order).body);
  CHECK(messenger->read_sent({201, {}, R"({"id":"text-b-1"})"}).ref == "text-b-1");
  CHECK(messenger->read_sent({201, {}, ""}).taken == Taken::unknown);
  CHECK(messenger->read_sent({500, {}, R"({"id":"text-b-1"})"}).taken == Taken::unknown);
  CHECK(messenger->read_sent(refusal(400, "invalid_number")).taken == Taken::refused_number);
  CHECK(messenger->read_sent(refusal(429, "throttled")).taken == Taken::throttled);
  CHECK_FALSE(messenger->read_found({}, {200, {}, "{}"}).has_value());
  CHECK_FALSE(messenger->read_found({}, {500, {}, R"({"messages":[]})"}).has_value());
}
