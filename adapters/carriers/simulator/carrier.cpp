// Orders, answers and instructions; webhook.cpp has the letters that come in.
#include "adapters/carriers/simulator/carrier.hpp"

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "adapters/carriers/simulator/legs.hpp"
#include "adapters/carriers/simulator/letters.hpp"

namespace ringback {
namespace {

namespace json = boost::json;

constexpr int kKeySeconds = 10;  // a prompt waits so long for a key

struct Writer {
  json::object operator()(const AskForKey& ask) const {
    return {{"ask", {{"prompt", ask.prompt}, {"round", ask.round}, {"wait_seconds", kKeySeconds}}}};
  }
  json::object operator()(const DialVisitor& dial) const {
    const auto& from = dial.caller_id.empty() ? account.caller_id : dial.caller_id;
    json::object order{{"number", dial.visitor.e164()},
                       {"caller_id", from.e164()},
                       {"ring_seconds", dial.ring.count()},
                       {"talk_seconds", dial.talk.count()}};
    if (dial.recorded) {
      if (!dial.recorded->to_business.empty()) order["say"] = dial.recorded->to_business;
      order["announce"] = dial.recorded->to_visitor;
    }
    return {{"dial", std::move(order)}};
  }
  json::object operator()(const SayAndHangUp& say) const { return {{"say", {{"text", say.text}}}}; }
  json::object operator()(const HangUp&) const { return {{"hang_up", json::object{}}}; }

  const SimulatorAccount& account;
};

std::string ms_text(TimePoint at) { return std::to_string(at.time_since_epoch().count()); }

}  // namespace

SimulatorCarrier::SimulatorCarrier(SimulatorAccount account, Hmac hmac)
    : account_(std::move(account)), hmac_(std::move(hmac)) {
  profile_.kind = "simulator";
  profile_.can_ask_for_key = true;
  profile_.can_hang_up = true;
  profile_.can_find_calls = true;
  profile_.can_record = true;
  profile_.signs_webhooks = true;
  profile_.caller_id = account_.caller_id;
}

HttpRequest SimulatorCarrier::originate(const OriginateOrder& order) const {
  const auto& from = order.caller_id.empty() ? account_.caller_id : order.caller_id;
  return simulator::post(account_, "/v1/calls",
                         {{"to", order.business.e164()},
                          {"from", from.e164()},
                          {"hook", order.hook},
                          {"ring_seconds", order.ring.count()},
                          {"sign_key", account_.sign_key}});
}

Outcome SimulatorCarrier::read_originated(const HttpResponse& response) const {
  return simulator::read_taken(response);
}

HttpRequest SimulatorCarrier::find_calls(const FindOrder& order) const {
  const auto& from = order.caller_id.empty() ? account_.caller_id : order.caller_id;
  Fields query{{"to", order.business.e164()},
               {"created_from_ms", ms_text(order.from)},
               {"created_to_ms", ms_text(order.to)}};
  if (!from.empty()) query.emplace_back("from", from.e164());
  return simulator::get(account_, "/v1/calls", query);
}

Result<std::vector<FoundCall>> SimulatorCarrier::read_found(const FindOrder&,
                                                            const HttpResponse& response) const {
  const auto letter = simulator::read_object(response);
  if (!letter) return letter.error();
  const auto& body = letter->members();
  const Error garbled{Errc::unavailable, "the exchange's list of calls cannot be read"};
  const auto* rows = body.if_contains("calls");
  if (rows == nullptr || !rows->is_array()) return garbled;
  std::vector<FoundCall> found;
  for (const auto& row : rows->get_array()) {
    if (!row.is_object()) return garbled;
    auto id = simulator::text_in(row.get_object(), "id");
    const auto created = simulator::whole_in(row.get_object(), "created_ms");
    if (!id || id->empty() || !created) return garbled;
    found.push_back({std::move(*id), TimePoint{Millis{*created}}});
  }
  return found;
}

std::vector<HttpRequest> SimulatorCarrier::fetch(std::string_view ref) const {
  return {simulator::get(account_, "/v1/calls/" + percent_encoded(ref))};
}

Result<Snapshot> SimulatorCarrier::read_fetched(const std::vector<HttpResponse>& responses) const {
  if (responses.size() != 1) return Error{Errc::invalid_input, "one answer belongs to one request"};
  Snapshot snapshot;
  if (simulator::refusal_in(responses.front()) == "not_found") {
    snapshot.gone = true;
    return snapshot;
  }
  const auto letter = simulator::read_object(responses.front());
  if (!letter) return letter.error();
  const auto& body = letter->members();
  const Error garbled{Errc::unavailable, "the exchange's call cannot be read"};
  auto id = simulator::text_in(body, "id");
  const auto business = simulator::read_leg(body);
  const auto* visitor = body.if_contains("visitor");
  if (!id || id->empty() || !business || visitor == nullptr) return garbled;
  snapshot.ref = std::move(*id);
  snapshot.business = business->view;
  snapshot.business_declined = business->declined;
  if (visitor->is_null()) return snapshot;
  const auto leg = visitor->is_object() ? simulator::read_leg(visitor->get_object()) : std::nullopt;
  if (!leg) return garbled;
  snapshot.visitor = leg->view;
  snapshot.visitor_declined = leg->declined;
  snapshot.never_joined = leg->view == View::completed && !leg->joined;
  snapshot.talk_seconds = leg->talk_seconds;
  return snapshot;
}

HttpRequest SimulatorCarrier::hang_up(std::string_view ref) const {
  return simulator::post(account_, "/v1/calls/" + percent_encoded(ref) + "/hang_up", {});
}

Result<void> SimulatorCarrier::read_hung_up(const HttpResponse& response) const {
  // A call that the exchange does not know is not up.
  if (simulator::refusal_in(response) == "not_found") return {};
  const auto body = simulator::read_object(response);
  if (!body) return body.error();
  return {};
}

HttpRequest SimulatorCarrier::fetch_recording(std::string_view ref) const {
  if (!simulator::is_plain_id(ref)) return {};
  auto letter = simulator::get(account_, "/v1/recordings/" + std::string(ref));
  for (auto& [name, value] : letter.headers)
    if (name == "Accept") value = "audio/wav";
  return letter;
}

HttpRequest SimulatorCarrier::delete_recording(std::string_view ref) const {
  auto letter = fetch_recording(ref);
  if (!letter.url.empty()) letter.method = "DELETE";
  return letter;
}

std::vector<std::string> SimulatorCarrier::recording_hosts() const {
  return {std::string(url_host(account_.base_url))};
}

HttpResponse SimulatorCarrier::write_instruction(const Instruction& instruction,
                                                 std::string_view) const {
  return {200,
          {{"Content-Type", "application/json"}},
          json::serialize(std::visit(Writer{account_}, instruction))};
}

}  // namespace ringback
