#include "app/http/server.hpp"

#include <fmt/format.h>
#include <pthread.h>
#include <sched.h>
#include <sys/socket.h>

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/post.hpp>
#include <charconv>
#include <random>
#include <thread>
#include <unordered_set>

#include "app/http/connection.hpp"

namespace ringback::http {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

using Acceptor = asio::basic_socket_acceptor<tcp, IoExecutor>;
using Timer = asio::basic_waitable_timer<std::chrono::steady_clock,
                                         asio::wait_traits<std::chrono::steady_clock>, IoExecutor>;
using ReusePort = asio::detail::socket_option::boolean<SOL_SOCKET, SO_REUSEPORT>;

constexpr auto kTuple = asio::as_tuple(asio::deferred);
constexpr std::size_t kMostTurnedAway = 32;  // at once, for each thread; more are just closed
constexpr Millis kLastWords{500};            // after the deadline, for what was cut off

// For the calling thread: when it wakes, whoever runs on its core is not interrupted for it, so
// what arrives meanwhile is served together (sched(7), SCHED_BATCH). Where that is forbidden
// nothing is lost but speed.
void serve_in_batches() {
  const sched_param none{};
  ::pthread_setschedparam(::pthread_self(), SCHED_BATCH, &none);
}

struct Address {
  std::string text;
  tcp::endpoint endpoint;
};

std::optional<tcp::endpoint> parse_endpoint(std::string_view text) {
  const auto colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  auto host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  const auto address = parse_address(host);
  std::uint16_t port = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, failure] = std::from_chars(text.data() + colon + 1, end, port);
  if (!address || failure != std::errc{} || stop != end) return std::nullopt;
  return tcp::endpoint(*address, port);
}

std::string advice(const error_code& failure) {
  const bool full = failure == asio::error::no_descriptors ||
                    failure == error_code(ENFILE, boost::system::system_category());
  return full ? ": raise the limit of open files" : "";
}

// A quarter of the shortest deadline, so that none is missed by much.
Millis sweep_interval(const Limits& limits) {
  const auto shortest =
      std::min({limits.head_time, limits.body_time, limits.body_rate_grace, limits.write_time,
                limits.idle_time, limits.linger_time, limits.age});
  return std::clamp(shortest / 4, Millis(5), Millis(500));
}

}  // namespace

class Server::Worker {
 public:
  explicit Worker(Service& service)
      : service_(service), work_(context_.get_executor()), sweeper_(context_.get_executor()) {
    std::random_device seed;
    random_.seed((static_cast<std::uint64_t>(seed()) << 32U) | seed());
  }

  error_code listen(tcp::endpoint& endpoint, bool shared) {
    error_code failure;
    auto acceptor = std::make_unique<Acceptor>(context_.get_executor());
    acceptor->open(endpoint.protocol(), failure);
    if (!failure) acceptor->set_option(tcp::acceptor::reuse_address(true), failure);
    if (!failure && shared) acceptor->set_option(ReusePort(true), failure);
    if (!failure && endpoint.address().is_v6() && !endpoint.address().is_unspecified())
      acceptor->set_option(asio::ip::v6_only(true), failure);
    if (!failure) acceptor->bind(endpoint, failure);
    // A probe listens too: only then another server on the address is seen.
    if (!failure) acceptor->listen(asio::socket_base::max_listen_connections, failure);
    if (failure) return failure;
    endpoint = acceptor->local_endpoint(failure);
    acceptors_.push_back(std::move(acceptor));
    return failure;
  }

  void forget_acceptors() { acceptors_.clear(); }

  void start() {
    for (auto& acceptor : acceptors_) asio::co_spawn(context_, accept(*acceptor), asio::detached);
    asio::co_spawn(context_, sweep(), asio::detached);
    thread_ = std::thread([this] {
      serve_in_batches();
      context_.run();
    });
  }

  void drain() {
    asio::post(context_, [this] {
      for (auto& acceptor : acceptors_) {
        error_code ignored;
        acceptor->close(ignored);
      }
      for (auto* connection : connections_) connection->drain();
    });
  }

  void abort() {
    asio::post(context_, [this] {
      const auto all = connections_;
      for (auto* connection : all) connection->abort();
    });
  }

  void join() {
    work_.reset();
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }

  asio::any_io_executor executor() { return context_.get_executor(); }

 private:
  asio::awaitable<void> accept(Acceptor& acceptor) {
    Timer pause(context_.get_executor());
    while (acceptor.is_open()) {
      auto [failure, socket] = co_await acceptor.async_accept(kTuple);
      if (!acceptor.is_open()) co_return;
      if (failure) {
        if (failure == asio::error::connection_aborted) continue;  // the client's own doing
        if (service_.config.hooks.on_fault)
          service_.config.hooks.on_fault("cannot accept connections (" + failure.message() + ")" +
                                             advice(failure) + "; accepting pauses for a moment",
                                         {});
        pause.expires_after(service_.config.limits.accept_pause);
        co_await pause.async_wait(kTuple);
        continue;
      }
      const auto remote = socket.remote_endpoint(failure);
      if (failure) continue;
      take(std::move(socket), unmapped(remote.address()));
    }
  }

