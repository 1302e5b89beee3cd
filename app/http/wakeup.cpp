#include "app/http/wakeup.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/post.hpp>

namespace ringback::http {

namespace asio = boost::asio;

std::shared_ptr<Wakeup> Wakeup::make(const asio::any_io_executor& executor) {
  return std::shared_ptr<Wakeup>(new Wakeup(executor));
}

void Wakeup::notify() {
  if (rung_.exchange(true)) return;
  asio::post(timer_.get_executor(), [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->timer_.cancel();
  });
}

asio::awaitable<bool> Wakeup::wait(Millis at_most) {
  const auto self = shared_from_this();
  const auto deadline = std::chrono::steady_clock::now() + at_most;
  for (;;) {
    if (rung_.exchange(false)) co_return true;
    // A ring that was taken above may still cancel this wait: then wait on.
    if (std::chrono::steady_clock::now() >= deadline) co_return false;
    timer_.expires_at(deadline);
    co_await timer_.async_wait(asio::as_tuple(asio::deferred));
  }
}

}  // namespace ringback::http
