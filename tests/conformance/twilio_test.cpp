#include "tests/conformance/twilio_fixture.hpp"

#include <fmt/format.h>

#include "adapters/carriers/registry.hpp"
#include "adapters/carriers/twilio/times.hpp"
#include "tests/conformance/carrier_suite.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using namespace ringback::conformance;
using namespace ringback::twilio_test;
using Catch::Matchers::Contains;

namespace {

const TimePoint kCreated = *twilio::parse_rfc2822("Tue, 31 Aug 2010 20:36:28 +0000");
const FindOrder kFind{
    *PhoneNumber::from_e164("+12025550100"), {}, kCreated - Seconds{100}, kCreated + Seconds{100}};

Webhook status(const std::string& point, const std::string& call_status, int sequence,
               Fields more = {}) {
  Fields fields{{"CallSid", point == "sv" ? kChild : kCall},
                {"CallStatus", call_status},
                {"SequenceNumber", std::to_string(sequence)},
                {"CallbackSource", "call-progress-events"}};
  if (point == "sv") fields.emplace_back("ParentCallSid", kCall);
  fields.insert(fields.end(), more.begin(), more.end());
  return letter(point, fields);
}

Webhook question(const std::string& point, Fields more = {}, int round = 1) {
  Fields fields{{"CallSid", kCall}, {"CallStatus", "in-progress"}};
  fields.insert(fields.end(), more.begin(), more.end());
  return letter(point, fields, round);
}

News news(Side side, View view) {
  News out;
  out.ref = kCall;
  out.side = side;
  out.view = view;
  return out;
}

Questioned asked(Point point, int round, std::string digits, bool machine) {
  return {0, kCall, point, round, std::move(digits), machine};
}

Snapshot shot(View business, View visitor) {
  Snapshot out;
  out.ref = kCall;
  out.business = business;
  out.visitor = visitor;
  return out;
}

std::vector<StatusLetter> all_news() {
  News machine = news(Side::business, View::answered);
  machine.machine = true;
  News declined = news(Side::business, View::busy);
  declined.declined = true;
  News talked = news(Side::visitor, View::completed);
  talked.talk_seconds = 17;
  News unheard = news(Side::visitor, View::completed);
  unheard.never_joined = true;
  return {
      {status("sb", "initiated", 0), news(Side::business, View::queued)},
      {status("sb", "ringing", 1), news(Side::business, View::ringing)},
      {status("sb", "in-progress", 2), news(Side::business, View::answered)},
      {status("sb", "in-progress", 3, {{"AnsweredBy", "machine_start"}}), machine},
      {status("sb", "busy", 4, {{"SipResponseCode", "486"}}), news(Side::business, View::busy)},
      {status("sb", "busy", 5, {{"SipResponseCode", "603"}}), declined},
      {status("sb", "no-answer", 6), news(Side::business, View::no_answer)},
      {status("sb", "failed", 7, {{"SipResponseCode", "404"}}), news(Side::business, View::failed)},
      {status("sb", "canceled", 8), news(Side::business, View::canceled)},
      {status("sb", "completed", 9, {{"CallDuration", "30"}}),
       news(Side::business, View::completed)},
      {status("sv", "initiated", 0), news(Side::visitor, View::queued)},
      {status("sv", "in-progress", 2), news(Side::visitor, View::answered)},
      {status("sv", "completed", 3, {{"CallDuration", "17"}}), talked},
      {status("sv", "completed", 4, {{"CallDuration", "0"}}), unheard},
      {status("sv", "no-answer", 5), news(Side::visitor, View::no_answer)},
      // A word that did not exist when this was written moves nothing.
      {status("sb", "teleported", 10), news(Side::business, View::none)},
  };
}

std::vector<QuestionLetter> all_questions() {
  return {
      {question("answer"), asked(Point::answered, 1, "", false)},
      {question("answer", {{"AnsweredBy", "machine_end_beep"}}, 2),
       asked(Point::answered, 2, "", true)},
      {question("answer", {{"AnsweredBy", "fax"}}, 3), asked(Point::answered, 3, "", true)},
      {question("answer", {{"AnsweredBy", "unknown"}}, 4), asked(Point::answered, 4, "", false)},
      {question("gate", {{"Digits", "1"}}), asked(Point::key, 1, "1", false)},
      {question("gate", {{"Digits", ""}}, 2), asked(Point::key, 2, "", false)},
      {question("dialed", {{"DialCallStatus", "busy"}}), asked(Point::dialed, 1, "", false)},
  };
}

}  // namespace

