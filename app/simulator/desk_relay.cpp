#include "app/simulator/desk_relay.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>
#include <utility>

#include "app/http/event_stream.hpp"
#include "app/simulator/desk_routes.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr Millis kPatience{8'000};  // longer than the exchange waits for something to happen
constexpr Millis kPause{1'000};     // before asking an exchange again that did not answer
constexpr std::size_t kLargest = 64'000'000;

SendOptions options() {
  SendOptions options;
  options.deadline = kPatience;
  options.response_limit = kLargest;
  options.allow_loopback = true;
  options.allow_http = true;
  return options;
}

asio::awaitable<http::Response> hand_on(HttpsClient& client, std::string base_url,
                                        http::Request& request) {
  HttpRequest letter{std::string(request.method),
                     base_url + std::string(request.target),
                     {},
                     std::move(request.body)};
  const auto type = request.header("content-type");
  if (!type.empty()) letter.headers.emplace_back("Content-Type", type);
  auto result = co_await client.send(std::move(letter), options());
  auto* answer = std::get_if<HttpResponse>(&result);
  if (answer == nullptr)
    co_return http::problem(http::ProblemCode::carrier_unavailable,
                            "The simulator's exchange does not answer. Start `ringback simulator` "
                            "where carrier.simulator.base_url says it is. It may or may not have "
                            "done what was asked.");
  http::Response response;
  response.status = answer->status;
  response.content_type = header_of(answer->headers, "Content-Type");
  response.body = std::move(answer->body);
  co_return response;
}

struct Happening {
  std::string seq;
  std::string event;
  std::string object;
};
struct Happenings {
  std::string newest;
  std::vector<Happening> events;
};

std::optional<Happenings> happenings_in(const SendResult& result) {
  const auto* answer = std::get_if<HttpResponse>(&result);
  if (answer == nullptr || answer->status != 200) return std::nullopt;
  boost::system::error_code fault;
  const auto root = json::parse(answer->body, fault);
  if (fault) return std::nullopt;
  try {
    Happenings out;
    out.newest = std::to_string(root.at("newest").to_number<std::uint64_t>());
    for (const auto& row : root.at("events").as_array())
      out.events.push_back({std::to_string(row.at("seq").to_number<std::uint64_t>()),
                            std::string(row.at("event").as_string()),
                            std::string(row.at("object").as_string())});
    return out;
  } catch (const std::exception&) {
    return std::nullopt;  // not our exchange
  }
}

asio::awaitable<void> follow(HttpsClient& client, std::string base_url, bool track,
                             std::string seen, http::EventStream& stream) {
  const auto bell = stream.make_bell();
  std::string_view state;  // "connected" once it is known where to go on
  while (!stream.closed()) {
    HttpRequest letter{"GET", base_url + "/simulator/api/happenings", {}, ""};
    if (!seen.empty()) letter.url += "?after=" + seen;
    const auto result = co_await client.send(std::move(letter), options());
    const auto heard = happenings_in(result);
    if (!heard) {
      co_await stream.wait(*bell, kPause);
      seen.clear();  // after a restart its count begins anew
      state = {};
    } else {
      for (const auto& event : heard->events) {
        if ((event.event == "track") != track) continue;
        const bool there = co_await stream.send(event.event, event.seq, event.object);
        if (!there) co_return;
      }
      seen = heard->newest;
      state = state.empty() ? "connected" : " ";
    }
    // Each turn takes some seconds at most, so a comment in each is heartbeat enough.
    if (!co_await stream.comment(state)) co_return;
  }
}

}  // namespace

void add_desk_relay(http::Router& router, HttpsClient& client, const std::string& base_url,
                    const DeskNumbers& numbers) {
  const http::RouteOptions open{.limit_free = true};
  const auto add = [&](const char* method, const char* path, http::Handler handler) {
    router.add(method, std::string("/simulator/api") + path, std::move(handler), open);
  };
  const auto handing_on = [&client, base_url](http::Request& request) {
    return hand_on(client, base_url, request);
  };
  const auto following = [&client, base_url](bool track, const char* first) {
    return http::SyncHandler([&client, base_url, track, first](http::Request& request) {
      std::string seen(request.header("last-event-id"));
      const bool sound = !seen.empty() && seen.size() < 20 &&
                         seen.find_first_not_of("0123456789") == std::string::npos;
      if (!sound) seen = first;
      return http::event_stream_response(
          [&client, base_url, track, seen](http::EventStream& stream) {
            return follow(client, base_url, track, seen, stream);
          });
    });
  };
  add("GET", "/desk", desk_numbers_response(numbers));
  for (const char* path : {"/calls", "/messages", "/log", "/faults"})
    add("GET", path, http::AsyncHandler(handing_on));
  add("POST", "/calls/{id}/act", http::AsyncHandler(handing_on));
  add("PUT", "/faults", http::AsyncHandler(handing_on));
  add("GET", "/events", following(false, ""));
  add("GET", "/track", following(true, "0"));
}

}  // namespace ringback
