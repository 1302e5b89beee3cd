#include "tests/adapters_exchange/booth.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

#include "core/ports/letter_text.hpp"
#include "tests/support/openssl_hmac.hpp"

namespace ringback::exchange {
namespace {

constexpr Millis kLongestWait{3'600'000};
const std::string kBase = "http://127.0.0.1:9999";
const std::string kHookBase = "http://localhost:8501/hooks/simulator/simulator/";

SimulatorAccount account() {
  return {kBase, "simulator", "secret", "sign key", *PhoneNumber::from_e164("+12025550199")};
}

ExchangeOptions with_secret(ExchangeOptions options) {
  options.secret = "secret";
  if (options.boot_id.empty()) options.boot_id = "0";
  return options;
}

}  // namespace

Booth::Booth(ExchangeOptions options)
    : world(with_secret(std::move(options)), test::openssl_hmac),
      carrier(account(), test::openssl_hmac),
      messenger(account()) {}

Outcome Booth::order(const PhoneNumber& business) {
  OriginateOrder order;
  order.business = business;
  order.visitor = visitor;
  order.hook = kHookBase + token;
  const Reply reply = world.handle(carrier.originate(order), now);
  lost = !reply.response.has_value();
  return lost ? Outcome{} : carrier.read_originated(*reply.response);
}

HttpResponse Booth::request(std::string method, std::string path, std::string body,
                            std::string type) {
  HttpRequest request{std::move(method),
                      kBase + path,
                      {{"Authorization", basic_authorization("simulator", "secret")},
                       {"Content-Type", std::move(type)}},
                      std::move(body)};
  return world.handle(request, now).response.value_or(HttpResponse{});
}

Snapshot Booth::snapshot(const std::string& ref) {
  const auto reply = world.handle(carrier.fetch(ref).front(), now);
  REQUIRE(reply.response.has_value());
  const auto snapshot = carrier.read_fetched({*reply.response});
  REQUIRE(snapshot.has_value());
  return *snapshot;
}

HttpResponse Booth::answer(const HttpRequest& letter) {
  letters.push_back(letter);
  if (broken_answers > 0) {
    --broken_answers;
    return {500, {}, ""};
  }
  Webhook webhook;
  webhook.request = letter;
  webhook.received_at = now;
  std::string path = letter.url.substr(kHookBase.size());
  path = path.substr(path.find('/') + 1);
  webhook.point = path.substr(0, path.find('/'));
  if (path.find('/') != std::string::npos)
    webhook.round = std::stoi(path.substr(path.find('/') + 1));
  const auto reading = carrier.read_webhook(webhook);
  if (!std::holds_alternative<Heard>(reading)) {
    ++unreadable;
    return {403, {}, ""};
  }
  const auto& said = std::get<Heard>(reading);
  deliveries.insert(said.delivery);
  news.insert(news.end(), said.news.begin(), said.news.end());
  if (!said.question) return {204, {}, ""};
  questions.push_back(*said.question);
  if (!odd_answer.empty()) return {200, {}, odd_answer};
  return carrier.write_instruction(decide(*said.question), kHookBase + token);
}

Instruction Booth::decide(const Questioned& question) const {
  switch (question.point) {
    case Point::answered:
      if (question.machine) return HangUp{};
      return AskForKey{"A visitor asks to be rung back. Press 1.", 1};
    case Point::key:
      if (question.digits == "1") return DialVisitor{visitor, {}, Seconds{30}, Seconds{600}};
      if (question.digits.empty() && question.round == 1) return AskForKey{"Press 1, please.", 2};
      return HangUp{};
    case Point::dialed:
      break;
  }
  return SayAndHangUp{"Goodbye."};
}

void Booth::pass(Millis span) {
  const TimePoint end = now + span;
  for (auto due = world.next_due(); due && *due <= end; due = world.next_due()) {
    now = std::max(now, *due);
    for (const auto& webhook : world.take_due(now)) {
      if (reachable)
        world.webhook_answered(webhook.id, answer(webhook.request), now);
      else
        world.webhook_answered(webhook.id, std::nullopt, now);
    }
  }
  now = end;
}

bool Booth::until(const std::function<bool()>& is_so) {
  const TimePoint end = now + kLongestWait;
  while (!is_so() && now < end) pass(Millis{50});
  return is_so();
}

const Leg* Booth::leg(Side role) const {
  const auto& legs = world.legs();
  for (auto it = legs.rbegin(); it != legs.rend(); ++it)
    if (it->second.role == role) return &it->second;
  return nullptr;
}

bool Booth::is(Side role, LegStatus status) const {
  const Leg* found = leg(role);
  return found != nullptr && found->status == status;
}

bool Booth::over() const {
  return std::all_of(world.legs().begin(), world.legs().end(),
                     [](const auto& row) { return row.second.status == LegStatus::ended; });
}

void Booth::act(const Leg& leg, std::string_view action, std::string_view digits) {
  const auto result = world.act(leg.id, action, digits, now);
  INFO((result.has_error() ? result.error().detail : ""));
  REQUIRE(result.has_value());
}

void Booth::business_does(std::string_view action, std::string_view digits) {
  REQUIRE(until([&] { return leg(Side::business) && !is(Side::business, LegStatus::queued); }));
  act(*leg(Side::business), action, digits);
}

void Booth::visitor_does(std::string_view action, std::string_view digits) {
  REQUIRE(until([&] { return leg(Side::visitor) && !is(Side::visitor, LegStatus::queued); }));
  act(*leg(Side::visitor), action, digits);
}

View Booth::heard_view(Side side) const {
  View highest = View::none;
  for (const auto& one : news)
    if (one.side == side) highest = std::max(highest, one.view);
  return highest;
}

bool Booth::heard(Point point, int round, const std::string& digits) const {
  return std::any_of(questions.begin(), questions.end(), [&](const Questioned& question) {
    return question.point == point && question.round == round && question.digits == digits;
  });
}

}  // namespace ringback::exchange
