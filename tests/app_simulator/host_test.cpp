// The exchange over real HTTP on loopback: its REST API, its webhooks, the desk's API with its
// streams, and the relay for an exchange that lives elsewhere.
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>
#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <functional>
#include <mutex>
#include <thread>

#include "adapters/carriers/simulator/carrier.hpp"
#include "adapters/system/openssl_keyring.hpp"
#include "app/http/server.hpp"
#include "app/simulator/desk_relay.hpp"
#include "app/simulator/desk_routes.hpp"
#include "app/simulator/exchange_host.hpp"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

namespace asio = boost::asio;

const PhoneNumber kBusiness = *PhoneNumber::from_e164("+12025550100");
const PhoneNumber kVisitor = *PhoneNumber::from_e164("+12025550123");
constexpr std::chrono::seconds kGenerous{20};

// Waits for a condition; never for a time.
bool until(const std::function<bool()>& is_so) {
  const auto end = std::chrono::steady_clock::now() + kGenerous;
  while (!is_so()) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::yield();
  }
  return true;
}

SendResult send(const HttpRequest& request) {
  asio::io_context context;
  HttpsClient client;
  SendOptions options;
  options.allow_http = true;
  options.allow_loopback = true;
  auto result = asio::co_spawn(context, client.send(request, options), asio::use_future);
  context.run();
  return result.get();
}

HttpResponse answer_to(const HttpRequest& request) {
  auto result = send(request);
  if (const auto* error = std::get_if<SendError>(&result)) FAIL(error->detail);
  return std::get<HttpResponse>(result);
}

HttpResponse get(const std::string& url) { return answer_to({"GET", url, {}, ""}); }

HttpResponse with_json(const char* method, const std::string& url, const std::string& body) {
  return answer_to({method, url, {{"Content-Type", "application/json"}}, body});
}

// A program that takes webhooks and hangs up on every question.
class Program {
 public:
  Program() {
    http::Router router;
    router.add(
        "POST", "/hooks/{rest...}", http::SyncHandler([this](http::Request& request) {
          const std::lock_guard lock(mutex_);
          HttpRequest letter{
              std::string(request.method), url() + std::string(request.target), {}, request.body};
          for (const auto& header : request.headers)
            letter.headers.emplace_back(header.name, header.value);
          letters_.push_back(letter);
          return http::json_response(200, {{"hang_up", boost::json::object{}}});
        }));
    http::ServerConfig config;
    config.listen = {"127.0.0.1:0"};
    config.threads = 1;
    server_ = std::make_unique<http::Server>(std::move(config), std::move(router));
    REQUIRE(server_->start().has_value());
  }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  std::vector<HttpRequest> letters() const {
    const std::lock_guard lock(mutex_);
    return letters_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<HttpRequest> letters_;
  std::unique_ptr<http::Server> server_;
};

ExchangeHostOptions with_desk() {
  ExchangeHostOptions options;
  options.desk = true;
  options.numbers = {kBusiness, kVisitor};
  return options;
}

SimulatorCarrier carrier_at(const ExchangeHost& host) {
  return SimulatorCarrier({host.url(), "simulator", "simulator", "sign key", {}}, hmac_sha256);
}

OriginateOrder an_order(const std::string& hook_base) {
  OriginateOrder order;
  order.business = kBusiness;
  order.visitor = kVisitor;
  order.hook = hook_base + "/hooks/simulator/simulator/token";
  return order;
}

boost::json::value calls_of(const std::string& base) {
  return boost::json::parse(get(base + "/simulator/api/calls").body).at("calls");
}

// Reads a stream in a thread of its own until what it looks for came by.
class Listener {
 public:
  Listener(const std::string& base, std::string path) {
    const auto port = base.substr(base.rfind(':') + 1);
    socket_.connect(
        {asio::ip::make_address("127.0.0.1"), static_cast<std::uint16_t>(std::stoi(port))});
    const std::string head = "GET " + path + " HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";
    asio::write(socket_, asio::buffer(head));
    thread_ = std::thread([this] {
      std::array<char, 4096> buffer{};
      boost::system::error_code end;
      while (!end) {
        const auto size = socket_.read_some(asio::buffer(buffer), end);
        const std::lock_guard lock(mutex_);
        heard_.append(buffer.data(), size);
      }
    });
  }
  ~Listener() {
    boost::system::error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_both, ignored);
    thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  bool hears(const std::string& text) {
    return until([&] {
      const std::lock_guard lock(mutex_);
      return heard_.find(text) != std::string::npos;
    });
  }

 private:
  asio::io_context context_;
  asio::ip::tcp::socket socket_{context_};
  std::thread thread_;
  std::mutex mutex_;
  std::string heard_;
};

}  // namespace