  void take(TcpSocket socket, const IpAddress& peer) {
    const auto place = service_.enter(peer);
    if (place != Service::Place::taken && turned_away_ >= kMostTurnedAway) return;
    auto connection = std::make_shared<Connection>(service_, std::move(socket), peer, random_);
    connections_.insert(connection.get());
    if (place == Service::Place::taken) {
      asio::co_spawn(context_, connection->run(),
                     [this, connection, peer](const std::exception_ptr&) {
                       connections_.erase(connection.get());
                       service_.leave(peer);
                     });
    } else {
      ++turned_away_;
      asio::co_spawn(context_, connection->turn_away(place),
                     [this, connection](const std::exception_ptr&) {
                       connections_.erase(connection.get());
                       --turned_away_;
                     });
    }
  }

  asio::awaitable<void> sweep() {
    const auto interval = sweep_interval(service_.config.limits);
    for (;;) {
      sweeper_.expires_after(interval);
      const auto [failure] = co_await sweeper_.async_wait(kTuple);
      if (failure) co_return;
      const auto now = Connection::Clock::now();
      for (auto* connection : connections_) connection->check(now);
    }
  }

  asio::io_context context_{1};
  Service& service_;
  asio::executor_work_guard<IoExecutor> work_;
  Timer sweeper_;
  std::vector<std::unique_ptr<Acceptor>> acceptors_;
  std::unordered_set<Connection*> connections_;
  std::size_t turned_away_ = 0;
  std::mt19937_64 random_;
  std::thread thread_;
};

Server::Server(ServerConfig config, Router router)
    : service_(std::move(config), std::move(router)) {}

Server::~Server() { stop(); }

Result<std::uint16_t> Server::start() {
  std::vector<Address> addresses;
  for (const auto& text : service_.config.listen) {
    const auto endpoint = parse_endpoint(text);
    if (!endpoint)
      return Error{Errc::invalid_input,
                   fmt::format("\"{}\" is not an address to listen on; write it like "
                               "\"127.0.0.1:8501\" or \"[::1]:8501\"",
                               text)};
    addresses.push_back({text, *endpoint});
  }
  if (addresses.empty())
    return Error{Errc::invalid_input, "there is no address to listen on: set server.listen"};

  auto count = service_.config.threads;
  if (count == 0) count = std::max(1U, std::thread::hardware_concurrency());
  std::vector<std::unique_ptr<Worker>> workers;
  for (unsigned i = 0; i < count; ++i) workers.push_back(std::make_unique<Worker>(service_));

  // The threads share the port, and so could another process of ours without anyone noticing: a
  // socket that does not share asks first.
  const auto refused = [](const Address& address, const error_code& failure) {
    return Error{Errc::unavailable,
                 fmt::format("cannot listen on {}: {}. Stop what uses it, or set server.listen",
                             address.text, failure.message())};
  };
  for (auto& address : addresses) {
    if (const auto failure = workers.front()->listen(address.endpoint, false))
      return refused(address, failure);
  }
  workers.front()->forget_acceptors();
  for (auto& worker : workers)
    for (auto& address : addresses)
      if (const auto failure = worker->listen(address.endpoint, true))
        return refused(address, failure);

  ports_.clear();
  for (const auto& address : addresses) ports_.push_back(address.endpoint.port());
  workers_ = std::move(workers);
  for (auto& worker : workers_) worker->start();
  running_ = true;
  return ports_.front();
}

std::uint16_t Server::port() const { return ports_.empty() ? std::uint16_t{0} : ports_.front(); }
const std::vector<std::uint16_t>& Server::ports() const { return ports_; }
std::size_t Server::connections() const { return service_.connections(); }
unsigned Server::threads() const { return static_cast<unsigned>(workers_.size()); }

asio::any_io_executor Server::executor(unsigned thread) { return workers_.at(thread)->executor(); }

void Server::stop(Millis deadline) {
  if (!running_) return;
  running_ = false;
  service_.draining = true;
  for (auto& worker : workers_) worker->drain();
  if (!service_.wait_until_empty(std::chrono::steady_clock::now() + deadline)) {
    for (auto& worker : workers_) worker->abort();
    service_.wait_until_empty(std::chrono::steady_clock::now() + kLastWords);
  }
  for (auto& worker : workers_) worker->join();
}

}  // namespace ringback::http
