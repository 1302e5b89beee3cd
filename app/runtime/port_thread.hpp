// A thread that has a port for itself, so that whoever looks through it waits for nobody else.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

namespace ringback {

template <class Port>
class PortThread {
 public:
  explicit PortThread(std::unique_ptr<Port> port) : port_(std::move(port)) {}
  ~PortThread() { stop(); }

  // look: (Port&) -> Result<T>
  template <class Look>
  boost::asio::awaitable<std::invoke_result_t<Look&, Port&>> run(Look look) {
    std::optional<std::invoke_result_t<Look&, Port&>> answer;
    // Named, and by reference: g++ 12 destroys a lambda temporary in a co_await twice (GCC 107288).
    auto job = [this, &answer, &look]() -> boost::asio::awaitable<void> {
      answer.emplace(look(*port_));
      co_return;
    };
    co_await boost::asio::co_spawn(thread_, job, boost::asio::use_awaitable);
    co_return std::move(*answer);
  }

  void stop() { thread_.join(); }

 private:
  std::unique_ptr<Port> port_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace ringback
