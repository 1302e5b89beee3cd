// A bell that other threads ring and one coroutine waits for. Rings that come together count once;
// a ring while nobody waits is kept for the next wait. Whoever hands the bell to others takes it
// back (or lets them hold a weak_ptr) before its executor goes away.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>
#include <memory>

#include "core/domain/time.hpp"

namespace ringback::http {

class Wakeup : public std::enable_shared_from_this<Wakeup> {
 public:
  static std::shared_ptr<Wakeup> make(const boost::asio::any_io_executor& executor);

  void notify();  // any thread

  // On the executor, one waiter at a time. True: rung; false: the time is over.
  boost::asio::awaitable<bool> wait(Millis at_most);

 private:
  explicit Wakeup(const boost::asio::any_io_executor& executor) : timer_(executor) {}
  boost::asio::steady_timer timer_;
  std::atomic<bool> rung_{false};
};

}  // namespace ringback::http