TEST_CASE("a call over real HTTP: ordered, signed webhooks, answered by the desk",
          "[simulator][http]") {
  Program program;
  ExchangeHost host(with_desk(), hmac_sha256);
  REQUIRE(host.start().has_value());
  const auto carrier = carrier_at(host);

  const auto outcome =
      carrier.read_originated(answer_to(carrier.originate(an_order(program.url()))));
  REQUIRE(outcome.taken == Taken::accepted);
  REQUIRE(until([&] { return calls_of(host.url()).at(0).at("status") == "ringing"; }));

  const auto answered =
      with_json("POST", host.url() + "/simulator/api/calls/" + outcome.ref + "/act",
                R"({"action":"answer"})");
  CHECK(answered.status == 200);
  CHECK_THAT(answered.body, Contains(R"("status":"answered")"));
  // The program hangs up on the question.
  REQUIRE(until([&] { return calls_of(host.url()).at(0).at("status") == "ended"; }));
  REQUIRE(until([&] { return program.letters().size() >= 5; }));

  for (const auto& letter : program.letters()) {
    Webhook webhook;
    webhook.request = letter;
    webhook.point = letter.url.substr(letter.url.rfind('/') + 1);
    webhook.received_at = std::chrono::floor<Millis>(std::chrono::system_clock::now());
    const auto reading = carrier.read_webhook(webhook);
    CHECK(std::holds_alternative<Heard>(reading));
  }
  CHECK_THAT(get(host.url() + "/simulator/api/log").body, Contains(R"("token":"token")"));
}

TEST_CASE("a lost reply is no answer at all to the program", "[simulator][http]") {
  ExchangeHost host(with_desk(), hmac_sha256);
  REQUIRE(host.start().has_value());
  REQUIRE(
      with_json("PUT", host.url() + "/simulator/api/faults", R"({"lose_reply_rate":1})").status ==
      200);
  const auto carrier = carrier_at(host);
  const auto result = send(carrier.originate(an_order("http://127.0.0.1:9")));
  REQUIRE(std::holds_alternative<SendError>(result));
  CHECK(std::get<SendError>(result).failure == SendFailure::unknown);
  CHECK(calls_of(host.url()).as_array().size() == 1);  // it rings all the same
}

TEST_CASE("the desk refuses what makes no sense, as problems", "[simulator][http]") {
  ExchangeHost host(with_desk(), hmac_sha256);
  REQUIRE(host.start().has_value());
  const auto base = host.url() + "/simulator/api";
  CHECK(with_json("POST", base + "/calls/nobody/act", R"({"action":"answer"})").status == 404);
  CHECK(with_json("POST", base + "/calls/nobody/act", R"({"action":"explode"})").status == 422);
  CHECK(with_json("POST", base + "/calls/nobody/act", "{").status == 400);
  CHECK(with_json("PUT", base + "/faults", R"({"rain":1})").status == 422);
  CHECK_THAT(with_json("PUT", base + "/faults", "[]").body, Contains("validation_failed"));
  CHECK(get(base + "/desk").body == R"({"business":"+12025550100","visitor":"+12025550123"})");
}

TEST_CASE("the streams tell of calls, texts and letters as they happen", "[simulator][http]") {
  ExchangeHost host(with_desk(), hmac_sha256);
  REQUIRE(host.start().has_value());
  Listener events(host.url(), "/simulator/api/events");
  Listener track(host.url(), "/simulator/api/track");
  REQUIRE(events.hears("text/event-stream"));
  REQUIRE(events.hears("connected"));
  const auto carrier = carrier_at(host);
  REQUIRE(answer_to(carrier.originate(an_order("http://127.0.0.1:9"))).status == 201);
  CHECK(events.hears("event: call"));
  CHECK(events.hears(R"("status":"ringing")"));
  CHECK(track.hears("program to exchange"));
  CHECK(track.hears("exchange to program"));
}

TEST_CASE("the relay shows the desk of an exchange in another process", "[simulator][http]") {
  ExchangeHost far(with_desk(), hmac_sha256);
  REQUIRE(far.start().has_value());
  HttpsClient client;
  http::Router router;
  add_desk_relay(router, client, far.url(), {kBusiness, kVisitor});
  http::ServerConfig config;
  config.listen = {"127.0.0.1:0"};
  config.threads = 1;
  http::Server near(std::move(config), std::move(router));
  REQUIRE(near.start().has_value());
  const std::string base = "http://127.0.0.1:" + std::to_string(near.port());

  Listener events(base, "/simulator/api/events");
  Listener track(base, "/simulator/api/track");
  REQUIRE(events.hears("connected"));
  const auto carrier = carrier_at(far);
  const auto outcome =
      carrier.read_originated(answer_to(carrier.originate(an_order("http://127.0.0.1:9"))));
  REQUIRE(until([&] { return calls_of(base).at(0).at("status") == "ringing"; }));
  CHECK(track.hears("program to exchange"));
  const auto declined = with_json("POST", base + "/simulator/api/calls/" + outcome.ref + "/act",
                                  R"({"action":"decline"})");
  CHECK(declined.status == 200);
  CHECK_THAT(declined.body, Contains(R"("cause":"declined")"));
  CHECK(with_json("POST", base + "/simulator/api/calls/x/act", R"({"action":"decline"})").status ==
        404);
  CHECK(events.hears("event: call"));

  far.stop();
  CHECK(get(base + "/simulator/api/calls").status == 503);
}

TEST_CASE("an address that is not ours is an error, and nothing runs", "[simulator][http]") {
  auto options = with_desk();
  options.listen = "192.0.2.1:1";
  ExchangeHost host(options, hmac_sha256);
  CHECK(host.start().has_error());
  host.stop();
}
