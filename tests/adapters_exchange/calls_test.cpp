// What people at the telephones do, and what the program gets to know of it, by the real codec.
#include <catch2/catch.hpp>

#include "tests/adapters_exchange/booth.hpp"

using namespace ringback;
using namespace ringback::exchange;

namespace {

void connect(Booth& booth) {
  REQUIRE(booth.order().taken == Taken::accepted);
  booth.business_does("answer");
  REQUIRE(booth.until([&] { return !booth.leg(Side::business)->prompt.empty(); }));
  booth.business_does("digits", "1");
  booth.visitor_does("answer");
  booth.pass(Seconds{1});
}

}  // namespace

TEST_CASE("a whole call: answer, press 1, talk, hang up", "[exchange]") {
  Booth booth;
  const Outcome outcome = booth.order();
  REQUIRE(outcome.taken == Taken::accepted);
  booth.business_does("answer");
  REQUIRE(booth.until([&] { return !booth.leg(Side::business)->prompt.empty(); }));
  CHECK(booth.leg(Side::business)->prompt == "A visitor asks to be rung back. Press 1.");
  CHECK(booth.leg(Side::visitor) == nullptr);  // not before a human accepted
  booth.business_does("digits", "1");
  booth.visitor_does("answer");
  CHECK(booth.leg(Side::visitor)->parent == outcome.ref);
  booth.pass(Seconds{42});
  booth.visitor_does("hang_up");
  REQUIRE(booth.until([&] { return booth.over(); }));
  booth.pass(Seconds{1});

  CHECK(booth.heard_view(Side::business) == View::completed);
  CHECK(booth.heard_view(Side::visitor) == View::completed);
  CHECK(booth.heard(Point::key, 1, "1"));
  CHECK(booth.heard(Point::dialed));
  CHECK(booth.unreadable == 0);
  for (const auto& news : booth.news) CHECK(news.ref == outcome.ref);

  const Snapshot snapshot = booth.snapshot(outcome.ref);
  CHECK(snapshot.business == View::completed);
  CHECK(snapshot.visitor == View::completed);
  CHECK(snapshot.talk_seconds == 42);
  CHECK_FALSE(snapshot.never_joined);

  REQUIRE(booth.world.log().size() == 1);
  const LogEntry& entry = booth.world.log().front();
  CHECK(entry.token == "token");
  CHECK(entry.business == kBusiness);
  CHECK(entry.visitor == kVisitor);
  CHECK(entry.visitor_rings == 1);
  REQUIRE(entry.visitor_rang_at.has_value());
  CHECK(*entry.business_rang_at < *entry.visitor_rang_at);
  CHECK(entry.visitor_ended_at.has_value());
}

TEST_CASE("each way of not answering has its own cause", "[exchange]") {
  struct Row {
    const char* action;
    Cause cause;
    View view;
    bool declined;
  };
  const auto row = GENERATE(values<Row>({{"decline", Cause::declined, View::busy, true},
                                         {"busy", Cause::busy, View::busy, false},
                                         {"no_answer", Cause::no_answer, View::no_answer, false}}));
  INFO(row.action);

  SECTION("of the business: the visitor is never rung") {
    Booth booth;
    booth.order();
    booth.business_does(row.action);
    booth.pass(Seconds{60});
    CHECK(booth.leg(Side::business)->cause == row.cause);
    CHECK(booth.heard_view(Side::business) == row.view);
    CHECK(booth.news.back().declined == row.declined);
    CHECK(booth.questions.empty());
    CHECK(booth.leg(Side::visitor) == nullptr);
  }
  SECTION("of the visitor: the business hears why") {
    Booth booth;
    booth.order();
    booth.business_does("answer");
    booth.business_does("digits", "1");
    booth.visitor_does(row.action);
    REQUIRE(booth.until([&] { return booth.heard(Point::dialed); }));
    CHECK(booth.leg(Side::visitor)->cause == row.cause);
    CHECK(booth.heard_view(Side::visitor) == row.view);
    CHECK(booth.leg(Side::business)->prompt == "Goodbye.");
    REQUIRE(booth.until([&] { return booth.over(); }));
    CHECK(booth.leg(Side::business)->cause == Cause::completed);
  }
}

TEST_CASE("a telephone that nobody touches stops ringing after the ordered time", "[exchange]") {
  Booth booth;
  booth.order();
  REQUIRE(booth.until([&] { return booth.is(Side::business, LegStatus::ringing); }));
  const auto rang = booth.now;
  REQUIRE(booth.until([&] { return booth.over(); }));
  CHECK(booth.leg(Side::business)->cause == Cause::no_answer);
  CHECK(booth.now - rang <= Seconds{26});
  CHECK(booth.now - rang >= Seconds{24});
}