namespace {

const std::string kTape = "RE0123456789abcdefABCDEF0123456789";

Webhook recording(const std::string& name, const std::string& state) {
  return letter("rec", {{"CallSid", kCall},
                        {"RecordingSid", name},
                        {"RecordingStatus", state},
                        {"RecordingDuration", "61"},
                        {"RecordingUrl", "http://169.254.169.254/latest/meta-data"}});
}

}  // namespace

TEST_CASE("a recording is fetched by its name from the account, with its credentials",
          "[twilio][recording]") {
  const auto twilio = carrier();
  const auto fetch = twilio->fetch_recording(kTape);
  CHECK(fetch.url == "https://api.twilio.example/2010-04-01/Accounts/" + kAccount + "/Recordings/" +
                         kTape + ".mp3");
  CHECK(twilio->recording_hosts() == std::vector<std::string>{"api.twilio.example"});
  CHECK(twilio->delete_recording(kTape).url == fetch.url.substr(0, fetch.url.size() - 3) + "json");
  for (const std::string name : {"RE01", "CA0123456789abcdefABCDEF0123456789",
                                 "RE0123456789abcdefABCDEF012345678/", "../../../../v2/x", ""}) {
    CHECK(twilio->fetch_recording(name).url.empty());
    CHECK(twilio->delete_recording(name).url.empty());
  }
}

TEST_CASE("a recording that goes on is no news yet", "[twilio][recording]") {
  const auto reading = carrier()->read_webhook(recording(kTape, "in-progress"));
  CHECK(std::get<Heard>(reading).recordings.empty());
}

TEST_CASE("the visitor who answers a recorded talk is told before being joined",
          "[twilio][recording]") {
  const auto twilio = carrier();
  const auto reading =
      twilio->read_webhook(letter("whisper", {{"CallSid", kChild}, {"ParentCallSid", kCall}}));
  REQUIRE(std::holds_alternative<Heard>(reading));
  const auto& heard = std::get<Heard>(reading);
  CHECK(heard.announce_on == kCall);
  CHECK(heard.news.empty());
  CHECK_FALSE(heard.question);
  const auto answer = twilio->write_announcement("It is <recorded>.");
  CHECK(answer.status == 200);
  CHECK_THAT(answer.body, Contains("<Response><Say>It is &lt;recorded&gt;.</Say></Response>"));
  // Nobody's leg: nothing is said of it.
  CHECK(std::holds_alternative<WebhookFault>(
      twilio->read_webhook(letter("whisper", {{"CallSid", kChild}}))));
}

TEST_CASE("polled, nobody could be told of a recording, so there is none", "[twilio][recording]") {
  auto polled = settings();
  polled.values["poll"] = "true";
  CHECK(carrier()->profile().can_record);
  CHECK_FALSE(carrier(polled)->profile().can_record);
}

