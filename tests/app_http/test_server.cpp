#include "tests/app_http/test_server.hpp"

#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/object.hpp>
#include <stdexcept>
#include <thread>

namespace ringback::test {

namespace asio = boost::asio;
using http::Request;
using http::Response;

namespace {

Response echo(Request& request) {
  boost::json::object seen;
  seen["method"] = std::string(request.method);
  seen["path"] = std::string(request.path);
  seen["query"] = std::string(request.query);
  seen["body"] = request.body;
  seen["client"] = request.client.to_string();
  seen["id"] = std::string(request.param("id"));
  return http::json_response(200, seen);
}

}  // namespace

TestServer::TestServer(const Change& change) {
  http::Router router;
  http::RouteOptions free;
  free.limit_free = true;
  router.add("GET", "/livez", http::text_response(200, "ok"), free);
  router.add("GET", "/echo", http::SyncHandler(echo));
  router.add("POST", "/echo", http::SyncHandler(echo));
  http::RouteOptions small;
  small.body_limit = 16;
  router.add("POST", "/small", http::SyncHandler(echo), small);
  router.add("GET", "/things/{id}", http::SyncHandler(echo));
  router.add("DELETE", "/things/{id}", http::SyncHandler(echo));
  router.add("GET", "/files/{id...}", http::SyncHandler(echo));
  http::RouteOptions visitor;
  visitor.cors = http::Cors::visitor;
  visitor.headers = http::HeaderClass::visitor_json;
  router.add("POST", "/visitor", http::SyncHandler(echo), visitor);
  router.add("GET", "/visitor", http::SyncHandler(echo), visitor);
  router.add("GET", "/throws", http::AsyncHandler([](Request&) -> asio::awaitable<Response> {
               throw std::runtime_error("deliberate");
               co_return Response();
             }));
  router.add("GET", "/big", http::SyncHandler([](Request&) {
               return http::text_response(200, std::string(8 * 1024 * 1024, 'x'));
             }));
  router.add("GET", "/wait", http::AsyncHandler([this](Request&) -> asio::awaitable<Response> {
               waiting = true;
               asio::steady_timer timer(co_await asio::this_coro::executor);
               while (!release) {
                 timer.expires_after(Millis(2));
                 co_await timer.async_wait(asio::use_awaitable);
               }
               co_return http::text_response(200, "waited");
             }));
  router.add("GET", "/events", http::SyncHandler([this](Request&) {
               return http::event_stream_response(
                   [this](http::EventStream& stream) -> asio::awaitable<void> {
                     const auto bell = stream.make_bell();
                     {
                       const std::lock_guard lock(mutex);
                       bells.push_back(bell);
                     }
                     int version = 0;
                     for (;;) {
                       const auto id = std::to_string(++version);
                       if (!co_await stream.send("status", id, "{\"a\":1}\n{\"b\":2}")) break;
                       const auto wake = co_await stream.wait(*bell, Millis(60'000));
                       if (wake == http::EventStream::Wake::closed) break;
                     }
                     ++streams_ended;
                   });
             }));
  router.add(
      "GET", "/broken-stream", http::SyncHandler([](Request&) {
        return http::event_stream_response([](http::EventStream& stream) -> asio::awaitable<void> {
          co_await stream.write("half");
          throw std::runtime_error("deliberate");
        });
      }));
  router.add("GET", "/flood", http::SyncHandler([this](Request&) {
               return http::event_stream_response(
                   [this](http::EventStream& stream) -> asio::awaitable<void> {
                     const std::string piece(256 * 1024, 'x');
                     while (co_await stream.write(piece)) {
                     }
                     flooded = true;
                   });
             }));

  http::ServerConfig config;
  config.listen = {"127.0.0.1:0"};
  config.threads = 2;
  config.public_url = "https://ring.example";
  config.origin_allowed = http::exact_origins({"https://shop.example"});
  config.hooks.on_response = [this](const http::Access& access) {
    const std::lock_guard lock(mutex);
    accesses.push_back(std::string(access.method) + " " + std::string(access.route) + " " +
                       std::to_string(access.status));
  };
  config.hooks.on_fault = [this](std::string_view what, std::string_view) {
    const std::lock_guard lock(mutex);
    faults.emplace_back(what);
  };
  if (change) change(config);
  server = std::make_unique<http::Server>(std::move(config), std::move(router));
  const auto started = server->start();
  if (!started) throw std::runtime_error(started.error().detail);
}

TestServer::~TestServer() {
  release = true;
  server->stop();
}

std::string TestServer::request(std::string_view method, std::string_view target,
                                std::string_view headers, std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ring.example\r\n");
  text.append(headers);
  if (!body.empty()) text += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  return text.append("\r\n").append(body);
}

bool TestServer::eventually(const std::function<bool()>& holds) {
  const auto deadline = std::chrono::steady_clock::now() + Seconds(20);
  while (std::chrono::steady_clock::now() < deadline) {
    if (holds()) return true;
    std::this_thread::sleep_for(Millis(1));
  }
  return false;
}

}  // namespace ringback::test
