// An exchange on a real clock: its REST API on a port of its own, its webhooks posted by HTTP.
//
// Lives inside `ringback serve`, or is all of `ringback simulator` (then with the desk's API on the
// same port). The exchange itself is guarded by a mutex; nothing waits while it is held.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "adapters/exchange/exchange.hpp"
#include "app/http/server.hpp"
#include "app/http/wakeup.hpp"
#include "app/outbound/https_client.hpp"
#include "core/domain/result.hpp"
#include "core/ports/hmac.hpp"

namespace ringback {

// The numbers that the desk's page begins with.
struct DeskNumbers {
  PhoneNumber business;  // empty: not known
  PhoneNumber visitor;
};

struct ExchangeHostOptions {
  std::string listen = "127.0.0.1:0";  // port 0: any free one
  bool desk = false;                   // the desk's API on that port, too
  DeskNumbers numbers;
  exchange::ExchangeOptions exchange;  // without a boot_id one is made from the time
};

class ExchangeHost {
 public:
  ExchangeHost(ExchangeHostOptions options, Hmac hmac);
  ~ExchangeHost();
  ExchangeHost(const ExchangeHost&) = delete;
  ExchangeHost& operator=(const ExchangeHost&) = delete;

  Result<void> start();
  // Takes nothing new, gives up webhooks in flight, joins. Stop servers with desk routes before.
  void stop();

  std::string url() const;  // "http://127.0.0.1:40123", once started

  // Any thread: work(exchange, now), guarded; then whoever waits for a change is woken.
  template <class Work>
  auto with(Work work) {
    const Ring after(*this);
    const std::lock_guard lock(mutex_);
    return work(exchange_, now());
  }

  // Any thread. The bell rings when there may be new events.
  void watch(const std::shared_ptr<http::Wakeup>& bell);
  std::vector<exchange::Event> events_since(std::uint64_t seq) const;
  std::uint64_t newest_event() const;

 private:
  // Rings the bells when the guarded work is over, however it ended.
  class Ring {
   public:
    explicit Ring(ExchangeHost& host) : host_(host) {}
    Ring(const Ring&) = delete;
    Ring& operator=(const Ring&) = delete;
    ~Ring() { host_.ring(); }

   private:
    ExchangeHost& host_;
  };

  TimePoint now() const;
  void ring();
  void ring_watchers();
  boost::asio::awaitable<http::Response> serve(http::Request& request);
  boost::asio::awaitable<void> carry_letters();
  boost::asio::awaitable<void> post(exchange::OutgoingWebhook webhook);

  ExchangeHostOptions options_;
  TimePoint wall_at_start_;
  std::chrono::steady_clock::time_point steady_at_start_;
  mutable std::mutex mutex_;
  exchange::Exchange exchange_;
  std::mutex bells_mutex_;
  std::vector<std::weak_ptr<http::Wakeup>> bells_;
  boost::asio::io_context letters_{1};
  std::shared_ptr<http::Wakeup> letters_bell_;
  HttpsClient client_;
  std::unique_ptr<http::Server> server_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
};

}  // namespace ringback