TEST_CASE("Twilio is a carrier", "[carrier][twilio]") {
  CarrierFixture fixture;
  fixture.make = [] { return carrier(); };
  fixture.taken = {201, {}, call_json(kCall, "queued")};
  fixture.taken_ref = kCall;
  fixture.refused_number = refusal(400, 21214);
  fixture.refused_account = refusal(401, 20003);
  fixture.refused_content = refusal(400, 21206);
  fixture.throttled = refusal(429, 20429);
  fixture.throttled.headers = {{"Retry-After", "3"}};
  fixture.throttled_for = Seconds{3};
  // The suite's window is 1970: what was created later is not in it.
  const std::string created = R"("date_created":"Thu, 01 Jan 1970 00:00:02 +0000")";
  fixture.found = list(fmt::format(R"({{"sid":"{}",{},"parent_call_sid":null}},{})", kCall, created,
                                   call_json(kChild, "completed")));
  fixture.found_calls = {{kCall, TimePoint{Millis{2'000}}}};
  fixture.fetched = {
      {{call("ringing"), list("")}, shot(View::ringing, View::none)},
      {{call("in-progress"), list(call_json(kChild, "ringing", "null", kCall))},
       shot(View::answered, View::ringing)},
      {{call("completed"), list(call_json(kChild, "busy", "\"0\"", kCall))},
       shot(View::completed, View::busy)},
      {{call("completed"), list(call_json(kChild, "completed", "\"42\"", kCall))},
       [] {
         Snapshot talked = shot(View::completed, View::completed);
         talked.talk_seconds = 42;
         return talked;
       }()},
      {{call("completed"), list(call_json(kChild, "completed", "\"0\"", kCall))},
       [] {
         Snapshot never = shot(View::completed, View::completed);
         never.never_joined = true;
         return never;
       }()},
  };
  fixture.gone = {refusal(404, 20404), list("")};
  fixture.hung_up = call("completed");
  fixture.was_over = GENERATE(refusal(400, 21220), refusal(404, 20404));
  fixture.news = all_news();
  fixture.questions = all_questions();
  fixture.recordings = {{recording(kTape, "completed"), {kCall, kTape, false, 61}},
                        {recording(kTape, "absent"), {kCall, kTape, true, 61}}};
  fixture.with_recording = [](const Webhook&, const std::string& name) {
    return recording(name, "completed");
  };
  fixture.wrongly_signed = [](Webhook w) { return signed_with(std::move(w), "another token"); };
  fixture.unsigned_letter = [](Webhook w) {
    w.request.headers.clear();
    return w;
  };
  fixture.with_body = [](Webhook w, std::string body) {
    w.request.body = std::move(body);
    return signed_with(std::move(w), kToken);
  };
  check_carrier(fixture);
}

TEST_CASE("an order is a form that names every webhook", "[twilio]") {
  OriginateOrder order;
  order.business = *PhoneNumber::from_e164("+12025550100");
  order.visitor = *PhoneNumber::from_e164("+12025550123");
  order.ring = Seconds{20};
  order.hook = kHook;
  const auto request = carrier()->originate(order);
  CHECK(request.url ==
        "https://api.twilio.example/2010-04-01/Accounts/" + kAccount + "/Calls.json");
  CHECK(header_of(request.headers, "Authorization") == basic_authorization(kAccount, kToken));
  CHECK(header_of(request.headers, "Content-Type") == "application/x-www-form-urlencoded");
  CHECK_THAT(request.body, Contains("To=%2B12025550100") && Contains("From=%2B12025550199"));
  CHECK(form_decoded(request.body) == Fields{{"To", "+12025550100"},
                                             {"From", "+12025550199"},
                                             {"Url", kHook + "/answer"},
                                             {"Method", "POST"},
                                             {"FallbackUrl", kHook + "/answer"},
                                             {"FallbackMethod", "POST"},
                                             {"StatusCallback", kHook + "/sb#rc=3&rp=ct,rt,5xx"},
                                             {"StatusCallbackMethod", "POST"},
                                             {"StatusCallbackEvent", "initiated"},
                                             {"StatusCallbackEvent", "ringing"},
                                             {"StatusCallbackEvent", "answered"},
                                             {"StatusCallbackEvent", "completed"},
                                             {"Timeout", "20"},
                                             {"TimeLimit", "3750"}});
}

TEST_CASE("an API key signs in to the API, the auth token alone verifies webhooks", "[twilio]") {
  auto with_key = settings();
  with_key.values["api_key_sid"] = "SK1";
  with_key.values["api_key_secret"] = "the key's secret";
  const auto keyed = carrier(with_key);
  CHECK(header_of(keyed->hang_up(kCall).headers, "Authorization") ==
        basic_authorization("SK1", "the key's secret"));
  CHECK(std::holds_alternative<Heard>(keyed->read_webhook(status("sb", "ringing", 1))));
  const auto forged = signed_with(status("sb", "ringing", 1), "the key's secret");
  CHECK(std::holds_alternative<WebhookFault>(keyed->read_webhook(forged)));
}

TEST_CASE("while a new auth token is brought in, both are believed", "[twilio]") {
  auto both = settings();
  both.values["auth_token_secondary"] = "the next token";
  const auto rotating = carrier(both);
  const auto old_letter = status("sb", "ringing", 1);
  CHECK(std::holds_alternative<Heard>(rotating->read_webhook(old_letter)));
  CHECK(std::holds_alternative<Heard>(
      rotating->read_webhook(signed_with(old_letter, "the next token"))));
  CHECK(std::holds_alternative<WebhookFault>(
      rotating->read_webhook(signed_with(old_letter, "the last token but one"))));
}

TEST_CASE("a letter about another account is not ours to hear", "[twilio]") {
  Webhook foreign = status("sb", "ringing", 1);
  foreign.request.body = form_encoded({{"AccountSid", "AC00000000000000000000000000000009"},
                                       {"CallSid", kCall},
                                       {"CallStatus", "x"}});
  const auto reading = carrier()->read_webhook(signed_with(foreign, kToken));
  CHECK(std::get<WebhookFault>(reading) == WebhookFault::unauthenticated);
}

TEST_CASE("repeats of one letter share Twilio's own token", "[twilio]") {
  const auto with_token = [](Webhook w, const char* token) {
    w.request.headers.emplace_back("I-Twilio-Idempotency-Token", token);
    return std::get<Heard>(carrier()->read_webhook(w)).delivery;
  };
  const auto letter = status("sb", "ringing", 1);
  CHECK(with_token(letter, "a") == with_token(letter, "a"));
  CHECK(with_token(letter, "a") != with_token(letter, "b"));
  CHECK(with_token(letter, "a") != std::get<Heard>(carrier()->read_webhook(letter)).delivery);
}

TEST_CASE("the end of <Dial> tells how the visitor's leg ended", "[twilio]") {
  struct Row {
    Fields fields;
    View view;
    bool never_joined;
    int talk;
  };
  const auto row = GENERATE(
      Row{{{"DialCallStatus", "completed"}, {"DialBridged", "true"}, {"DialCallDuration", "9"}},
          View::completed,
          false,
          9},
      Row{{{"DialCallStatus", "completed"}, {"DialBridged", "false"}, {"DialCallDuration", "9"}},
          View::completed,
          true,
          9},
      Row{{{"DialCallStatus", "completed"}}, View::completed, false, 0},
      Row{{{"DialCallStatus", "no-answer"}, {"DialCallSid", kChild}}, View::no_answer, false, 0},
      Row{{{"DialCallStatus", "failed"}}, View::failed, false, 0});
  const auto heard = std::get<Heard>(carrier()->read_webhook(question("dialed", row.fields)));
  REQUIRE(heard.news.size() == 1);
  CHECK(heard.news.front().ref == kCall);
  CHECK(heard.news.front().side == Side::visitor);
  CHECK(heard.news.front().view == row.view);
  CHECK(heard.news.front().never_joined == row.never_joined);
  CHECK(heard.news.front().talk_seconds == row.talk);
  CHECK(heard.question->point == Point::dialed);
}

TEST_CASE("the fallback for a lost answer after <Dial> does not dial the visitor again",
          "[twilio]") {
  const auto asked_after = [](const std::string& lost) {
    const auto again = letter("answer", {{"CallSid", kCall},
                                         {"CallStatus", "in-progress"},
                                         {"ErrorCode", "11200"},
                                         {"ErrorUrl", lost}});
    return std::get<Heard>(carrier()->read_webhook(again)).question->point;
  };
  for (const char* end : {"/dialed", "/dialed#rc=3", "/dialed?x=1"})
    CHECK(asked_after(kHook + end) == Point::dialed);
  // Nobody was dialled by an answer that never came.
  for (const char* end : {"/answer", "/gate/1", ""})
    CHECK(asked_after(kHook + end) == Point::answered);
}

TEST_CASE("a question of a leg that has just ended tells of the end first", "[twilio]") {
  const auto late =
      letter("gate", {{"CallSid", kCall}, {"CallStatus", "completed"}, {"Digits", "1"}});
  const auto heard = std::get<Heard>(carrier()->read_webhook(late));
  REQUIRE(heard.news.size() == 1);
  CHECK(heard.news.front().view == View::completed);
  CHECK(heard.news.front().side == Side::business);
}

TEST_CASE("a letter without what its point needs is malformed", "[twilio]") {
  const auto bad = GENERATE(letter("sb", {{"CallSid", "CA1"}, {"CallStatus", "ringing"}}),
                            letter("sb", {{"CallSid", kCall}}),
                            letter("sv", {{"CallSid", kChild}, {"CallStatus", "ringing"}}),
                            letter("dialed", {{"CallSid", kCall}, {"CallStatus", "in-progress"}}),
                            letter("gate", {{"CallSid", kCall}, {"Digits", std::string(33, '1')}}),
                            letter("whisper", {{"CallSid", kCall}, {"CallStatus", "in-progress"}}),
                            letter("", {{"CallSid", kCall}, {"CallStatus", "ringing"}}));
  CHECK(std::get<WebhookFault>(carrier()->read_webhook(bad)) == WebhookFault::malformed);
}

TEST_CASE("calls outside the window, and child legs, are not the one that was lost", "[twilio]") {
  const auto rows =
      call_json(kCall, "completed") + "," + call_json(kChild, "completed", "null", kCall);
  const auto found = carrier()->read_found(kFind, list(rows));
  REQUIRE(found.has_value());
  REQUIRE(found->size() == 1);
  CHECK(found->front().ref == kCall);
  const FindOrder later{kFind.business, {}, kCreated + Seconds{1}, kCreated + Seconds{9}};
  CHECK(carrier()->read_found(later, list(rows))->empty());
}

TEST_CASE("a call that came in to a number of the account is not the one that was lost",
          "[twilio]") {
  const auto of_direction = [](const std::string& direction) {
    auto row = call_json(kCall, "completed");
    row.insert(1, "\"direction\":\"" + direction + "\",");
    return carrier()->read_found(kFind, list(row))->size();
  };
  CHECK(of_direction("inbound") == 0);
  CHECK(of_direction("outbound-api") == 1);
}

TEST_CASE("a row that names no parent is a call of its own", "[twilio]") {
  auto row = call_json(kCall, "completed");
  const std::string none = "\"parent_call_sid\":null";
  row.replace(row.find(none), none.size(), "\"parent_call_sid\":\"\"");
  CHECK(carrier()->read_found(kFind, list(row))->size() == 1);
}

TEST_CASE("a page that may lack calls of the window proves nothing", "[twilio]") {
  const auto rows = call_json(kCall, "completed");
  CHECK_FALSE(carrier()->read_found(kFind, list(rows, "/next?Page=1")).has_value());
  CHECK_FALSE(carrier()->read_found(kFind, list("", "/next?Page=1")).has_value());
  // The page reaches back before the window: what follows is older still.
  const FindOrder later{kFind.business, {}, kCreated + Seconds{1}, kCreated + Seconds{9}};
  CHECK(carrier()->read_found(later, list(rows, "/next?Page=1"))->empty());
}

TEST_CASE("what the carrier refuses is told in words that help, without a number", "[twilio]") {
  const auto outcome = carrier()->read_originated(refusal(400, 21215));
  CHECK(outcome.taken == Taken::refused_number);
  CHECK_THAT(outcome.detail, Contains("21215") && Contains("Geographic permissions"));
  CHECK_THAT(outcome.detail, !Contains("2025550100"));
  // A trial account calls verified numbers alone: the others are not to blame.
  CHECK(carrier()->read_originated(refusal(400, 21219)).taken == Taken::refused_number);
  // What nobody knows is not taken for the account's fault, which would stop everybody.
  CHECK(carrier()->read_originated(refusal(400, 99999)).taken == Taken::refused_content);
  CHECK(carrier()->read_originated(refusal(400, 20503)).taken == Taken::unknown);
  // A body that names another status is not about this answer.
  auto odd = refusal(400, 21214);
  odd.status = 404;
  CHECK(carrier()->read_originated(odd).taken == Taken::unknown);
}

TEST_CASE("machine detection is asked for only beside the key", "[twilio]") {
  auto detecting = settings();
  detecting.values["machine_detection"] = "on";
  OriginateOrder order;
  order.business = *PhoneNumber::from_e164("+12025550100");
  order.hook = kHook;
  CHECK_THAT(carrier(detecting)->originate(order).body, Contains("MachineDetection=Enable"));
  order.ask_for_key = false;
  CHECK_THAT(carrier(detecting)->originate(order).body, !Contains("MachineDetection"));
}

TEST_CASE("without webhooks the order carries the whole call", "[twilio][poll]") {
  auto polled = settings();
  polled.values["poll"] = "true";
  const auto alone = carrier(polled);
  const auto& profile = alone->profile();
  CHECK(profile.bridges_itself);
  CHECK(profile.polled);
  CHECK_FALSE(profile.can_ask_for_key);
  CHECK_THAT(profile.asking_needs, Contains("carrier.poll = false"));
  OriginateOrder order;
  order.business = *PhoneNumber::from_e164("+12025550100");
  order.visitor = *PhoneNumber::from_e164("+12025550123");
  order.hook = kHook;
  order.ask_for_key = false;
  const auto form = form_decoded(alone->originate(order).body);
  CHECK(form ==
        Fields{{"To", "+12025550100"},
               {"From", "+12025550199"},
               {"Twiml",
                R"(<?xml version="1.0" encoding="UTF-8"?><Response><Say>A visitor asks to be )"
                R"(called back. Connecting you now.</Say><Dial timeout="30" )"
                R"(timeLimit="3600" callerId="+12025550199"><Number>+12025550123</Number>)"
                R"(</Dial><Say>The call to the visitor is over. Good-bye.</Say></Response>)"},
               {"Timeout", "25"},
               {"TimeLimit", "3750"}});
}

TEST_CASE("an account that lacks something is told all of it at once", "[twilio]") {
  CarrierSettings nothing;
  nothing.values = {
      {"base_url", "https://api.twilio.com"}, {"colour", "red"}, {"api_key_sid", "S"}};
  const auto detail = make_carrier("twilio", nothing).error().detail;
  CHECK_THAT(detail, Contains("account_sid is missing") && Contains("auth_token is missing"));
  CHECK_THAT(detail, Contains("from is missing") && Contains("\"colour\""));
  CHECK_THAT(detail, Contains("api_key_sid and api_key_secret belong together"));
  CHECK_THAT(make_messenger("twilio", nothing).error().detail, Contains("messaging_service_sid"));
  auto two_senders = settings();
  two_senders.values["sms_from"] = "+12025550198";
  two_senders.values["messaging_service_sid"] = "MG00000000000000000000000000000001";
  CHECK_THAT(make_messenger("twilio", two_senders).error().detail, Contains("remove one"));
}

TEST_CASE("the account's own word on its credentials", "[twilio]") {
  const auto twilio = carrier();
  REQUIRE(twilio->ask_account().size() == 2);
  CHECK(twilio->ask_account()[0].url ==
        "https://api.twilio.example/2010-04-01/Accounts/" + kAccount + ".json");
  const HttpResponse trial{200, {}, R"({"status":"active","type":"Trial"})"};
  const HttpResponse no_numbers{200, {}, R"({"incoming_phone_numbers":[]})"};
  const auto reading = twilio->read_account({trial, no_numbers});
  REQUIRE(reading.has_value());
  CHECK_THAT(reading->detail, Contains("active"));
  CHECK(reading->notes.size() == 2);
  CHECK_THAT(twilio->read_account({refusal(401, 20003), no_numbers}).error().detail,
             Contains("auth_token is not accepted"));
  CHECK_THAT(twilio->read_account({trial, refusal(401, 20003)}).error().detail,
             Contains("API key is not accepted"));
}

TEST_CASE("SignalWire is Twilio with other ids, another path and another header", "[signalwire]") {
  CarrierSettings space = settings();
  space.values = {{"account_sid", "12345678-9abc-def0-1234-56789abcdef0"},
                  {"auth_token", "PTtoken"},
                  {"signing_key", kToken},
                  {"from", "+12025550199"},
                  {"base_url", "https://bakery.signalwire.com"}};
  const auto made = make_carrier("signalwire", space);
  REQUIRE(made.has_value());
  const std::string id = "00000000-0000-0000-0000-000000000001";
  CHECK((*made)->hang_up(id).url ==
        "https://bakery.signalwire.com/api/laml/2010-04-01/Accounts/"
        "12345678-9abc-def0-1234-56789abcdef0/Calls/" +
            id + ".json");
  CHECK((*made)->read_originated({201, {}, R"({"sid":")" + id + "\"}"}).ref == id);
  CHECK((*made)->read_originated({201, {}, call_json(kCall, "queued")}).taken == Taken::unknown);
  Webhook webhook;
  webhook.point = "sb";
  webhook.request = {"POST",
                     "https://ring.example/hooks/signalwire/sw/token/sb",
                     {},
                     form_encoded({{"CallSid", id}, {"CallStatus", "ringing"}})};
  webhook = signed_with(webhook, kToken);
  webhook.request.headers.back().first = "X-SignalWire-Signature";
  CHECK(std::holds_alternative<Heard>((*made)->read_webhook(webhook)));
}
