#include "app/simulator/exchange_host.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "app/simulator/desk_routes.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;

constexpr Millis kLongestSleep{1'000};
constexpr Millis kDrain{1'000};
constexpr std::size_t kWebhookAnswerLimit = 65'536;
// What is promised of an answer whose reply is lost; none of it is ever sent.
constexpr std::uint64_t kLostBytes = 1'000;

TimePoint wall_clock() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

// Names this start: letters and digits, never the same twice unless the clock is set back.
std::string boot_id_of(TimePoint start) {
  constexpr std::string_view kDigits = "0123456789abcdefghijklmnopqrstuvwxyz";
  std::string id;
  for (auto rest = start.time_since_epoch().count(); rest > 0;
       rest /= static_cast<std::int64_t>(kDigits.size()))
    id.insert(id.begin(), kDigits[static_cast<std::size_t>(rest) % kDigits.size()]);
  return id;
}

ExchangeHostOptions completed(ExchangeHostOptions options, TimePoint start) {
  if (options.exchange.boot_id.empty()) options.exchange.boot_id = boot_id_of(start);
  return options;
}

asio::awaitable<void> say_nothing(http::EventStream&) { co_return; }

// The connection breaks off where the reply should be.
http::Response lost_reply() {
  http::Response response;
  response.content_type = "application/json";
  response.stream = say_nothing;
  response.stream_length = kLostBytes;
  return response;
}

http::Response as_response(HttpResponse letter) {
  http::Response response;
  response.status = letter.status;
  response.body = std::move(letter.body);
  for (auto& [name, value] : letter.headers) {
    if (name == "Content-Type")
      response.content_type = value;
    else
      response.headers.emplace_back(name, std::move(value));
  }
  return response;
}

}  // namespace

ExchangeHost::ExchangeHost(ExchangeHostOptions options, Hmac hmac)
    : options_(completed(std::move(options), wall_clock())),
      wall_at_start_(wall_clock()),
      steady_at_start_(std::chrono::steady_clock::now()),
      exchange_(options_.exchange, std::move(hmac)),
      letters_bell_(http::Wakeup::make(letters_.get_executor())) {}

ExchangeHost::~ExchangeHost() { stop(); }

// The wall's time at the start, then only forwards: a clock that is set must not end anybody's
// call.
TimePoint ExchangeHost::now() const {
  const auto passed = std::chrono::steady_clock::now() - steady_at_start_;
  return wall_at_start_ + std::chrono::duration_cast<Millis>(passed);
}

Result<void> ExchangeHost::start() {
  http::Router router;
  const http::RouteOptions open{.limit_free = true};
  const http::AsyncHandler rest = [this](http::Request& request) { return serve(request); };
  for (const char* method : {"GET", "POST", "DELETE"})
    router.add(method, "/v1/{rest...}", rest, open);
  if (options_.desk) add_desk_routes(router, *this, options_.numbers);

  http::ServerConfig config;
  config.listen = {options_.listen};
  config.threads = 1;
  config.public_url = "http://" + options_.listen;
  server_ = std::make_unique<http::Server>(std::move(config), std::move(router));
  if (const auto started = server_->start(); !started) {
    server_.reset();
    return started.error();
  }
  asio::co_spawn(letters_, carry_letters(), asio::detached);
  thread_ = std::thread([this] { letters_.run(); });
  return {};
}

void ExchangeHost::stop() {
  if (!thread_.joinable()) return;
  stopping_ = true;
  server_->stop(kDrain);
  client_.cancel_all();
  letters_bell_->notify();
  thread_.join();
  server_.reset();
}

std::string ExchangeHost::url() const {
  const auto host = options_.listen.substr(0, options_.listen.rfind(':'));
  return server_ ? "http://" + host + ":" + std::to_string(server_->port()) : std::string();
}

void ExchangeHost::watch(const std::shared_ptr<http::Wakeup>& bell) {
  const std::lock_guard lock(bells_mutex_);
  bells_.erase(
      std::remove_if(bells_.begin(), bells_.end(), [](const auto& old) { return old.expired(); }),
      bells_.end());
  bells_.push_back(bell);
}

std::vector<exchange::Event> ExchangeHost::events_since(std::uint64_t seq) const {
  const std::lock_guard lock(mutex_);
  return exchange_.events_since(seq);
}

std::uint64_t ExchangeHost::newest_event() const {
  const std::lock_guard lock(mutex_);
  return exchange_.newest_event();
}

void ExchangeHost::ring() {
  letters_bell_->notify();
  ring_watchers();
}

void ExchangeHost::ring_watchers() {
  const std::lock_guard lock(bells_mutex_);
  for (const auto& weak : bells_)
    if (const auto bell = weak.lock()) bell->notify();
}

asio::awaitable<http::Response> ExchangeHost::serve(http::Request& request) {
  HttpRequest letter{
      std::string(request.method), std::string(request.target), {}, std::move(request.body)};
  for (const auto& header : request.headers) letter.headers.emplace_back(header.name, header.value);
  auto reply =
      with([&](exchange::Exchange& exchange, TimePoint at) { return exchange.handle(letter, at); });
  if (reply.delay.count() > 0) {
    asio::steady_timer timer(request.executor, reply.delay);
    co_await timer.async_wait(asio::as_tuple(asio::deferred));
  }
  if (!reply.response) co_return lost_reply();
  co_return as_response(std::move(*reply.response));
}

asio::awaitable<void> ExchangeHost::carry_letters() {
  while (!stopping_) {
    std::vector<exchange::OutgoingWebhook> due;
    Millis sleep = kLongestSleep;
    bool changed = false;
    {
      const std::lock_guard lock(mutex_);
      const auto before = exchange_.newest_event();
      const auto at = now();
      due = exchange_.take_due(at);
      changed = exchange_.newest_event() != before;
      if (const auto next = exchange_.next_due())
        sleep = *next <= at ? Millis{0} : std::min(sleep, *next - at);
    }
    if (changed) ring_watchers();
    for (auto& webhook : due) asio::co_spawn(letters_, post(std::move(webhook)), asio::detached);
    co_await letters_bell_->wait(sleep);
  }
}

asio::awaitable<void> ExchangeHost::post(exchange::OutgoingWebhook webhook) {
  SendOptions options;
  options.deadline = exchange::kWebhookTimeout;
  options.response_limit = kWebhookAnswerLimit;
  options.allow_loopback = true;
  options.allow_http = true;
  const std::string id = webhook.id;
  auto result = co_await client_.send(std::move(webhook.request), options);
  std::optional<HttpResponse> answer;
  if (auto* response = std::get_if<HttpResponse>(&result)) answer = std::move(*response);
  with([&](exchange::Exchange& exchange, TimePoint at) {
    exchange.webhook_answered(id, answer, at);
  });
}

}  // namespace ringback
