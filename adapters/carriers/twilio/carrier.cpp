// Orders, answers and instructions; webhook.cpp has the letters that come in.
//
// Oddities: a repeated POST rings again, there is no idempotency key. A list filtered by StartTime
// does not hold calls that are queued, so the lists are asked for without it. The list of child
// legs lags behind the call itself. Numbers in the JSON are text.
#include "adapters/carriers/twilio/carrier.hpp"

#include <boost/json/array.hpp>
#include <utility>

#include "adapters/carriers/twilio/errors.hpp"
#include "adapters/carriers/twilio/legs.hpp"
#include "adapters/carriers/twilio/letters.hpp"
#include "adapters/carriers/twilio/times.hpp"
#include "adapters/carriers/twilio/twiml.hpp"

namespace ringback {
namespace {

namespace json = boost::json;
using twilio::text_in;

constexpr Seconds kChildrenLag{60};
constexpr Seconds kLongestRing{600};
constexpr Seconds kLongestCall{14'400};
constexpr Seconds kPrompts{120};  // the business listens and is told good-bye, beside the talk

std::string call_path(std::string_view ref) { return "/Calls/" + percent_encoded(ref) + ".json"; }

std::string seconds_text(Seconds seconds) { return std::to_string(seconds.count()); }

Fields webhook_fields(const TwilioAccount& account, const OriginateOrder& order) {
  const std::string answer = order.hook + "/answer";
  const std::string status = order.hook + "/sb" + std::string(account.dialect->retry_fragment);
  Fields fields{{"Url", answer},
                {"Method", "POST"},
                {"FallbackUrl", answer},
                {"FallbackMethod", "POST"},
                {"StatusCallback", status},
                {"StatusCallbackMethod", "POST"}};
  for (const char* event : {"initiated", "ringing", "answered", "completed"})
    fields.emplace_back("StatusCallbackEvent", event);
  // Only beside the key: by itself it is wrong too often.
  if (account.detects_machines && order.ask_for_key)
    fields.emplace_back("MachineDetection", "Enable");
  return fields;
}

const json::object* object_of(const json::value& value) { return value.if_object(); }

// The visitor's leg among the children of a call: the one that got furthest, if there are several.
const json::object* visitor_leg(const json::array& children) {
  const json::object* best = nullptr;
  const auto view = [](const json::object& leg) {
    return twilio::view_of(text_in(leg, "status").value_or(""));
  };
  for (const auto& child : children) {
    const auto* leg = object_of(child);
    if (leg != nullptr && (best == nullptr || view(*leg) > view(*best))) best = leg;
  }
  return best;
}

}  // namespace

TwilioCarrier::TwilioCarrier(TwilioAccount account, twilio::SignatureCheck signature)
    : account_(std::move(account)), signature_(std::move(signature)) {
  profile_.kind = account_.dialect->kind;
  profile_.owner = owner_at(account_.base_url, account_.account_sid);
  profile_.bridges_itself = account_.polled;
  profile_.polled = account_.polled;
  profile_.can_ask_for_key = !account_.polled;
  profile_.asking_needs =
      "let its webhooks come in (a public https public_url, and carrier.poll = false)";
  profile_.can_hang_up = true;
  profile_.can_find_calls = true;
  profile_.can_record = !account_.polled;  // without webhooks nobody could be told
  profile_.signs_webhooks = true;
  profile_.fetch_lag = kChildrenLag;
  profile_.longest_ring = kLongestRing;
  profile_.calls_per_second = account_.calls_per_second;
  profile_.caller_id = account_.from;
}

HttpRequest TwilioCarrier::originate(const OriginateOrder& order) const {
  const auto& from = order.caller_id.empty() ? account_.from : order.caller_id;
  Fields form{{"To", order.business.e164()}, {"From", from.e164()}};
  if (account_.polled) {
    const DialVisitor dial{order.visitor, from, order.visitor_ring, order.talk};
    form.emplace_back("Twiml", twilio::twiml_join(account_, dial));
  } else {
    for (auto& field : webhook_fields(account_, order)) form.push_back(std::move(field));
  }
  form.emplace_back("Timeout", seconds_text(order.ring));
  form.emplace_back("TimeLimit", seconds_text(std::min(order.visitor_ring + order.talk + kPrompts,
                                                       kLongestCall)));
  return twilio::post(account_, "/Calls.json", form);
}

Outcome TwilioCarrier::read_originated(const HttpResponse& response) const {
  return twilio::read_taken(account_, response, {"CA"});
}

HttpRequest TwilioCarrier::find_calls(const FindOrder& order) const {
  const auto& from = order.caller_id.empty() ? account_.from : order.caller_id;
  return twilio::get(account_, "/Calls.json",
                     {{"To", order.business.e164()},
                      {"From", from.e164()},
                      {"PageSize", std::to_string(twilio::kPageSize)}});
}

Result<std::vector<FoundCall>> TwilioCarrier::read_found(const FindOrder& order,
                                                         const HttpResponse& response) const {
  const auto rows = twilio::read_page(response, "calls", order.from);
  if (!rows) return rows.error();
  std::vector<FoundCall> found;
  for (const auto& row : *rows) {
    const auto& call = row.get_object();
    auto sid = text_in(call, "sid");
    const auto created = twilio::parse_rfc2822(*text_in(call, "date_created"));
    if (!sid || !account_.dialect->is_id(*sid, "CA"))
      return Error{Errc::unavailable, "the carrier's list cannot be read"};
    // A number of the account that is rung by another has a row of its own for being rung.
    const bool is_child = !text_in(call, "parent_call_sid").value_or("").empty();
    const bool came_in = text_in(call, "direction").value_or("").starts_with("inbound");
    if (!is_child && !came_in && *created >= order.from && *created <= order.to)
      found.push_back({std::move(*sid), *created});
  }
  return found;
}

std::vector<HttpRequest> TwilioCarrier::fetch(std::string_view ref) const {
  return {twilio::get(account_, call_path(ref)),
          twilio::get(account_, "/Calls.json",
                      {{"ParentCallSid", std::string(ref)}, {"PageSize", "20"}})};
}

Result<Snapshot> TwilioCarrier::read_fetched(const std::vector<HttpResponse>& responses) const {
  if (responses.size() != 2)
    return Error{Errc::invalid_input, "two answers belong to two requests"};
  Snapshot snapshot;
  const auto refusal = twilio::refusal_in(responses[0]);
  if (responses[0].status == 404 && refusal && twilio::means_unknown_reference(*refusal)) {
    snapshot.gone = true;
    return snapshot;
  }
  const auto call = twilio::read_object(responses[0]);
  if (!call) return call.error();
  const auto list = twilio::read_object(responses[1]);
  if (!list) return list.error();
  const Error garbled{Errc::unavailable, "the carrier's call cannot be read"};
  auto sid = text_in(*call, "sid");
  const auto status = text_in(*call, "status");
  const auto* children = list->if_contains("calls");
  if (!sid || !status || !account_.dialect->is_id(*sid, "CA") || children == nullptr ||
      !children->is_array())
    return garbled;
  snapshot.ref = std::move(*sid);
  snapshot.business = twilio::view_of(*status);
  const auto* visitor = visitor_leg(children->get_array());
  if (visitor == nullptr) return snapshot;
  snapshot.visitor = twilio::view_of(text_in(*visitor, "status").value_or(""));
  if (snapshot.visitor != View::completed) return snapshot;
  const auto duration = twilio::whole_in(*visitor, "duration");
  snapshot.talk_seconds = duration.value_or(0);
  snapshot.never_joined = duration == 0;
  return snapshot;
}

HttpRequest TwilioCarrier::hang_up(std::string_view ref) const {
  // "completed" ends a call in every state; "canceled" only one that is not answered yet.
  return twilio::post(account_, call_path(ref), {{"Status", "completed"}});
}

Result<void> TwilioCarrier::read_hung_up(const HttpResponse& response) const {
  const auto refusal = twilio::refusal_in(response);
  if (refusal && twilio::means_over(*refusal)) return {};
  const auto body = twilio::read_object(response);
  if (!body) return body.error();
  return {};
}

HttpResponse TwilioCarrier::write_instruction(const Instruction& instruction,
                                              std::string_view hook) const {
  return {200,
          {{"Content-Type", "text/xml; charset=utf-8"}},
          twilio::twiml(account_, instruction, hook)};
}

HttpResponse TwilioCarrier::write_announcement(std::string_view text) const {
  return {200,
          {{"Content-Type", "text/xml; charset=utf-8"}},
          twilio::twiml_announcement(account_, text)};
}

// MPEG: an hour of two channels as WAVE is larger than what is taken.
HttpRequest TwilioCarrier::fetch_recording(std::string_view ref) const {
  if (!account_.dialect->is_id(ref, "RE")) return {};
  auto letter = twilio::get(account_, "/Recordings/" + std::string(ref) + ".mp3");
  for (auto& [name, value] : letter.headers)
    if (name == "Accept") value = "audio/mpeg";
  return letter;
}

HttpRequest TwilioCarrier::delete_recording(std::string_view ref) const {
  if (!account_.dialect->is_id(ref, "RE")) return {};
  auto letter = twilio::get(account_, "/Recordings/" + std::string(ref) + ".json");
  letter.method = "DELETE";
  return letter;
}

std::vector<std::string> TwilioCarrier::recording_hosts() const {
  return {std::string(url_host(account_.base_url))};
}

std::vector<HttpRequest> TwilioCarrier::ask_account() const {
  // The first with the auth token itself: webhooks stand and fall with it.
  auto whole = account_;
  whole.api_user = account_.account_sid;
  whole.api_password = account_.auth_token;
  return {twilio::get(whole, ".json"),
          twilio::get(account_, "/IncomingPhoneNumbers.json",
                      {{"PhoneNumber", account_.from.e164()}, {"PageSize", "1"}})};
}

Result<AccountReading> TwilioCarrier::read_account(
    const std::vector<HttpResponse>& responses) const {
  if (responses.size() != 2)
    return Error{Errc::invalid_input, "two answers belong to two requests"};
  const auto about = twilio::read_object(responses[0]);
  if (!about)
    return Error{about.error().code, "auth_token is not accepted: " + about.error().detail};
  const auto numbers = twilio::read_object(responses[1]);
  if (!numbers)
    return Error{numbers.error().code, "the API key is not accepted: " + numbers.error().detail};
  AccountReading reading;
  const auto status = text_in(*about, "status").value_or("");
  const auto type = text_in(*about, "type").value_or("");
  reading.detail =
      "the credentials are good; the account is " + (status.empty() ? "known" : status);
  if (!status.empty() && status != "active")
    reading.notes.push_back("the account is " + status + ": nothing can be called");
  if (type == "Trial")
    reading.notes.push_back(
        "a trial account: it calls and texts verified numbers alone, and says so first");
  const auto* rows = numbers->if_contains("incoming_phone_numbers");
  if (rows != nullptr && rows->is_array() && rows->get_array().empty())
    reading.notes.push_back(
        "`from` is not one of the account's numbers: unless it is a verified caller id, calls are "
        "refused (21210)");
  return reading;
}

}  // namespace ringback
