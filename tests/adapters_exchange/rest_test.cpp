// The REST API to those who do not know its manners, and what the desk can read.
#include <fmt/format.h>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

#include "core/ports/letter_text.hpp"
#include "tests/adapters_exchange/booth.hpp"
#include "tests/support/openssl_hmac.hpp"

using namespace ringback;
using namespace ringback::exchange;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kGoodForm =
    "to=%2B12025550100&from=%2B12025550199&hook=http%3A%2F%2Flocalhost%2Fh%2Ft&sign_key=k&"
    "ring_seconds=20";
constexpr const char* kForm = "application/x-www-form-urlencoded";

}  // namespace

TEST_CASE("an order is read strictly, and a refused one rings nobody", "[exchange][rest]") {
  struct Row {
    const char* body;
    const char* type;
    const char* code;
  };
  const auto row = GENERATE(values<Row>({
      {"", "application/json", "invalid_parameter"},
      {"{", "application/json", "invalid_parameter"},
      {"[]", "application/json", "invalid_parameter"},
      {R"({"to":"+12025550100"})", "application/json", "invalid_parameter"},
      {R"({"to":"+12025550100","hook":"http://h/t","sign_key":"k","colour":"red"})",
       "application/json", "unknown_parameter"},
      {R"({"to":{},"hook":"http://h/t","sign_key":"k"})", "application/json", "invalid_parameter"},
      {R"({"to":"12","hook":"http://h/t","sign_key":"k"})", "application/json", "invalid_number"},
      {R"({"to":"+12025550100","from":"x","hook":"http://h/t","sign_key":"k"})", "application/json",
       "invalid_number"},
      {R"({"to":"+12025550100","hook":"ftp://h/t","sign_key":"k"})", "application/json",
       "invalid_parameter"},
      {R"({"to":"+12025550100","hook":"http://h/t/","sign_key":"k"})", "application/json",
       "invalid_parameter"},
      {R"({"to":"+12025550100","hook":"http://h/t?x=1","sign_key":"k"})", "application/json",
       "invalid_parameter"},
      {R"({"to":"+12025550100","hook":"http://h/\r\nX: y","sign_key":"k"})", "application/json",
       "invalid_parameter"},
      {R"({"to":"+12025550100","hook":"http://h/t","sign_key":"k","ring_seconds":0})",
       "application/json", "invalid_parameter"},
      {R"({"to":"+12025550100","hook":"http://h/t","sign_key":"k","ring_seconds":"x"})",
       "application/json", "invalid_parameter"},
      {"to=%2B12025550100&to=%2B12025550100&hook=http://h/t&sign_key=k", kForm,
       "invalid_parameter"},
      {"to=%2", kForm, "invalid_parameter"},
      {"to=%FF&hook=http://h/t&sign_key=k", kForm, "invalid_parameter"},
      {kGoodForm, "text/plain", "invalid_parameter"},
  }));
  INFO(row.body);
  Booth booth;
  const auto answer = booth.request("POST", "/v1/calls", row.body, row.type);
  CHECK(answer.status == 400);
  CHECK_THAT(answer.body, Contains(fmt::format(R"("code":"{}")", row.code)));
  CHECK(booth.world.log().empty());
}

TEST_CASE("a form orders a call as JSON does", "[exchange][rest]") {
  Booth booth;
  CHECK(booth.request("POST", "/v1/calls", kGoodForm, kForm).status == 201);
  CHECK(booth.leg(Side::business)->to == kBusiness);
}

TEST_CASE("nobody gets in without the secret", "[exchange][rest]") {
  Booth booth;
  const auto ask = [&](HttpHeaders headers) {
    headers.emplace_back("Content-Type", kForm);
    return booth.world.handle({"POST", "/v1/calls", std::move(headers), kGoodForm}, booth.now)
        .response->status;
  };
  CHECK(ask({}) == 401);
  CHECK(ask({{"Authorization", "Basic"}}) == 401);
  CHECK(ask({{"Authorization", basic_authorization("simulator", "wrong")}}) == 401);
  CHECK(ask({{"Authorization", basic_authorization("other", "secret")}}) == 401);
  CHECK(booth.world.log().empty());
  CHECK(ask({{"authorization", basic_authorization("simulator", "secret")}}) == 201);
}

TEST_CASE("paths and methods that are not there are told apart", "[exchange][rest]") {
  Booth booth;
  CHECK(booth.request("DELETE", "/v1/calls").status == 405);
  CHECK(booth.request("POST", "/v1/calls/call-0-1").status == 405);
  CHECK(booth.request("GET", "/").status == 404);
  CHECK(booth.request("GET", "/v2/calls").status == 404);
  CHECK(booth.request("GET", "/v1/calls/call-0-1").status == 404);
  CHECK(booth.request("POST", "/v1/calls/nobody/hang_up").status == 404);
  CHECK(booth.request("GET", "/v1/calls?colour=red").status == 400);
  CHECK(booth.request("GET", "/v1/calls?created_from_ms=yesterday").status == 400);
  CHECK(booth.request("GET", "/v1/calls/").status == 404);
}

TEST_CASE("texts arrive, are listed, and can be found again", "[exchange][rest]") {
  Booth booth;
  const TextOrder order{kVisitor, "Your code is 123456 \xE2\x80\x93 Café"};
  const auto sent = booth.world.handle(booth.messenger.send_text(order), booth.now);
  REQUIRE(sent.response.has_value());
  const Outcome outcome = booth.messenger.read_sent(*sent.response);
  CHECK(outcome.taken == Taken::accepted);

  const FindTextOrder find{kVisitor, booth.now - Seconds{5}, booth.now};
  const auto list = booth.world.handle(booth.messenger.find_texts(find), booth.now);
  const auto found = booth.messenger.read_found(find, *list.response);
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  CHECK(found->front().ref == outcome.ref);
  CHECK(found->front().body == order.body);

  CHECK_THAT(booth.world.messages_json(kVisitor.e164()), Contains("123456"));
  CHECK(booth.world.messages_json(kBusiness.e164()) == R"({"messages":[]})");
  CHECK(booth.request("POST", "/v1/messages", R"({"to":"+12025550123"})").status == 400);
}

TEST_CASE("the desk's rows are exactly as the API promises", "[exchange][desk]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  booth.business_does("digits", "1");
  booth.visitor_does("answer");
  booth.world.handle(booth.messenger.send_text({kVisitor, "hello"}), booth.now);

  const auto calls = boost::json::parse(booth.world.calls_json()).at("calls").as_array();
  REQUIRE(calls.size() == 2);
  const std::vector<std::string> members = {"id",        "parent",      "role",    "from",
                                            "to",        "status",      "cause",   "prompt",
                                            "placed_at", "answered_at", "ended_at"};
  for (const auto& row : calls) {
    CHECK(row.as_object().size() == members.size());
    for (const auto& member : members) CHECK(row.as_object().contains(member));
  }
  CHECK(calls[0].at("role") == "business");
  CHECK(calls[0].at("parent").is_null());
  CHECK(calls[1].at("role") == "visitor");
  CHECK(calls[1].at("parent") == calls[0].at("id"));
  CHECK(calls[1].at("status") == "answered");
  CHECK(calls[1].at("cause").is_null());

  const auto texts = boost::json::parse(booth.world.messages_json("")).at("messages").as_array();
  REQUIRE(texts.size() == 1);
  CHECK(texts[0].as_object().size() == 5);
  CHECK(std::string(texts[0].at("sent_at").as_string().c_str()).back() == 'Z');
}

TEST_CASE("events tell of each change, and the track of each letter, without secrets",
          "[exchange][desk]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  booth.pass(Seconds{1});
  const auto all = booth.world.events_since(0);
  REQUIRE_FALSE(all.empty());
  std::uint64_t expected = 0;
  bool call = false;
  bool request = false;
  bool webhook = false;
  for (const auto& event : all) {
    CHECK(event.seq == ++expected);
    if (event.kind == EventKind::call) call = true;
    if (event.kind != EventKind::track) continue;
    if (event.object.find("program to exchange") != std::string::npos) request = true;
    if (event.object.find("exchange to program") != std::string::npos) webhook = true;
    CHECK_THAT(event.object, !Contains("secret") && !Contains("sign key") && !Contains("token") &&
                                 !Contains("2025550100"));
  }
  CHECK(call);
  CHECK(request);
  CHECK(webhook);
  CHECK(booth.world.events_since(booth.world.newest_event()).empty());
  CHECK(booth.world.events_since(expected - 1).size() == 1);
  CHECK(booth.world.events_since(expected + 100).empty());
}

TEST_CASE("memory is bounded, and the log says what it forgot", "[exchange]") {
  ExchangeOptions options;
  options.manners.automatic = true;
  options.manners.most_ended = 3;
  options.most_texts = 2;
  options.most_events = 10;
  options.most_log_entries = 4;
  Booth booth(options);
  std::string first;
  for (int i = 0; i < 6; ++i) {
    const auto ref = booth.order().ref;
    if (first.empty()) first = ref;
    REQUIRE(booth.until([&] { return booth.over(); }));
    booth.world.handle(booth.messenger.send_text({kVisitor, "hello"}), booth.now);
  }
  CHECK(booth.world.legs().size() == 6);  // three calls of two legs
  CHECK(booth.world.texts().size() == 2);
  CHECK(booth.world.events_since(0).size() == 10);
  CHECK(booth.world.log().size() == 4);
  CHECK_THAT(booth.world.log_json(), Contains(R"("forgotten":2)"));
  CHECK(booth.snapshot(first).gone);
}

TEST_CASE("too many calls at once are throttled", "[exchange][rest]") {
  ExchangeOptions options;
  options.most_live_calls = 2;
  Booth booth(options);
  CHECK(booth.order().taken == Taken::accepted);
  CHECK(booth.order().taken == Taken::accepted);
  CHECK(booth.order().taken == Taken::throttled);
  booth.business_does("decline");
  CHECK(booth.order().taken == Taken::accepted);
}

TEST_CASE("after a restart the old ids are nobody's", "[exchange]") {
  ExchangeOptions options;
  options.boot_id = "a";
  Booth before(options);
  const auto ref = before.order().ref;
  options.boot_id = "b";
  Booth after(options);
  CHECK(after.order().ref != ref);
  CHECK(after.snapshot(ref).gone);
}

TEST_CASE("the exchange signs what it posts with the call's own key", "[exchange]") {
  Booth booth;
  booth.order();
  booth.pass(Seconds{1});
  REQUIRE_FALSE(booth.letters.empty());
  CHECK(booth.unreadable == 0);
  SimulatorAccount other{"http://127.0.0.1:9999", "simulator", "secret", "another key", {}};
  const SimulatorCarrier stranger(other, test::openssl_hmac);
  Webhook webhook;
  webhook.request = booth.letters.front();
  webhook.point = "status";
  webhook.received_at = booth.now;
  CHECK(std::holds_alternative<WebhookFault>(stranger.read_webhook(webhook)));
  CHECK(std::holds_alternative<Heard>(booth.carrier.read_webhook(webhook)));
}
