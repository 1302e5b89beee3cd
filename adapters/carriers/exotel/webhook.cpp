// The letters that come in, and our answers.
//
// Two kinds of secret stand in a path. A status letter carries the attempt's own token. The
// addresses of a flow are typed into Exotel's dashboard once, so they carry the account's flow
// secret, and the call's CustomField brings the attempt's token. Whoever knows both and the
// CallSid is believed to be Exotel: there is nothing else to go by, and reading the call back would
// not tell which key was pressed. What a letter says of a leg moves nothing (see Carrier).
#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <string>

#include "adapters/carriers/exotel/carrier.hpp"
#include "adapters/carriers/exotel/fields.hpp"
#include "adapters/carriers/exotel/legs.hpp"
#include "adapters/carriers/exotel/numbers.hpp"

namespace ringback {
namespace {

namespace json = boost::json;

constexpr std::size_t kMostDigits = 32;
constexpr std::size_t kLongestToken = 128;
// A flow asks again by itself, so what it brings us is its last word.
constexpr int kLastRound = 2;

struct PointRow {
  std::string_view name;
  Point point;
};
constexpr PointRow kFlowPoints[] = {
    {"key", Point::key}, {"connect", Point::answered}, {"dialed", Point::dialed}};

const PointRow* flow_point(std::string_view name) {
  for (const auto& row : kFlowPoints)
    if (row.name == name) return &row;
  return nullptr;
}

// Digits come wrapped in quotation marks: "1".
std::string_view unquoted(std::string_view text) {
  if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
    return text.substr(1, text.size() - 2);
  return text;
}

News hint_of(const std::string& call, Side side) {
  News news;
  news.ref = call;
  news.side = side;
  news.hint = true;
  return news;
}

// A word that nobody knows makes no other key than the next such word: it only orders a look.
std::string_view known(std::string_view status) { return exotel::is_status(status) ? status : "?"; }

std::string delivery_of(std::string_view point, const std::string& call, const Fields& fields) {
  std::string key = std::string(point) + "|" + call;
  for (const char* name :
       {"EventType", "Status", "Legs[0][Status]", "Legs[1][Status]", "DialCallStatus"}) {
    const auto value = exotel::field(fields, name);
    key += '|';
    if (!value.empty()) key += value == "terminal" || value == "answered" ? value : known(value);
  }
  return key;
}

WebhookReading read_status(const Fields& fields, Heard heard, const std::string& call) {
  if (exotel::field(fields, "Status").empty()) return WebhookFault::malformed;
  heard.delivery = delivery_of("status", call, fields);
  heard.news.push_back(hint_of(call, Side::business));
  return heard;
}

WebhookReading read_question(const Fields& fields, Heard heard, const std::string& call,
                             const PointRow& row) {
  const auto token = unquoted(exotel::field(fields, "CustomField"));
  const auto digits = unquoted(exotel::field(fields, "digits"));
  if (token.empty() || token.size() > kLongestToken || digits.size() > kMostDigits)
    return WebhookFault::malformed;
  heard.token = token;
  Questioned question;
  question.ref = call;
  question.point = row.point;
  if (row.point == Point::key) {
    question.round = kLastRound;
    question.digits = digits;
  }
  if (row.point == Point::dialed) heard.news.push_back(hint_of(call, Side::visitor));
  heard.delivery = delivery_of(row.name, call, fields);
  heard.question = std::move(question);
  return heard;
}

// The answer to a Connect applet with a dynamic URL; without numbers it rings nobody.
json::object connect(const exotel::Account& account, const Instruction& instruction) {
  json::object answer{{"fetch_after_attempt", false},
                      {"destination", {{"numbers", json::array{}}}}};
  const auto* dial = std::get_if<DialVisitor>(&instruction);
  if (dial == nullptr) return answer;
  const auto& shown = dial->caller_id.empty() ? account.caller_id : dial->caller_id;
  answer["destination"] = {{"numbers", json::array{dial->visitor.e164()}}};
  answer["outgoing_phone_number"] = shown.e164();
  answer["record"] = false;
  answer["max_ringing_duration"] = dial->ring.count();
  answer["max_conversation_duration"] = dial->talk.count();
  answer["music_on_hold"] = {{"type", "operator_tone"}};
  return answer;
}

}  // namespace

WebhookReading ExotelCarrier::read_webhook(const Webhook& webhook) const {
  const PointRow* asked = flow_point(webhook.point);
  if (asked != nullptr &&
      (account_.flow_secret.empty() || !same_secret(account_.flow_secret, webhook.token)))
    return WebhookFault::unauthenticated;
  if (asked == nullptr && webhook.point != "status") return WebhookFault::malformed;

  const auto fields = exotel::read_fields(webhook.request);
  if (!fields) return WebhookFault::malformed;
  const std::string call(exotel::field(*fields, "CallSid"));
  if (!exotel::is_sid(call)) return WebhookFault::malformed;
  if (asked == nullptr) return read_status(*fields, Heard{}, call);
  return read_question(*fields, Heard{}, call, *asked);
}

HttpResponse ExotelCarrier::write_instruction(const Instruction& instruction,
                                              std::string_view) const {
  return {
      200, {{"Content-Type", "application/json"}}, json::serialize(connect(account_, instruction))};
}

// A Passthru applet goes one way on 200 and the other on 302, whatever the body says; so the
// visitor's number is told to Connect alone.
HttpResponse ExotelCarrier::write_answer(Point asked_at, const Instruction& instruction,
                                         std::string_view hook) const {
  if (asked_at == Point::answered) return write_instruction(instruction, hook);
  const bool go_on = asked_at == Point::dialed || std::holds_alternative<DialVisitor>(instruction);
  return {go_on ? 200 : 302, {{"Content-Type", "text/plain"}}, go_on ? "go on" : "stop"};
}

}  // namespace ringback