TEST_CASE("a machine is told to be one, and is hung up on", "[exchange]") {
  Booth booth;
  booth.order();
  booth.business_does("machine");
  REQUIRE(booth.until([&] { return booth.over(); }));
  REQUIRE(booth.questions.size() == 1);
  CHECK(booth.questions.front().machine);
  CHECK(booth.leg(Side::visitor) == nullptr);
}

TEST_CASE("silence is asked about again, then the call ends", "[exchange]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  REQUIRE(booth.until([&] { return booth.over(); }));
  CHECK(booth.heard(Point::key, 1, ""));
  CHECK(booth.heard(Point::key, 2, ""));
  CHECK(booth.leg(Side::visitor) == nullptr);
}

TEST_CASE("keys pressed before a prompt are kept for it", "[exchange]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  booth.business_does("digits", "1");  // in the same instant: nobody has asked yet
  CHECK(booth.questions.empty());
  REQUIRE(booth.until([&] { return booth.is(Side::visitor, LegStatus::ringing); }));
  CHECK(booth.heard(Point::key, 1, "1"));
}

TEST_CASE("one prompt takes one key", "[exchange]") {
  Booth booth;
  booth.order();
  booth.business_does("answer");
  booth.business_does("digits", "91");
  REQUIRE(booth.until([&] { return booth.over(); }));
  CHECK(booth.heard(Point::key, 1, "9"));
  CHECK(booth.leg(Side::visitor) == nullptr);
}

TEST_CASE("whoever hangs up first, nobody is left on the line", "[exchange]") {
  Booth booth;
  SECTION("the business, while they talk") {
    connect(booth);
    booth.business_does("hang_up");
    CHECK(booth.leg(Side::visitor)->cause == Cause::completed);
  }
  SECTION("the business, while the visitor's phone rings") {
    booth.order();
    booth.business_does("answer");
    booth.business_does("digits", "1");
    REQUIRE(booth.until([&] { return booth.is(Side::visitor, LegStatus::ringing); }));
    booth.business_does("hang_up");
    CHECK(booth.leg(Side::visitor)->cause == Cause::canceled);
  }
  SECTION("the visitor") {
    connect(booth);
    booth.visitor_does("hang_up");
    REQUIRE(booth.until([&] { return booth.over(); }));
    CHECK(booth.heard(Point::dialed));
  }
  SECTION("the program, by request") {
    connect(booth);
    const std::string ref = booth.leg(Side::business)->id;
    CHECK(booth.world.handle(booth.carrier.hang_up(ref), booth.now).response->status == 200);
    // And once more: ending an ended call is a success.
    const auto again = booth.world.handle(booth.carrier.hang_up(ref), booth.now);
    CHECK(booth.carrier.read_hung_up(*again.response).has_value());
  }
  SECTION("the clock, when the talk time is over") {
    connect(booth);
    booth.pass(Seconds{620});
  }
  CHECK(booth.over());
  CHECK(booth.leg(Side::business)->cause == Cause::completed);
}

TEST_CASE("hanging up a call that rings cancels it", "[exchange]") {
  Booth booth;
  const auto ref = booth.order().ref;
  REQUIRE(booth.until([&] { return booth.is(Side::business, LegStatus::ringing); }));
  booth.world.handle(booth.carrier.hang_up(ref), booth.now);
  booth.pass(Seconds{1});
  CHECK(booth.heard_view(Side::business) == View::canceled);
}

TEST_CASE("an act that does not fit is refused and changes nothing", "[exchange]") {
  Booth booth;
  booth.order();
  REQUIRE(booth.until([&] { return booth.is(Side::business, LegStatus::ringing); }));
  const std::string id = booth.leg(Side::business)->id;
  const auto code = [&](std::string_view leg, std::string_view action, std::string_view digits) {
    const auto result = booth.world.act(leg, action, digits, booth.now);
    REQUIRE(result.has_error());
    return result.error().code;
  };
  CHECK(code(id, "hang_up", "") == Errc::conflict);
  CHECK(code(id, "digits", "1") == Errc::conflict);
  CHECK(code(id, "digits", "x") == Errc::invalid_input);
  CHECK(code(id, "digits", "") == Errc::invalid_input);
  CHECK(code(id, "digits", std::string(33, '1')) == Errc::invalid_input);
  CHECK(code(id, "explode", "") == Errc::invalid_input);
  for (const char* nobody : {"", "call-0-", "call-0-99", "call-0-1x", "call-9-1", "call-0-01"})
    CHECK(code(nobody, "answer", "") == Errc::not_found);
  CHECK(booth.is(Side::business, LegStatus::ringing));
  booth.act(*booth.leg(Side::business), "decline");
  CHECK(code(id, "answer", "") == Errc::conflict);
}

TEST_CASE("the desk can act before the first ring", "[exchange]") {
  Booth booth;
  booth.order();
  REQUIRE(booth.is(Side::business, LegStatus::queued));
  booth.act(*booth.leg(Side::business), "answer");
  booth.pass(Seconds{1});
  CHECK(booth.heard(Point::answered));
  CHECK(booth.world.log().front().business_rang_at.has_value());
}

