// Orders and their answers; webhook.cpp has the letters that come in, and what we answer them.
#include "adapters/carriers/exotel/carrier.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "adapters/carriers/exotel/ist_time.hpp"
#include "adapters/carriers/exotel/legs.hpp"
#include "adapters/carriers/exotel/letters.hpp"
#include "adapters/carriers/exotel/numbers.hpp"

namespace ringback {
namespace {

using exotel::object_in;
using exotel::text_in;

constexpr Seconds kLongestRing{60};  // by India's regulator
constexpr Seconds kLongestCall{14'400};
constexpr Seconds kFetchLag{120};  // the bill is made up some two minutes after the end
constexpr int kLargestPage = 100;
constexpr int kSecondsInTwoMinutes = 120;

// The token is the last word of the hook; Exotel gives it back as CustomField.
std::string_view token_of(std::string_view hook) { return hook.substr(hook.rfind('/') + 1); }

std::string whole(Seconds seconds) { return std::to_string(seconds.count()); }

std::optional<FoundCall> found_in(const boost::json::object& call) {
  FoundCall found;
  found.ref = text_in(call, "Sid");
  const auto created = exotel::read_time(text_in(call, "DateCreated"));
  if (!exotel::is_sid(found.ref) || !created) return std::nullopt;
  found.created_at = *created;
  return found;
}

}  // namespace

ExotelCarrier::ExotelCarrier(exotel::Account account) : account_(std::move(account)) {
  profile_.kind = "exotel";
  profile_.owner = owner_at(account_.base_url, account_.account_sid);
  profile_.bridges_itself = !account_.has_flow();
  profile_.can_ask_for_key = account_.has_flow();
  profile_.asking_needs = "give it a call flow that asks (flow_url; docs/carriers/exotel.md)";
  profile_.can_find_calls = true;
  profile_.lists_live_calls = false;
  profile_.polled = account_.polled;
  profile_.fetch_lag = kFetchLag;
  profile_.longest_ring = kLongestRing;
  profile_.requests_per_minute = account_.requests_per_minute;
  // Half of what the account may send in a minute is for dialling, the other half for looking.
  profile_.calls_per_second =
      static_cast<double>(account_.requests_per_minute) / kSecondsInTwoMinutes;
  profile_.caller_id = account_.caller_id;
}

HttpRequest ExotelCarrier::originate(const OriginateOrder& order) const {
  const auto& shown = order.caller_id.empty() ? account_.caller_id : order.caller_id;
  Fields form{{"From", order.business.e164()}};
  if (account_.has_flow())
    form.emplace_back("Url", account_.flow_url);
  else
    form.emplace_back("To", order.visitor.e164());
  form.emplace_back("CallerId", shown.e164());
  form.emplace_back("CallType", "trans");
  form.emplace_back("TimeLimit",
                    whole(std::min(order.talk + order.ring + order.visitor_ring, kLongestCall)));
  // For each leg; a flow rings the visitor by our own answer.
  const auto ring = account_.has_flow() ? order.ring : std::max(order.ring, order.visitor_ring);
  form.emplace_back("TimeOut", whole(std::min(ring, kLongestRing)));
  // Else the account's own setting holds, and nobody would have been told.
  if (!account_.has_flow()) form.emplace_back("Record", "false");
  if (order.hook.empty() || account_.polled)
    return exotel::post(account_, "Calls/connect.json", form);
  form.emplace_back("CustomField", token_of(order.hook));
  form.emplace_back("StatusCallback", order.hook + "/status");
  form.emplace_back("StatusCallbackContentType", "application/json");
  if (!account_.has_flow()) {
    form.emplace_back("StatusCallbackEvents[0]", "terminal");
    form.emplace_back("StatusCallbackEvents[1]", "answered");
  }
  return exotel::post(account_, "Calls/connect.json", form);
}

Outcome ExotelCarrier::read_originated(const HttpResponse& response) const {
  if (response.status < 200 || response.status > 299) return exotel::read_refused(response);
  const auto call = exotel::wrapped_in(response, "Call");
  auto sid = call ? text_in(*call, "Sid") : std::string();
  if (!exotel::is_sid(sid))
    return {Taken::unknown, "", {}, fmt::format("status {} without a CallSid", response.status)};
  return {Taken::accepted, std::move(sid), {}, ""};
}

HttpRequest ExotelCarrier::find_calls(const FindOrder& order) const {
  return exotel::get(account_, "Calls.json",
                     {{"DateCreated", fmt::format("gte:{};lte:{}", exotel::time_text(order.from),
                                                  exotel::time_text(order.to))},
                      {"From", order.business.e164()},
                      {"PageSize", std::to_string(kLargestPage)},
                      {"SortBy", "DateCreated:desc"}});
}

Result<std::vector<FoundCall>> ExotelCarrier::read_found(const FindOrder& order,
                                                         const HttpResponse& response) const {
  const auto garbled = exotel::unreadable(response, "list of calls");
  const auto body = response.status == 200 ? object_in(response.body) : std::nullopt;
  const auto* rows = body ? body->if_contains("Calls") : nullptr;
  if (rows == nullptr || !rows->is_array()) return garbled;
  const auto* page = body->if_contains("Metadata");
  if (page != nullptr && page->is_object() && !text_in(page->get_object(), "NextPageUri").empty())
    return Error{Errc::unavailable, "Exotel's list has more calls than fit into one answer"};
  std::vector<FoundCall> calls;
  for (const auto& row : rows->get_array()) {
    const auto* call = row.if_object();
    if (call == nullptr) return garbled;
    auto found = found_in(*call);
    if (!found) return garbled;
    // Somebody of the business who rings the ExoPhone ("incoming", "inbound") is no call of ours.
    const bool came_in = text_in(*call, "Direction").starts_with("in");
    if (!came_in && exotel::is_same_line(text_in(*call, "From"), order.business))
      calls.push_back(std::move(*found));
  }
  return calls;
}

std::vector<HttpRequest> ExotelCarrier::fetch(std::string_view ref) const {
  return {exotel::get(account_, fmt::format("Calls/{}.json", percent_encoded(ref)),
                      {{"details", "true"}})};
}

Result<Snapshot> ExotelCarrier::read_fetched(const std::vector<HttpResponse>& responses) const {
  if (responses.size() != 1) return Error{Errc::invalid_input, "one answer belongs to one request"};
  const auto& response = responses.front();
  if (response.status == 404 && exotel::refusal_in(response)) {
    Snapshot nothing;
    nothing.gone = true;
    return nothing;
  }
  const auto call = exotel::wrapped_in(response, "Call");
  auto snapshot = call ? exotel::read_call(*call) : std::nullopt;
  if (!snapshot) return exotel::unreadable(response, "call");
  return std::move(*snapshot);
}

// There is no such request: the profile says so, and nobody asks.
HttpRequest ExotelCarrier::hang_up(std::string_view) const { return {}; }
Result<void> ExotelCarrier::read_hung_up(const HttpResponse&) const {
  return Error{Errc::invalid_input, "Exotel cannot end a call"};
}

// The smallest question that needs the credentials.
std::vector<HttpRequest> ExotelCarrier::ask_account() const {
  return {exotel::get(account_, "Calls.json", {{"PageSize", "1"}})};
}

Result<AccountReading> ExotelCarrier::read_account(
    const std::vector<HttpResponse>& responses) const {
  if (responses.size() != 1) return Error{Errc::invalid_input, "one answer belongs to one request"};
  const auto& response = responses.front();
  if (response.status == 200 && object_in(response.body)) {
    AccountReading reading{.detail = "the key, the token and the account fit", .notes = {}};
    if (account_.has_flow())
      reading.detail += fmt::format(
          "; the addresses in its flow are <public_url>/hooks/exotel/<account>/{}/key, …/connect "
          "and …/dialed",
          account_.flow_secret);
    return reading;
  }
  const auto refused = exotel::read_refused(response);
  return Error{Errc::unavailable, refused.detail};
}

}  // namespace ringback
