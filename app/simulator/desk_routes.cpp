#include "app/simulator/desk_routes.hpp"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <charconv>
#include <utility>

#include "app/http/event_stream.hpp"
#include "app/http/json_body.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using exchange::EventKind;
using exchange::Exchange;

constexpr Millis kHeartbeat{15'000};
constexpr Millis kLongPoll{2'000};
constexpr std::size_t kLongestAction = 16;
constexpr std::size_t kMostDigits = 32;

std::optional<std::uint64_t> sequence_in(std::string_view text) {
  std::uint64_t seq = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seq);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return seq;
}

http::Response json_text(std::string body) {
  http::Response response;
  response.content_type = "application/json";
  response.body = std::move(body);
  return response;
}

http::Response refusal(const Error& error, std::string_view field) {
  switch (error.code) {
    case Errc::not_found:
      return http::problem(http::ProblemCode::not_found, error.detail);
    case Errc::conflict:
      return http::problem(http::ProblemCode::state_conflict, error.detail);
    default:
      return http::problem(http::ProblemCode::validation_failed, error.detail,
                           {{std::string(field), "invalid", error.detail}});
  }
}

http::Response act(ExchangeHost& host, http::Request& request) {
  const auto body = http::read_json(request);
  if (!body) return http::problem(body.error());
  http::Fields fields(*body);
  const auto action = fields.required_text("action", kLongestAction);
  const auto digits = fields.text("digits", kMostDigits).value_or("");
  if (auto wrong = fields.problem()) return http::problem(std::move(*wrong));
  const std::string id(request.param("id"));
  std::string row;
  const auto result = host.with([&](Exchange& exchange, TimePoint now) {
    auto done = exchange.act(id, action, digits, now);
    if (done) row = exchange.row_json(id);
    return done;
  });
  if (!result) return refusal(result.error(), "action");
  return json_text(std::move(row));
}

http::Response change_faults(ExchangeHost& host, http::Request& request) {
  std::string now_in_force;
  const auto result = host.with([&](Exchange& exchange, TimePoint) {
    auto done = exchange.change_faults(std::string_view(request.body));
    now_in_force = exchange.faults_json();
    return done;
  });
  if (!result) return refusal(result.error(), "faults");
  return json_text(std::move(now_in_force));
}

http::Response list_messages(ExchangeHost& host, http::Request& request) {
  auto to = request.query_param("to").value_or("");
  if (!to.empty() && to.front() == ' ') to.front() = '+';  // a plus that nobody encoded
  return json_text(
      host.with([&](Exchange& exchange, TimePoint) { return exchange.messages_json(to); }));
}

// What one stream tells of.
using Topic = bool (*)(EventKind);
bool is_track(EventKind kind) { return kind == EventKind::track; }
bool is_desk(EventKind kind) { return kind != EventKind::track; }

asio::awaitable<void> tell(ExchangeHost& host, Topic topic, std::uint64_t seen,
                           http::EventStream& stream) {
  const auto bell = stream.make_bell();
  host.watch(bell);
  // The first bytes tell the client that it is connected, before anything happens.
  if (!co_await stream.comment("connected")) co_return;
  while (!stream.closed()) {
    const auto events = host.events_since(seen);
    for (const auto& event : events) {
      seen = event.seq;
      if (!topic(event.kind)) continue;
      const std::string id = std::to_string(event.seq);
      const bool there = co_await stream.send(name_of(event.kind), id, event.object);
      if (!there) co_return;
    }
    const auto wake = co_await stream.wait(*bell, kHeartbeat);
    if (wake == http::EventStream::Wake::time && !co_await stream.comment()) co_return;
  }
}

// `first`: where a stream begins that names no last event.
http::Response stream_of(ExchangeHost& host, const http::Request& request, Topic topic,
                         std::uint64_t first) {
  const auto seen = sequence_in(request.header("last-event-id")).value_or(first);
  return http::event_stream_response(
      [&host, topic, seen](http::EventStream& stream) { return tell(host, topic, seen, stream); });
}

// The events after ?after= as a list; waits a little for the first. For a relay in another process.
asio::awaitable<http::Response> happenings(ExchangeHost& host, http::Request& request) {
  const auto asked = sequence_in(request.query_param("after").value_or(""));
  const auto after = asked.value_or(host.newest_event());
  auto events = host.events_since(after);
  if (asked && events.empty()) {
    const auto bell = http::Wakeup::make(request.executor);
    host.watch(bell);
    const auto until = std::chrono::steady_clock::now() + kLongPoll;
    while (events.empty()) {
      const auto left = std::chrono::ceil<Millis>(until - std::chrono::steady_clock::now());
      const bool rung = left.count() > 0 && co_await bell->wait(left);
      events = host.events_since(after);
      if (!rung) break;
    }
  }
  json::array rows;
  for (const auto& event : events)
    rows.push_back(
        {{"seq", event.seq}, {"event", exchange::name_of(event.kind)}, {"object", event.object}});
  const auto newest = events.empty() ? host.newest_event() : events.back().seq;
  co_return json_text(
      json::serialize(json::object{{"newest", newest}, {"events", std::move(rows)}}));
}

}  // namespace

http::Response desk_numbers_response(const DeskNumbers& numbers) {
  const auto shown = [](const PhoneNumber& number) {
    return number.empty() ? json::value(nullptr) : json::value(number.e164());
  };
  return http::json_response(
      200, {{"business", shown(numbers.business)}, {"visitor", shown(numbers.visitor)}});
}

void add_desk_routes(http::Router& router, ExchangeHost& host, const DeskNumbers& numbers) {
  const http::RouteOptions open{.limit_free = true};
  const auto add = [&](const char* method, const char* path, http::Handler handler) {
    router.add(method, std::string("/simulator/api") + path, std::move(handler), open);
  };
  using http::Request;
  using http::SyncHandler;
  add("GET", "/desk", desk_numbers_response(numbers));
  add("GET", "/calls", SyncHandler([&host](Request&) {
        return json_text(
            host.with([](Exchange& exchange, TimePoint) { return exchange.calls_json(); }));
      }));
  add("POST", "/calls/{id}/act",
      SyncHandler([&host](Request& request) { return act(host, request); }));
  add("GET", "/messages",
      SyncHandler([&host](Request& request) { return list_messages(host, request); }));
  add("GET", "/log", SyncHandler([&host](Request&) {
        return json_text(
            host.with([](Exchange& exchange, TimePoint) { return exchange.log_json(); }));
      }));
  add("GET", "/faults", SyncHandler([&host](Request&) {
        return json_text(
            host.with([](Exchange& exchange, TimePoint) { return exchange.faults_json(); }));
      }));
  add("PUT", "/faults",
      SyncHandler([&host](Request& request) { return change_faults(host, request); }));
  add("GET", "/events", SyncHandler([&host](Request& request) {
        return stream_of(host, request, is_desk, host.newest_event());
      }));
  // The track tells the past as well: whoever opens it wants to see what led here.
  add("GET", "/track",
      SyncHandler([&host](Request& request) { return stream_of(host, request, is_track, 0); }));
  add("GET", "/happenings",
      http::AsyncHandler([&host](Request& request) { return happenings(host, request); }));
}

}  // namespace ringback