TEST_CASE("an answer that is no instruction ends the call as failed", "[exchange]") {
  for (const char* answer :
       {"{", "[]", "{}", R"({"sing":{}})", R"({"ask":{"prompt":"x","round":1}})",
        R"({"ask":{"prompt":"x","round":1,"wait_seconds":5,"colour":"red"}})",
        R"({"dial":{"number":"12","caller_id":"","ring_seconds":30,"talk_seconds":60}})",
        R"({"dial":{"number":"+12025550123","caller_id":"","ring_seconds":0,"talk_seconds":60}})",
        R"({"say":{"text":"x"},"hang_up":{}})", R"({"hang_up":null})"}) {
    INFO(answer);
    Booth booth;
    booth.odd_answer = answer;
    booth.order();
    booth.business_does("answer");
    booth.pass(Seconds{1});
    CHECK(booth.leg(Side::business)->cause == Cause::failed);
    CHECK(booth.leg(Side::visitor) == nullptr);
  }
}

TEST_CASE("a call has one visitor; a second dial ends it", "[exchange]") {
  Booth booth;
  connect(booth);
  booth.odd_answer =
      R"({"dial":{"number":"+12025550124","caller_id":"","ring_seconds":30,"talk_seconds":60}})";
  booth.visitor_does("hang_up");
  booth.pass(Seconds{1});
  CHECK(booth.leg(Side::business)->cause == Cause::failed);
  CHECK(booth.leg(Side::visitor)->to == kVisitor);
}

TEST_CASE("in automatic mode the last two digits decide", "[exchange]") {
  struct Row {
    const char* number;
    Cause business;
    bool visitor_rung;
  };
  const auto row = GENERATE(values<Row>({{"+12025550100", Cause::completed, true},
                                         {"+12025550101", Cause::busy, false},
                                         {"+12025550102", Cause::no_answer, false},
                                         {"+12025550103", Cause::declined, false},
                                         {"+12025550104", Cause::completed, false},
                                         {"+12025550105", Cause::completed, false},
                                         {"+12025550107", Cause::completed, true},
                                         {"+12025550108", Cause::completed, false},
                                         {"+12025550142", Cause::completed, true}}));
  INFO(row.number);
  ExchangeOptions options;
  options.manners.automatic = true;
  Booth booth(options);
  REQUIRE(booth.order(*PhoneNumber::from_e164(row.number)).taken == Taken::accepted);
  REQUIRE(booth.until([&] { return booth.over(); }));
  CHECK(booth.leg(Side::business)->cause == row.business);
  CHECK((booth.leg(Side::visitor) != nullptr) == row.visitor_rung);
}

TEST_CASE("in automatic mode visitors act by their digits, too", "[exchange]") {
  struct Row {
    const char* number;
    Cause cause;
    bool rang;
  };
  const auto row = GENERATE(values<Row>({{"+12025550100", Cause::completed, true},
                                         {"+12025550101", Cause::busy, true},
                                         {"+12025550102", Cause::no_answer, true},
                                         {"+12025550103", Cause::declined, true},
                                         {"+12025550106", Cause::failed, false},
                                         {"+12025550108", Cause::completed, true}}));
  INFO(row.number);
  ExchangeOptions options;
  options.manners.automatic = true;
  Booth booth(options);
  booth.visitor = *PhoneNumber::from_e164(row.number);
  booth.order();
  REQUIRE(booth.until([&] { return booth.over(); }));
  CHECK(booth.leg(Side::visitor)->cause == row.cause);
  CHECK(booth.leg(Side::visitor)->rang_at.has_value() == row.rang);
  CHECK(booth.heard(Point::dialed));
  if (std::string(row.number).substr(10) == "08")
    CHECK(booth.snapshot(booth.leg(Side::business)->id).talk_seconds == 2);
}

TEST_CASE("an automatic 06 is refused when it is ordered, as a number", "[exchange]") {
  ExchangeOptions options;
  options.manners.automatic = true;
  Booth booth(options);
  CHECK(booth.order(*PhoneNumber::from_e164("+12025550106")).taken == Taken::refused_number);
  CHECK(booth.world.log().empty());
  Booth people;  // played by people it is a number like any other
  CHECK(people.order(*PhoneNumber::from_e164("+12025550106")).taken == Taken::accepted);
}

TEST_CASE("an automatic 07 lets it ring for 15 seconds", "[exchange]") {
  ExchangeOptions options;
  options.manners.automatic = true;
  Booth booth(options);
  booth.order(*PhoneNumber::from_e164("+12025550107"));
  REQUIRE(booth.until([&] { return booth.leg(Side::business)->answered_at.has_value(); }));
  const auto& leg = *booth.leg(Side::business);
  CHECK(*leg.answered_at - *leg.rang_at == Seconds{15});
}
