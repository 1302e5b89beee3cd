#include "tests/conformance/carrier_suite.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

namespace ringback::conformance {
namespace {

using Catch::Matchers::Contains;
using Catch::Matchers::StartsWith;

const PhoneNumber kBusiness = *PhoneNumber::from_e164("+12025550100");
const PhoneNumber kVisitor = *PhoneNumber::from_e164("+12025550123");
const PhoneNumber kShown = *PhoneNumber::from_e164("+12025550199");

OriginateOrder an_order() {
  OriginateOrder order;
  order.business = kBusiness;
  order.visitor = kVisitor;
  order.caller_id = kShown;
  order.hook = "https://ring.example/hooks/kind/account/0123456789abcdefABCDEF";
  return order;
}

std::string digits_of(const PhoneNumber& number) { return number.e164().substr(1); }

bool same_request(const HttpRequest& a, const HttpRequest& b) {
  return a.method == b.method && a.url == b.url && a.headers == b.headers && a.body == b.body;
}

void check_order(const Carrier& carrier) {
  // Start here: one order becomes one request, which names the business, the number that it sees
  // and the place where the carrier finds us.
  const HttpRequest request = carrier.originate(an_order());
  CHECK(request.method == "POST");
  CHECK_THAT(request.url, StartsWith("http"));
  CHECK_THAT(request.body, Contains(digits_of(kBusiness)));
  CHECK_THAT(request.body, Contains(digits_of(kShown)));
  CHECK_THAT(request.body, Contains("0123456789abcdefABCDEF"));

  // The visitor is named only to a carrier that joins the two by itself: nobody else may ring them
  // before a human has accepted.
  const bool names_visitor = request.body.find(digits_of(kVisitor)) != std::string::npos;
  CHECK(names_visitor == carrier.profile().bridges_itself);

  // The same order is the same letter: nothing in it depends on the clock or on chance.
  CHECK(same_request(request, carrier.originate(an_order())));
}

void check_answers(const CarrierFixture& fixture, const Carrier& carrier) {
  // A clear yes carries the reference by which the call is found again.
  const Outcome yes = carrier.read_originated(fixture.taken);
  CHECK(yes.taken == Taken::accepted);
  CHECK(yes.ref == fixture.taken_ref);

  // A clear no is the carrier's own, and says whether another number could do better, and whether
  // others would fare better: an account that is refused is left alone, for all of them.
  CHECK(carrier.read_originated(fixture.refused_number).taken == Taken::refused_number);
  CHECK(carrier.read_originated(fixture.refused_account).taken == Taken::refused_account);
  CHECK_FALSE(carrier.read_originated(fixture.refused_account).detail.empty());
  CHECK(carrier.read_originated(fixture.refused_content).taken == Taken::refused_content);
  const Outcome wait = carrier.read_originated(fixture.throttled);
  CHECK(wait.taken == Taken::throttled);
  CHECK(wait.retry_after == fixture.throttled_for);

  // All else is unknown, and must be said to be. This is what keeps a person from being rung twice.
  const HttpHeaders none;
  const std::vector<HttpResponse> garbled = {
      {200, none, ""},
      {200, none, "<html>Welcome to the hotel</html>"},
      {201, none, fixture.taken.body.substr(0, fixture.taken.body.size() / 2)},
      {201, none, "{}"},
      {204, none, ""},
      {302, {{"Location", "https://elsewhere.example"}}, ""},
      {400, none, "<html>Bad Request</html>"},
      {403, none, ""},
      {404, none, "not found"},
      {500, none, fixture.refused_number.body},
      {502, none, "<html>Bad Gateway</html>"},
      {503, none, fixture.taken.body},
  };
  for (const auto& reply : garbled) {
    INFO("status " << reply.status << ", body " << reply.body);
    CHECK(carrier.read_originated(reply).taken == Taken::unknown);
  }

  // What is kept for the operator never holds a number.
  for (const auto& reply : {fixture.refused_number, fixture.refused_account,
                            fixture.refused_content, fixture.throttled})
    CHECK_THAT(carrier.read_originated(reply).detail, !Contains(digits_of(kBusiness)));
}

void check_search(const CarrierFixture& fixture, const Carrier& carrier) {
  // After a lost reply: which calls are there? The question names the number and the window.
  const FindOrder order{kBusiness, kShown, TimePoint{Millis{1'000}}, TimePoint{Millis{9'000}}};
  const HttpRequest request = carrier.find_calls(order);
  CHECK(request.method == "GET");
  CHECK_THAT(request.url, Contains(digits_of(kBusiness)));

  const auto found = carrier.read_found(order, fixture.found);
  REQUIRE(found.has_value());
  REQUIRE(found->size() == fixture.found_calls.size());
  for (std::size_t i = 0; i < found->size(); ++i) {
    CHECK((*found)[i].ref == fixture.found_calls[i].ref);
    CHECK((*found)[i].created_at == fixture.found_calls[i].created_at);
  }

  // A list that cannot be read is no empty list: that would prove that nobody was rung.
  for (const HttpResponse& reply :
       {HttpResponse{200, {}, ""}, HttpResponse{200, {}, "{}"},
        HttpResponse{500, {}, fixture.found.body}, HttpResponse{404, {}, "no such page"}})
    CHECK_FALSE(carrier.read_found(order, reply).has_value());
}

void check_snapshots(const CarrierFixture& fixture, const Carrier& carrier) {
  const auto requests = carrier.fetch(fixture.taken_ref);
  REQUIRE_FALSE(requests.empty());
  for (const auto& request : requests) {
    CHECK(request.method == "GET");
    CHECK_THAT(request.url, Contains(fixture.taken_ref));
  }

  // Both legs as they are now.
  for (const auto& [letters, expected] : fixture.fetched) {
    const auto snapshot = carrier.read_fetched(letters);
    REQUIRE(snapshot.has_value());
    CHECK_FALSE(snapshot->gone);
    CHECK(snapshot->ref == expected.ref);
    CHECK(snapshot->business == expected.business);
    CHECK(snapshot->business_declined == expected.business_declined);
    CHECK(snapshot->visitor == expected.visitor);
    CHECK(snapshot->visitor_declined == expected.visitor_declined);
    CHECK(snapshot->never_joined == expected.never_joined);
    CHECK(snapshot->talk_seconds == expected.talk_seconds);
  }

  // "No such call" is knowledge, but only from the carrier itself, not from some proxy.
  const auto gone = carrier.read_fetched(fixture.gone);
  REQUIRE(gone.has_value());
  CHECK(gone->gone);
  const std::vector<HttpResponse> broken(requests.size(), HttpResponse{404, {}, "<html>"});
  CHECK_FALSE(carrier.read_fetched(broken).has_value());
  CHECK_FALSE(carrier.read_fetched({}).has_value());
}

void check_hang_up(const CarrierFixture& fixture, const Carrier& carrier) {
  const auto request = carrier.hang_up(fixture.taken_ref);
  CHECK_THAT(request.url, Contains(fixture.taken_ref));
  CHECK(carrier.read_hung_up(fixture.hung_up).has_value());
  // Ending an ended call is a success: the order is repeated until it is.
  CHECK(carrier.read_hung_up(fixture.was_over).has_value());
  CHECK_FALSE(carrier.read_hung_up({500, {}, ""}).has_value());
}

Heard heard(const Carrier& carrier, const Webhook& letter) {
  const auto reading = carrier.read_webhook(letter);
  REQUIRE(std::holds_alternative<Heard>(reading));
  return std::get<Heard>(reading);
}

void check_news(const CarrierFixture& fixture, const Carrier& carrier) {
  // A webhook says one thing of one leg. `ref` is always the business leg's: it names the call.
  for (const auto& [letter, expected] : fixture.news) {
    INFO(letter.request.body);
    const Heard said = heard(carrier, letter);
    REQUIRE(said.news.size() == 1);
    const News& news = said.news.front();
    CHECK(news.ref == expected.ref);
    CHECK(news.side == expected.side);
    CHECK(news.view == expected.view);
    CHECK(news.declined == expected.declined);
    CHECK(news.machine == expected.machine);
    CHECK(news.never_joined == expected.never_joined);
    CHECK(news.talk_seconds == expected.talk_seconds);
    // Without a signature it is only a hint, which orders a look.
    CHECK(news.hint == !carrier.profile().signs_webhooks);
    CHECK_FALSE(said.question.has_value());
  }

  // A question tells what happened and waits for an instruction.
  for (const auto& [letter, expected] : fixture.questions) {
    INFO(letter.request.body);
    const Heard said = heard(carrier, letter);
    REQUIRE(said.question.has_value());
    CHECK(said.question->ref == expected.ref);
    CHECK(said.question->point == expected.point);
    CHECK(said.question->round == expected.round);
    CHECK(said.question->digits == expected.digits);
    CHECK(said.question->machine == expected.machine);
  }
}

std::vector<Webhook> all_letters(const CarrierFixture& fixture) {
  std::vector<Webhook> letters;
  for (const auto& row : fixture.news) letters.push_back(row.letter);
  for (const auto& row : fixture.questions) letters.push_back(row.letter);
  for (const auto& row : fixture.recordings) letters.push_back(row.letter);
  return letters;
}

std::string place_of(const std::string& url) {  // scheme, host and port
  return url.substr(0, url.find('/', url.find("://") + 3));
}

void check_recordings(const CarrierFixture& fixture, const Carrier& carrier) {
  // The letter names the recording; where it is fetched is ours to say.
  REQUIRE_FALSE(fixture.recordings.empty());
  for (const auto& row : fixture.recordings) {
    const auto told = heard(carrier, row.letter);
    REQUIRE(told.recordings.size() == 1);
    CHECK(told.recordings.front() == row.expected);
    CHECK(told.news.empty());
    CHECK_FALSE(told.question);
  }
  const auto& first = fixture.recordings.front();
  CHECK_FALSE(first.expected.absent);
  const auto fetch = carrier.fetch_recording(first.expected.ref);
  CHECK(fetch.method == "GET");
  CHECK(fetch.url.find(first.expected.ref) != std::string::npos);
  CHECK_FALSE(header_of(fetch.headers, "Authorization").empty());
  const auto removal = carrier.delete_recording(first.expected.ref);
  if (!removal.url.empty()) CHECK(removal.method == "DELETE");
  const auto hosts = carrier.recording_hosts();
  const auto allowed = [&](const std::string& url) {
    return std::any_of(hosts.begin(), hosts.end(), [&](const std::string& host) {
      return place_of(url).find(host) != std::string::npos;
    });
  };
  CHECK(allowed(fetch.url));

  // A name that tries to be an address or a path stays a name, or is none.
  for (const char* name : {"https://evil.example/a.wav", "//evil.example/a", "../../Accounts",
                           "x?y=z", "x#y", "@evil.example", "a b", ""}) {
    INFO(name);
    const auto reading = carrier.read_webhook(fixture.with_recording(first.letter, name));
    if (std::holds_alternative<WebhookFault>(reading)) continue;
    for (const auto& news : std::get<Heard>(reading).recordings) {
      const auto letter = carrier.fetch_recording(news.ref);
      if (letter.url.empty()) continue;
      CHECK(place_of(letter.url) == place_of(fetch.url));
      CHECK(letter.url.find("..") == std::string::npos);
      CHECK(letter.url.find('#') == std::string::npos);
    }
  }
}

void check_deliveries(const CarrierFixture& fixture, const Carrier& carrier) {
  // Carriers repeat themselves. A repeat has the delivery key of its original, and no other letter
  // has it: an event is applied once, and none is taken for another.
  const auto letters = all_letters(fixture);
  std::vector<std::string> keys;
  for (const auto& letter : letters) {
    keys.push_back(heard(carrier, letter).delivery);
    CHECK_FALSE(keys.back().empty());
    CHECK(keys.back() == heard(carrier, letter).delivery);
  }
  std::sort(keys.begin(), keys.end());
  CHECK(std::adjacent_find(keys.begin(), keys.end()) == keys.end());
}

void check_forgeries(const CarrierFixture& fixture, const Carrier& carrier) {
  // Nobody else may tell us what happened.
  const auto is_refused = [&](const Webhook& letter) {
    const auto reading = carrier.read_webhook(letter);
    return std::holds_alternative<WebhookFault>(reading) &&
           std::get<WebhookFault>(reading) == WebhookFault::unauthenticated;
  };
  for (const auto& letter : all_letters(fixture)) {
    CHECK(is_refused(fixture.wrongly_signed(letter)));
    CHECK(is_refused(fixture.unsigned_letter(letter)));
    Webhook elsewhere = letter;  // a good letter, sent again to another attempt
    elsewhere.request.url += "x";
    CHECK(is_refused(elsewhere));
    Webhook changed = letter;
    changed.request.body += " ";
    CHECK(is_refused(changed));
  }
}

void check_nonsense(const CarrierFixture& fixture, const Carrier& carrier) {
  // What the carrier itself garbles is refused as such; nothing throws.
  for (const auto& letter : all_letters(fixture))
    for (const char* body : {"", "{", "[]", "null", "{}", R"({"id": 7})", "\xff\xfe", "a=%zz"}) {
      INFO(body);
      const auto reading = carrier.read_webhook(fixture.with_body(letter, body));
      REQUIRE(std::holds_alternative<WebhookFault>(reading));
      CHECK(std::get<WebhookFault>(reading) == WebhookFault::malformed);
    }
}

void check_instructions(const Carrier& carrier) {
  const std::string hook = an_order().hook;
  const std::string awkward = R"(Call from "Ann & Bob" <b> 'x' – press 1)";
  const std::vector<Instruction> all = {
      AskForKey{awkward, 2}, DialVisitor{kVisitor, kShown, Seconds{30}, Seconds{60}},
      DialVisitor{kVisitor, kShown, Seconds{30}, Seconds{60}, Announcement{awkward, awkward}},
      SayAndHangUp{awkward}, HangUp{}};
  for (const auto& instruction : all) {
    const HttpResponse answer = carrier.write_instruction(instruction, hook);
    CHECK(answer.status == 200);
    CHECK_FALSE(header_of(answer.headers, "Content-Type").empty());
    // Only the instruction to ring the visitor names the visitor.
    const bool names_visitor = answer.body.find(digits_of(kVisitor)) != std::string::npos;
    CHECK(names_visitor == std::holds_alternative<DialVisitor>(instruction));
    // Asked again, the answer is the same.
    CHECK(carrier.write_instruction(instruction, hook).body == answer.body);
    // Wherever it asked: nobody but who is to ring the visitor hears the visitor's number.
    for (const Point point : {Point::answered, Point::key, Point::dialed}) {
      const HttpResponse there = carrier.write_answer(point, instruction, hook);
      CHECK(there.body == carrier.write_answer(point, instruction, hook).body);
      if (!std::holds_alternative<DialVisitor>(instruction))
        CHECK_THAT(there.body, !Contains(digits_of(kVisitor)));
    }
  }
}

}  // namespace

void check_carrier(const CarrierFixture& fixture) {
  const auto carrier = fixture.make();
  const CarrierProfile& profile = carrier->profile();
  CHECK_FALSE(profile.kind.empty());

  check_order(*carrier);
  check_answers(fixture, *carrier);
  if (profile.can_find_calls) check_search(fixture, *carrier);
  check_snapshots(fixture, *carrier);
  if (profile.can_hang_up) check_hang_up(fixture, *carrier);
  check_news(fixture, *carrier);
  check_deliveries(fixture, *carrier);
  if (profile.signs_webhooks) check_forgeries(fixture, *carrier);
  check_nonsense(fixture, *carrier);
  if (profile.can_record) check_recordings(fixture, *carrier);
  if (!profile.bridges_itself) check_instructions(*carrier);
}

}  // namespace ringback::conformance
