// The carrier's REST API, as docs/simulator.md describes it: strict, in its own words, and in
// whatever weather is ordered.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "adapters/exchange/exchange.hpp"
#include "adapters/exchange/habits.hpp"
#include "adapters/exchange/object_text.hpp"
#include "adapters/exchange/parameters.hpp"
#include "adapters/exchange/wave.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::exchange {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestHook = 2'048;
constexpr std::size_t kLongestKey = 256;
constexpr std::size_t kLongestText = 4'096;
constexpr std::size_t kMostListed = 1'000;

HttpResponse json_answer(int status, const json::value& body) {
  return {status, {{"Content-Type", "application/json"}}, json::serialize(body)};
}

HttpResponse refusal(int status, std::string_view code, std::string_view message) {
  auto answer = json_answer(status, {{"code", code}, {"message", message}, {"status", status}});
  if (status == 429) answer.headers.emplace_back("Retry-After", "1");
  if (status == 401) answer.headers.emplace_back("WWW-Authenticate", "Basic");
  return answer;
}

ObjectText leg_text(const Leg& leg) {
  ObjectText out;
  out.text("id", leg.id)
      .text("from", leg.from.e164())
      .text("to", leg.to.e164())
      .text("status", name_of(leg.status))
      .text("cause", name_of(leg.cause))
      .flag("machine", leg.machine)
      .time("created_ms", leg.placed_at)
      .time("answered_ms", leg.answered_at)
      .time("ended_ms", leg.ended_at);
  return out;
}

HttpResponse text_answer(int status, std::string body) {
  return {status, {{"Content-Type", "application/json"}}, std::move(body)};
}

HttpResponse call_answer(int status, const Switchboard& switchboard, const Call& call) {
  std::string visitor = "null";
  if (call.visitor)
    visitor = leg_text(switchboard.leg(*call.visitor))
                  .flag("joined", call.joined_at.has_value())
                  .number("talk_seconds", call.talk_seconds)
                  .take();
  return text_answer(status,
                     leg_text(switchboard.leg(call.business)).raw("visitor", visitor).take());
}

json::value text_json(const Text& text) {
  return {{"id", text.id},
          {"from", text.from.e164()},
          {"to", text.to.e164()},
          {"body", text.body},
          {"sent_ms", text.sent_at.time_since_epoch().count()}};
}

bool is_hook(std::string_view url) {
  if (url.substr(0, 7) != "http://" && url.substr(0, 8) != "https://") return false;
  if (url.back() == '/') return false;
  for (const char c : url)
    if (c <= ' ' || c > '~' || c == '#' || c == '?') return false;
  return true;
}

std::string_view path_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) {
    const auto slash = url.find('/', scheme + 3);
    url = slash == std::string_view::npos ? std::string_view("/") : url.substr(slash);
  }
  return url.substr(0, url.find('?'));
}

}  // namespace

struct Exchange::Visit {
  const HttpRequest& request;
  TimePoint now;
  std::string_view id;  // from the path
  std::string summary;  // for the track
};

struct Exchange::Route {
  std::string_view method;
  std::string_view path;
  std::string_view after_id;  // what follows the id; path ends with "/" then
  bool order;                 // it rings or texts somebody
  std::string_view summary;
  HttpResponse (Exchange::*serve)(Visit&);
};

const Exchange::Route Exchange::kRoutes[] = {
    {"POST", "/v1/calls", "", true, "ring", &Exchange::create_call},
    {"GET", "/v1/calls", "", false, "list calls", &Exchange::list_calls},
    {"POST", "/v1/calls/", "/hang_up", false, "hang up", &Exchange::end_call},
    {"GET", "/v1/calls/", "", false, "look at a call", &Exchange::show_call},
    {"GET", "/v1/recordings/", "", false, "fetch a recording", &Exchange::show_tape},
    {"DELETE", "/v1/recordings/", "", false, "delete a recording", &Exchange::delete_tape},
    {"POST", "/v1/messages", "", true, "text", &Exchange::create_text},
    {"GET", "/v1/messages", "", false, "list texts", &Exchange::list_texts},
};

Reply Exchange::handle(const HttpRequest& request, TimePoint now) {
  agenda_.run(now);
  Visit visit{request, now, {}, "unknown request"};
  Reply reply{serve(visit), weather_.faults().latency};
  const bool lost = weather_.strikes(weather_.faults().lose_reply_rate);
  if (lost) reply.response.reset();
  const int status = reply.response ? reply.response->status : 0;
  if (records_.keeps_events())
    records_.passed({now, "program to exchange", "request",
                     lost ? visit.summary + " (reply lost)" : visit.summary, status});
  return reply;
}

// Bad weather before the work is done.
std::optional<HttpResponse> Exchange::storm(bool order) {
  const Faults& faults = weather_.faults();
  if (weather_.strikes(faults.error_rate / 2))
    return refusal(500, "internal", "Something broke here before your request was carried out.");
  if (!order) return std::nullopt;
  if (weather_.strikes(faults.throttle_rate))
    return refusal(429, "throttled", "Too fast. Nothing was done; wait and try again.");
  if (weather_.strikes(faults.refuse_rate))
    return refusal(400, "invalid_number", "This number cannot be reached. Nothing was done.");
  return std::nullopt;
}

