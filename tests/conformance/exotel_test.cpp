#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "adapters/carriers/registry.hpp"
#include "tests/conformance/carrier_suite.hpp"
#include "tests/support/openssl_hmac.hpp"

using namespace ringback;
using namespace ringback::conformance;
using Catch::Matchers::Contains;

namespace {

constexpr const char* kSid = "b6cfaf5f5cef3ca0fc937749ef96d245";
constexpr const char* kFlowSecret = "typed-into-the-dashboard";
constexpr const char* kToken = "0123456789abcdefABCDEF";
const std::string kHook = std::string("https://ring.example/hooks/exotel/exotel/") + kToken;
const std::string kFlowHook =
    std::string("https://ring.example/hooks/exotel/exotel/") + kFlowSecret;

CarrierSettings settings(bool flow) {
  CarrierSettings out;
  out.hmac = test::openssl_hmac;
  out.values = {{"base_url", "https://api.exotel.example"},
                {"account_sid", "northwind1"},
                {"api_key", "key"},
                {"api_token", "token"},
                {"caller_id", "+918047112345"}};
  if (!flow) return out;
  out.values["flow_url"] = "http://my.exotel.com/northwind1/exoml/start_voice/926";
  out.values["flow_secret"] = kFlowSecret;
  return out;
}

std::unique_ptr<Carrier> carrier_of(bool flow) {
  return std::move(*make_carrier("exotel", settings(flow)));
}

HttpResponse refusal(int status, const char* message) {
  return {status,
          {},
          fmt::format(R"({{"RestException":{{"Status":{},"Message":"{}"}}}})", status, message)};
}

// A call as the API shows it; details are null until the bill is made up.
HttpResponse call(const char* status, const char* first, const char* second, const char* talked,
                  bool settled) {
  const auto text = [](const char* word) {
    return word == nullptr ? std::string("null") : fmt::format(R"("{}")", word);
  };
  return {
      200,
      {},
      fmt::format(R"({{"Call":{{"Sid":"{}","Status":"{}","EndTime":{},"Duration":{},)"
                  R"("Details":{{"ConversationDuration":{},"Leg1Status":{},"Leg2Status":{},)"
                  R"("Legs":[]}}}}}})",
                  kSid, status, settled ? R"("2026-11-21 19:30:05")" : R"("1970-01-01 05:30:00")",
                  settled ? R"("17")" : "null", talked, text(first), text(second))};
}

Snapshot seen(View business, View visitor, int talked = 0) {
  Snapshot out;
  out.ref = kSid;
  out.business = business;
  out.visitor = visitor;
  out.talk_seconds = talked;
  return out;
}

std::string status_json(const char* event, const char* status, const char* first,
                        const char* second) {
  return fmt::format(R"({{"CallSid":"{}","EventType":"{}","Status":"{}","ConversationDuration":0,)"
                     R"("Legs":[{{"Status":"{}","OnCallDuration":1}},{{"Status":"{}"}}]}})",
                     kSid, event, status, first, second);
}

Webhook status(std::string body, const char* type = "application/json") {
  Webhook out;
  out.request = {"POST", kHook + "/status", {{"Content-Type", type}}, std::move(body)};
  out.token = kToken;
  out.point = "status";
  return out;
}

Webhook question(const char* point, const std::string& extra, const char* secret = kFlowSecret) {
  Webhook out;
  out.request = {"GET",
                 fmt::format("{}/{}?CallSid={}&CustomField={}&CallType=call-attempt{}", kFlowHook,
                             point, kSid, kToken, extra),
                 {},
                 ""};
  out.token = secret;
  out.point = point;
  return out;
}

News hint(Side side) {
  News news;
  news.ref = kSid;
  news.side = side;
  news.hint = true;
  return news;
}

Questioned asked(Point point, int round, std::string digits) {
  return {0, kSid, point, round, std::move(digits), false};
}

CarrierFixture a_fixture(bool flow) {
  CarrierFixture fixture;
  fixture.make = [flow] { return carrier_of(flow); };
  fixture.taken = {
      200, {}, fmt::format(R"({{"Call":{{"Sid":"{}","Status":"in-progress"}}}})", kSid)};
  fixture.taken_ref = kSid;
  fixture.refused_number = refusal(400, "Invalid number +12025550100");
  fixture.refused_account = refusal(402, "Insufficient credits");
  fixture.refused_content = refusal(400, "Mandatory parameter missing");
  fixture.throttled = {429, {{"Retry-After", "7"}}, ""};
  fixture.throttled_for = Seconds{7};
  // 2026-11-21 19:30:00 in India is 14:00:00 UTC. The second call went to somebody else.
  fixture.found = {
      200,
      {},
      fmt::format(R"({{"Metadata":{{"Total":2,"NextPageUri":null}},"Calls":[)"
                  R"({{"Sid":"{}","From":"0012025550100","DateCreated":"2026-11-21 19:30:00"}},)"
                  R"({{"Sid":"{}","From":"02025550177","DateCreated":"2026-11-21 19:31:00"}}]}})",
                  kSid, std::string(32, 'f'))};
  fixture.found_calls = {{kSid, TimePoint{Seconds{1'795'269'600}}}};
  fixture.gone = {refusal(404, "The requested resource was not found")};
  Snapshot unheard = seen(View::completed, View::completed);
  unheard.never_joined = true;
  fixture.fetched = {
      // `in-progress` says only that the order was taken.
      {{call("in-progress", nullptr, nullptr, "null", false)}, seen(View::queued, View::none)},
      {{call("in-progress", "in-progress", nullptr, "null", false)},
       seen(View::answered, View::none)},
      {{call("in-progress", "in-progress", "in-progress", "0", false)},
       seen(View::answered, View::answered)},
      // Over, and nobody knows yet who was busy.
      {{call("busy", nullptr, nullptr, "null", false)}, seen(View::queued, View::none)},
      {{call("busy", nullptr, nullptr, "null", true)}, seen(View::busy, View::none)},
      {{call("no-answer", "no-answer", nullptr, "null", false)}, seen(View::no_answer, View::none)},
      {{call("no-answer", "completed", "no-answer", "0", false)},
       seen(View::completed, View::no_answer)},
      // The business hung up; until the bill is made up, a visitor's leg may still turn up.
      {{call("completed", "completed", nullptr, "null", false)}, seen(View::answered, View::none)},
      {{call("completed", "completed", nullptr, "0", true)}, seen(View::completed, View::none)},
      {{call("failed", "canceled", "canceled", "0", true)}, seen(View::canceled, View::canceled)},
      // They talked; a conversation of 0 s is believed only when the bill is made up.
      {{call("completed", "completed", "completed", "8", false)},
       seen(View::completed, View::completed, 8)},
      {{call("completed", "completed", "completed", "\"8\"", true)},
       seen(View::completed, View::completed, 8)},
      {{call("completed", "completed", "completed", "0", false)},
       seen(View::completed, View::answered)},
      {{call("completed", "completed", "completed", "0", true)}, unheard},
      // A word that nobody knows is no end.
      {{call("in-progress", "teleported", "on-hold", "null", false)},
       seen(View::queued, View::queued)},
  };
  fixture.news = {
      {status(status_json("answered", "in-progress", "in-progress", "")), hint(Side::business)},
      {status(status_json("answered", "in-progress", "in-progress", "in-progress")),
       hint(Side::business)},
      {status(status_json("terminal", "completed", "completed", "completed")),
       hint(Side::business)},
      {status(fmt::format("CallSid={}&Status=busy&RecordingUrl=", kSid),
              "application/x-www-form-urlencoded"),
       hint(Side::business)},
  };
  fixture.with_body = [](Webhook w, std::string body) {
    w.request.method = "POST";
    w.request.body = std::move(body);
    w.request.headers = {{"Content-Type", "application/json"}};
    return w;
  };
  return fixture;
}

Outcome answer(const HttpResponse& response) {
  return carrier_of(false)->read_originated(response);
}

bool is_malformed(const Webhook& webhook, bool flow = false) {
  const auto reading = carrier_of(flow)->read_webhook(webhook);
  return reading.index() == 1 && std::get<WebhookFault>(reading) == WebhookFault::malformed;
}

bool is_unauthenticated(const Webhook& webhook, bool flow) {
  const auto reading = carrier_of(flow)->read_webhook(webhook);
  return reading.index() == 1 && std::get<WebhookFault>(reading) == WebhookFault::unauthenticated;
}

Heard heard(const Webhook& webhook, bool flow) {
  const auto reading = carrier_of(flow)->read_webhook(webhook);
  REQUIRE(reading.index() == 0);
  return std::get<Heard>(reading);
}

OriginateOrder an_order() {
  OriginateOrder order;
  order.business = *PhoneNumber::from_e164("+919876500001");
  order.visitor = *PhoneNumber::from_e164("+919876500002");
  order.hook = kHook;
  return order;
}

const DialVisitor kDial{*PhoneNumber::from_e164("+919876500002"), {}, Seconds{30}, Seconds{3600}};

}  // namespace

TEST_CASE("exotel, joining two numbers by itself, is a carrier", "[carrier][exotel]") {
  check_carrier(a_fixture(false));
}

TEST_CASE("exotel with a flow that asks for a key is a carrier", "[carrier][exotel]") {
  auto fixture = a_fixture(true);
  fixture.questions = {
      {question("key", "&digits=%221%22"), asked(Point::key, 2, "1")},
      {question("connect", "&digits=%221%22"), asked(Point::answered, 1, "")},
      {question("dialed", "&DialCallStatus=busy"), asked(Point::dialed, 1, "")},
  };
  check_carrier(fixture);
  const auto profile = carrier_of(true)->profile();
  CHECK(profile.can_ask_for_key);
  CHECK_FALSE(profile.bridges_itself);
}

TEST_CASE("exotel's order to join two numbers has Exotel's own names", "[exotel]") {
  const auto request = carrier_of(false)->originate(an_order());
  CHECK(request.url == "https://api.exotel.example/v1/Accounts/northwind1/Calls/connect.json");
  CHECK(header_of(request.headers, "Authorization") == "Basic a2V5OnRva2Vu");
  CHECK(request.body ==
        "From=%2B919876500001&To=%2B919876500002&CallerId=%2B918047112345&CallType=trans"
        "&TimeLimit=3655&TimeOut=30&Record=false&CustomField=0123456789abcdefABCDEF"
        "&StatusCallback=https%3A%2F%2Fring.example%2Fhooks%2Fexotel%2Fexotel%2F"
        "0123456789abcdefABCDEF%2Fstatus&StatusCallbackContentType=application%2Fjson"
        "&StatusCallbackEvents%5B0%5D=terminal&StatusCallbackEvents%5B1%5D=answered");
}

TEST_CASE("exotel's order for a flow names the flow, not the visitor, and no events", "[exotel]") {
  const auto request = carrier_of(true)->originate(an_order());
  CHECK_THAT(request.body, Contains("&Url=http%3A%2F%2Fmy.exotel.com%2Fnorthwind1"));
  CHECK_THAT(request.body, !Contains("9876500002"));
  CHECK_THAT(request.body, !Contains("StatusCallbackEvents"));
  CHECK_THAT(request.body, Contains("&TimeOut=25&"));
}

TEST_CASE("exotel is never asked to ring or to talk longer than it allows", "[exotel]") {
  auto order = an_order();
  order.ring = Seconds{90};
  order.talk = Seconds{20'000};
  const auto request = carrier_of(false)->originate(order);
  CHECK_THAT(request.body, Contains("&TimeOut=60&"));
  CHECK_THAT(request.body, Contains("&TimeLimit=14400&"));
}

TEST_CASE("exotel's refusals are told apart by status and message", "[exotel]") {
  struct Row {
    HttpResponse response;
    Taken taken;
  };
  const Row rows[] = {
      {refusal(400, "Invalid CallerId"), Taken::refused_account},
      {refusal(400, "Invalid Number"), Taken::refused_number},
      {refusal(400, "Mandatory parameter missing"), Taken::refused_content},
      {refusal(401, "Authenticate"), Taken::refused_account},
      {{401, {}, "<html>"}, Taken::refused_account},
      {{402, {}, ""}, Taken::refused_account},
      {refusal(403, "The number is in NDNC"), Taken::refused_number},
      {refusal(404, "Not Found"), Taken::refused_account},
      {refusal(422, "Unprocessable"), Taken::refused_content},
      {refusal(409, "Conflict"), Taken::unknown},
      {refusal(429, "Too Many Requests"), Taken::throttled},
      // Another status in the body than on the line: a proxy put something together.
      {{403, {}, refusal(400, "Invalid Number").body}, Taken::unknown},
      // A call that cannot be named may ring.
      {{200, {}, R"({"Call":{"Sid":"short","Status":"in-progress"}})"}, Taken::unknown},
  };
  for (const auto& row : rows) {
    INFO(row.response.status << " " << row.response.body);
    CHECK(answer(row.response).taken == row.taken);
  }
  CHECK(answer(refusal(400, "Invalid number 09876500001, or 12345")).detail ==
        "Invalid number #, or #: the number is refused (status 400)");
  CHECK(answer(refusal(400, "Invalid number (098) 7650-0001.")).detail ==
        "Invalid number (#.: the number is refused (status 400)");
}

TEST_CASE("a page of exotel's list that is not the last one proves nothing", "[exotel]") {
  const auto carrier = carrier_of(false);
  const HttpResponse more{
      200, {}, R"({"Metadata":{"NextPageUri":"/v1/Accounts/n/Calls.json?After=x"},"Calls":[]})"};
  CHECK_FALSE(carrier->read_found({}, more).has_value());
  CHECK_FALSE(carrier->profile().lists_live_calls);
}

TEST_CASE("exotel's list is asked for in India's time", "[exotel]") {
  FindOrder order;
  order.business = *PhoneNumber::from_e164("+919876500001");
  order.from = TimePoint{Seconds{1'795'269'600}};
  order.to = order.from + Minutes{6};
  const auto request = carrier_of(false)->find_calls(order);
  CHECK_THAT(request.url, Contains("DateCreated=gte%3A2026-11-21%2019%3A30%3A00%3B"
                                   "lte%3A2026-11-21%2019%3A36%3A00"));
  CHECK_THAT(request.url, Contains("From=%2B919876500001"));
}

TEST_CASE("the business that rings the ExoPhone is not the call that was lost", "[exotel]") {
  FindOrder order;
  order.business = *PhoneNumber::from_e164("+919876500001");
  const auto found = [&](const char* direction) {
    const HttpResponse list{
        200,
        {},
        fmt::format(R"({{"Calls":[{{"Sid":"{}","From":"09876500001","Direction":"{}",)"
                    R"("DateCreated":"2026-11-21 19:30:00"}}]}})",
                    kSid, direction)};
    return carrier_of(false)->read_found(order, list)->size();
  };
  CHECK(found("outbound-api") == 1);
  CHECK(found("inbound") == 0);
  CHECK(found("incoming") == 0);
}

TEST_CASE("exotel's national numbers are recognised", "[exotel]") {
  const auto carrier = carrier_of(false);
  FindOrder order;
  order.business = *PhoneNumber::from_e164("+919876500001");
  const auto found = [&](const char* from) {
    const HttpResponse list{
        200,
        {},
        fmt::format(
            R"({{"Calls":[{{"Sid":"{}","From":"{}","DateCreated":"2026-11-21 19:30:00"}}]}})", kSid,
            from)};
    return carrier->read_found(order, list)->size();
  };
  for (const char* same : {"09876500001", "9876500001", "+919876500001", "919876500001",
                           "00919876500001", "+91 98765 00001"})
    CHECK(found(same) == 1);
  for (const char* other : {"09876500002", "500001", "", "+659876500001", "0"})
    CHECK(found(other) == 0);
}

TEST_CASE("all three encodings of an exotel status say the same", "[exotel]") {
  const std::string multipart = fmt::format(
      "--b0\r\nContent-Disposition: form-data; name=\"CallSid\"\r\n\r\n{}\r\n"
      "--b0\r\nContent-Disposition: form-data; name=\"Status\"\r\n"
      "Content-Type: text/plain\r\n\r\ncompleted\r\n"
      "--b0\r\nContent-Disposition: form-data; name=\"Legs[0][Status]\"\r\n\r\ncompleted\r\n"
      "--b0--\r\n",
      kSid);
  const auto json = heard(
      status(fmt::format(
          R"({{"CallSid":"{}","Status":"completed","Legs":[{{"Status":"completed"}}]}})", kSid)),
      false);
  const auto form = heard(
      status(fmt::format("CallSid={}&Status=completed&Legs%5B0%5D%5BStatus%5D=completed", kSid),
             "application/x-www-form-urlencoded; charset=utf-8"),
      false);
  const auto parts = heard(status(multipart, "multipart/form-data; boundary=\"b0\""), false);
  CHECK(json.delivery == form.delivery);
  CHECK(json.delivery == parts.delivery);
  CHECK(parts.news.front().ref == kSid);
}

TEST_CASE("an exotel letter that breaks a rule is no letter", "[exotel]") {
  const std::string good = fmt::format("CallSid={}&Status=completed", kSid);
  constexpr const char* kForm = "application/x-www-form-urlencoded";
  CHECK_FALSE(is_malformed(status(good, kForm)));
  CHECK(is_malformed(status(good, "text/plain")));
  CHECK(is_malformed(status(good, "")));
  CHECK(is_malformed(status(good + "&Status=busy", kForm)));         // said twice
  CHECK(is_malformed(status("CallSid=1&Status=completed", kForm)));  // no name of a call
  CHECK(is_malformed(status(fmt::format("CallSid={}", kSid), kForm)));
  CHECK(is_malformed(status(good + "&x=" + std::string(4'097, 'x'), kForm)));
  CHECK(is_malformed(status(good + "&" + std::string(129, 'x') + "=1", kForm)));
  std::string many = good;
  for (int i = 0; i < 300; ++i) many += fmt::format("&n{}=1", i);
  CHECK(is_malformed(status(many, kForm)));
  CHECK(is_malformed(status(fmt::format(R"({{"CallSid":"{}","Status":"busy","a":{}1{}}})", kSid,
                                        std::string(9, '['), std::string(9, ']')))));
  auto elsewhere = status(good, kForm);
  elsewhere.point = "answer";
  CHECK(is_malformed(elsewhere));
}

TEST_CASE("a multipart letter that was cut or made up is no letter", "[exotel]") {
  const std::string part = "--b0\r\nContent-Disposition: form-data; name=\"CallSid\"\r\n\r\n";
  const std::string second =
      "--b0\r\nContent-Disposition: form-data; name=\"Status\"\r\n\r\nbusy\r\n";
  const auto letter = [&](const std::string& body,
                          const char* type = "multipart/form-data;boundary=b0") {
    return is_malformed(status(body, type));
  };
  CHECK_FALSE(letter(part + kSid + "\r\n" + second + "--b0--"));
  CHECK(letter(part + kSid + "\r\n" + second));           // no end
  CHECK(letter(part + kSid + "\r\n" + second + "--b0"));  // half an end
  CHECK(letter("\r\n" + part + kSid + "\r\n" + second + "--b0--"));
  CHECK(letter("--b0--"));
  CHECK(letter("--b0\r\nContent-Disposition: form-data\r\n\r\nx\r\n--b0--"));  // no name
  CHECK(letter("--b0\r\nContent-Disposition: file; name=\"a\"\r\n\r\nx\r\n--b0--"));
  CHECK(letter("--b0\r\nno headers\r\n--b0--"));
  CHECK(letter(part + kSid + "\r\n" + second + "--b0--", "multipart/form-data"));
  CHECK(letter(part + kSid + "\r\n" + second + "--b0--", "multipart/form-data; boundary="));
  CHECK(letter(part + kSid + "\r\n" + second + "--b0--", "multipart/form-data; boundary=b1"));
}

TEST_CASE("a flow's question needs the flow's secret, and says whose call it is", "[exotel]") {
  const auto said = heard(question("key", "&digits=%221%22"), true);
  CHECK(said.token == kToken);
  CHECK(said.question->digits == "1");
  CHECK(is_unauthenticated(question("key", "", "guessed"), true));
  CHECK(is_unauthenticated(question("key", "", kToken), true));
  CHECK(is_unauthenticated(question("key", "", ""), true));
  // An account without a flow has no such address.
  CHECK(is_unauthenticated(question("key", "", ""), false));
  CHECK(is_unauthenticated(question("connect", ""), false));
  auto anybody = question("key", "&digits=%221%22");
  anybody.request.url = kFlowHook + "/key?CallSid=" + kSid;
  CHECK(is_malformed(anybody, true));
  CHECK(is_malformed(question("key", "&digits=" + std::string(33, '1')), true));
}

TEST_CASE("what a flow brings from its key is the last word of it", "[exotel]") {
  CHECK(heard(question("key", "&digits=%222%22"), true).question->digits == "2");
  CHECK(heard(question("key", "&digits=1"), true).question->digits == "1");
  const auto silence = heard(question("key", "&digits=%22%22"), true);
  CHECK(silence.question->digits.empty());
  CHECK(silence.question->round == 2);
  // Connect asks what to do and opens nothing, whatever comes along.
  const auto connect = heard(question("connect", "&digits=%221%22"), true);
  CHECK(connect.question->point == Point::answered);
  CHECK(connect.question->digits.empty());
  // How the visitor's leg ended is a hint, like all that Exotel says by itself.
  const auto dialed = heard(question("dialed", "&DialCallStatus=completed"), true);
  REQUIRE(dialed.news.size() == 1);
  CHECK(dialed.news.front().hint);
  CHECK(dialed.news.front().side == Side::visitor);
}

TEST_CASE("a passthru hears yes or no, and only connect hears the visitor's number", "[exotel]") {
  const auto carrier = carrier_of(true);
  const auto at = [&](Point point, const Instruction& instruction) {
    return carrier->write_answer(point, instruction, kFlowHook);
  };
  CHECK(at(Point::key, kDial).status == 200);
  CHECK_THAT(at(Point::key, kDial).body, !Contains("9876500002"));
  CHECK(at(Point::key, AskForKey{"again", 2}).status == 302);
  CHECK(at(Point::key, SayAndHangUp{"no"}).status == 302);
  CHECK(at(Point::key, HangUp{}).status == 302);
  CHECK(at(Point::dialed, HangUp{}).status == 200);

  CHECK(at(Point::answered, kDial).body ==
        R"({"fetch_after_attempt":false,"destination":{"numbers":["+919876500002"]},)"
        R"("outgoing_phone_number":"+918047112345","record":false,"max_ringing_duration":30,)"
        R"("max_conversation_duration":3600,"music_on_hold":{"type":"operator_tone"}})");
  for (const Instruction& shut : {Instruction{AskForKey{"", 1}}, Instruction{HangUp{}},
                                  Instruction{SayAndHangUp{"cancelled"}}}) {
    CHECK(at(Point::answered, shut).status == 200);
    CHECK(at(Point::answered, shut).body ==
          R"({"fetch_after_attempt":false,"destination":{"numbers":[]}})");
  }
}

TEST_CASE("an exotel account says what it lacks", "[exotel]") {
  const auto fault = [](const char* key, const char* value, bool flow = true) {
    auto given = settings(flow);
    given.values[key] = value;
    const auto made = make_carrier("exotel", given);
    return made ? std::string() : made.error().detail;
  };
  CHECK(fault("api_key", "key").empty());
  CHECK_THAT(fault("api_token", ""), Contains("api_token"));
  CHECK_THAT(fault("caller_id", ""), Contains("caller_id"));
  CHECK_THAT(fault("caller_id", "08047112345"), Contains("E.164"));
  CHECK_THAT(fault("requests_per_minute", "many"), Contains("requests_per_minute"));
  CHECK_THAT(fault("flow_secret", "short"), Contains("flow_secret"));
  CHECK_THAT(fault("flow_secret", "with/a/slash/and/a?mark"), Contains("flow_secret"));
  CHECK(fault("flow_secret", "sixteen-letters_").empty());
  CHECK_THAT(fault("poll", "true"), Contains("flow_url"));
  CHECK(fault("poll", "true", false).empty());
  CHECK_THAT(fault("colour", "red"), Contains("colour"));
}

TEST_CASE("without a flow secret of its own, an exotel account has one from its token",
          "[exotel]") {
  auto given = settings(true);
  given.values.erase("flow_secret");
  const auto secret = [&] {
    const auto carrier = std::move(*make_carrier("exotel", given));
    const auto detail = carrier->read_account({{200, {}, "{}"}})->detail;
    const auto at = detail.find("<account>/");
    return detail.substr(at + 10, detail.find("/key") - at - 10);
  };
  const auto first = secret();
  CHECK(first.size() == 32);
  CHECK(first == secret());
  const auto carrier = std::move(*make_carrier("exotel", given));
  CHECK(carrier->read_webhook(question("key", "", first.c_str())).index() == 0);
  given.values["api_token"] = "another";
  CHECK(first != secret());
}

TEST_CASE("an exotel account that is asked about names the carrier's own no", "[exotel]") {
  const auto carrier = carrier_of(false);
  CHECK(carrier->ask_account().size() == 1);
  CHECK(carrier->read_account({{200, {}, R"({"Calls":[]})"}}).has_value());
  CHECK_FALSE(carrier->read_account({{401, {}, ""}}).has_value());
  CHECK_FALSE(carrier->read_account({}).has_value());
}