HttpResponse Exchange::serve(Visit& visit) {
  const auto path = path_of(visit.request.url);
  const auto expected = basic_authorization(options_.account, options_.secret);
  if (!same_secret(header_of(visit.request.headers, "Authorization"), expected))
    return refusal(401, "unauthorised", "Account or secret are wrong. Nothing was done.");

  bool path_known = false;
  for (const auto& route : kRoutes) {
    std::string_view id;
    if (route.path.back() == '/') {
      if (path.substr(0, route.path.size()) != route.path ||
          path.size() <= route.path.size() + route.after_id.size() ||
          path.substr(path.size() - route.after_id.size()) != route.after_id)
        continue;
      id = path.substr(route.path.size(), path.size() - route.path.size() - route.after_id.size());
    } else if (path != route.path) {
      continue;
    }
    path_known = true;
    if (visit.request.method != route.method) continue;

    visit.id = id;
    visit.summary = route.summary;
    if (auto bad_luck = storm(route.order)) return std::move(*bad_luck);
    HttpResponse answer = (this->*route.serve)(visit);
    if (weather_.strikes(weather_.faults().error_rate / 2))
      return refusal(500, "internal", "Something broke here after your request was carried out.");
    return answer;
  }
  if (path_known) return refusal(405, "method_not_allowed", "This path does not know this method.");
  return refusal(404, "not_found", "There is nothing at this path.");
}

HttpResponse Exchange::create_call(Visit& visit) {
  Parameters parameters(visit.request);
  CallOrder order;
  order.to = parameters.number("to");
  order.from = parameters.number("from", false);
  order.hook = parameters.text("hook", kLongestHook);
  order.sign_key = parameters.text("sign_key", kLongestKey);
  order.ring = Seconds{parameters.whole("ring_seconds", 1, 600, 25)};
  if (records_.keeps_events()) visit.summary = fmt::format("ring {}", order.to);
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);
  if (!is_hook(order.hook))
    return refusal(400, "invalid_parameter",
                   "hook must be an absolute http or https URL without query and final slash.");
  if (switchboard_.automatic() && habit_of(order.to).reaction == Reaction::unobtainable)
    return refusal(400, "invalid_number", "to is not a number that can be rung.");
  if (switchboard_.live() >= options_.most_live_calls)
    return refusal(429, "throttled", "Too many calls at once. Nothing was done; try again later.");
  const auto id = switchboard_.place(order, visit.now);
  return call_answer(201, switchboard_, *switchboard_.find(id));
}

HttpResponse Exchange::list_calls(Visit& visit) {
  Parameters parameters(visit.request);
  const auto to = parameters.number("to", false);
  const auto from = parameters.number("from", false);
  const auto since = parameters.instant("created_from_ms", TimePoint::min());
  const auto until = parameters.instant("created_to_ms", TimePoint::max());
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);

  std::string rows;
  std::size_t listed = 0;
  const auto& legs = switchboard_.legs();
  for (auto it = legs.rbegin(); it != legs.rend() && listed < kMostListed; ++it) {
    const Leg& leg = it->second;
    if (leg.placed_at < since) break;  // they are in order of creation
    if (leg.role != Side::business || leg.placed_at > until) continue;
    if ((!to.empty() && leg.to != to) || (!from.empty() && leg.from != from)) continue;
    if (listed++ > 0) rows += ',';
    rows += leg_text(leg).take();
  }
  return text_answer(200, ObjectText().raw("calls", "[" + rows + "]").take());
}

HttpResponse Exchange::show_call(Visit& visit) {
  Parameters parameters(visit.request);
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);
  const Call* call = switchboard_.find(visit.id);
  if (call == nullptr) return refusal(404, "not_found", "There is no such call.");
  return call_answer(200, switchboard_, *call);
}

HttpResponse Exchange::end_call(Visit& visit) {
  Parameters parameters(visit.request);
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);
  if (!switchboard_.hang_up(visit.id, visit.now))
    return refusal(404, "not_found", "There is no such call.");
  return call_answer(200, switchboard_, *switchboard_.find(visit.id));
}

HttpResponse Exchange::show_tape(Visit& visit) {
  Parameters parameters(visit.request);
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);
  const Tape* tape = switchboard_.tape(visit.id);
  if (tape == nullptr) return refusal(404, "not_found", "There is no such recording.");
  return {200, {{"Content-Type", "audio/wav"}}, wave_of(*tape)};
}

HttpResponse Exchange::delete_tape(Visit& visit) {
  if (switchboard_.tape(visit.id) == nullptr)
    return refusal(404, "not_found", "There is no such recording.");
  switchboard_.erase_tape(visit.id);
  return {204, {}, ""};
}

HttpResponse Exchange::create_text(Visit& visit) {
  Parameters parameters(visit.request);
  Text text;
  text.to = parameters.number("to");
  text.from = parameters.number("from", false);
  text.body = parameters.text("body", kLongestText);
  if (records_.keeps_events()) visit.summary = fmt::format("text {}", text.to);
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);
  text.no = ++last_text_;
  text.id = fmt::format("text-{}-{}", options_.boot_id, text.no);
  text.sent_at = visit.now;
  texts_.push_back(std::move(text));
  records_.arrived(texts_.back());
  if (texts_.size() > options_.most_texts) texts_.pop_front();
  return json_answer(201, text_json(texts_.back()));
}

HttpResponse Exchange::list_texts(Visit& visit) {
  Parameters parameters(visit.request);
  const auto to = parameters.number("to", false);
  const auto since = parameters.instant("sent_from_ms", TimePoint::min());
  const auto until = parameters.instant("sent_to_ms", TimePoint::max());
  if (const auto& wrong = parameters.complaint()) return refusal(400, wrong->code, wrong->message);

  json::array rows;
  for (auto it = texts_.rbegin(); it != texts_.rend() && rows.size() < kMostListed; ++it) {
    if (it->sent_at < since || it->sent_at > until) continue;
    if (to.empty() || it->to == to) rows.push_back(text_json(*it));
  }
  return json_answer(200, json::object{{"messages", std::move(rows)}});
}

}  // namespace ringback::exchange
