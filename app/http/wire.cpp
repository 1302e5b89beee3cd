#include "app/http/wire.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/socket_base.hpp>

#include "app/http/event_stream.hpp"

namespace ringback::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kWriteSlice = 64UL * 1024;  // each has Limits::write_time
constexpr std::size_t kLingerBytes = 1024UL * 1024;

constexpr auto kTuple = asio::as_tuple(asio::deferred);

bool would_block(const error_code& failure) {
  return failure == asio::error::would_block || failure == asio::error::try_again;
}

}  // namespace

Wire::Wire(TcpSocket socket, const Limits& limits, const std::atomic<bool>& draining)
    : socket_(std::move(socket)), limits_(limits), draining_(draining), born_(Clock::now()) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  enter(Phase::head, limits_.head_time, born_);
}

IpAddress Wire::local_address() const {
  error_code gone;
  const auto local = socket_.local_endpoint(gone);
  return gone ? IpAddress() : local.address();
}

void Wire::enter(Phase phase, Millis time, Clock::time_point now) {
  phase_ = phase;
  phase_began_ = now;
  deadline_ = now + time;
}

void Wire::rest(Phase phase) {
  phase_ = phase;
  deadline_ = phase == Phase::streaming ? born_ + limits_.age : Clock::time_point::max();
}

asio::awaitable<std::size_t> Wire::read_some(char* to, std::size_t size) {
  if (expired_ || gone_) co_return 0;
  const auto [failure, got] = co_await socket_.async_read_some(asio::buffer(to, size), kTuple);
  if (failure || expired_) co_return 0;
  co_return got;
}

bool Wire::write_now(std::string_view& bytes) {
  if (gone_) return false;
  error_code failure;
  const auto size = socket_.write_some(
      asio::const_buffer(bytes.data(), std::min(bytes.size(), kWriteSlice)), failure);
  if (failure && !would_block(failure)) {
    gone_ = true;
    return false;
  }
  bytes.remove_prefix(failure ? 0 : size);
  return true;
}

asio::awaitable<bool> Wire::write_all(std::string_view head, std::string_view body) {
  if (gone_) co_return false;
  error_code failure;
  while (!head.empty() || !body.empty()) {
    const std::array<asio::const_buffer, 2> parts{
        asio::const_buffer(head.data(), std::min(head.size(), kWriteSlice)),
        asio::const_buffer(body.data(),
                           head.size() > kWriteSlice ? 0 : std::min(body.size(), kWriteSlice))};
    std::size_t size = socket_.write_some(parts, failure);
    if (would_block(failure)) {
      const auto phase = phase_;
      enter(phase == Phase::streaming ? phase : Phase::writing, limits_.write_time);
      write_waits_ = true;
      const auto [late_failure, late_size] = co_await socket_.async_write_some(parts, kTuple);
      write_waits_ = false;
      failure = late_failure;
      size = late_size;
      if (phase == Phase::streaming) rest(phase);
    }
    if (failure || gone_) {
      gone_ = true;
      co_return false;
    }
    const auto of_head = std::min(size, head.size());
    head.remove_prefix(of_head);
    body.remove_prefix(size - of_head);
  }
  co_return true;
}

asio::awaitable<void> Wire::linger() {
  error_code ignored;
  socket_.shutdown(asio::socket_base::shutdown_send, ignored);
  enter(Phase::lingering, limits_.linger_time);
  char scratch[2048];
  std::size_t total = 0;
  while (total < kLingerBytes) {
    const auto size = co_await read_some(scratch, sizeof scratch);
    if (size == 0) co_return;
    total += size;
  }
}

void Wire::close() {
  error_code ignored;
  socket_.close(ignored);
}

void Wire::abort() {
  gone_ = true;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  wake_stream();
}

void Wire::begin_stream(EventStream& stream, std::shared_ptr<void> owner) {
  stream_ = &stream;
  discarded_ = 0;
  rest(Phase::streaming);
  watch_for_close(std::move(owner));
}

void Wire::end_stream() {
  stream_ = nullptr;
  error_code ignored;
  socket_.cancel(ignored);
}

// While a stream waits nobody reads; this sees the client go away.
void Wire::watch_for_close(std::shared_ptr<void> owner) {
  auto look = [this, owner = std::move(owner)](error_code failure) mutable {
    if (failure || stream_ == nullptr || gone_) return;
    char scratch[512];
    const auto size = socket_.read_some(asio::buffer(scratch), failure);
    const bool nothing = failure == asio::error::would_block;
    discarded_ += failure ? 0 : size;
    if ((failure && !nothing) || discarded_ > limits_.header_bytes) {
      gone_ = true;
      wake_stream();
      return;
    }
    watch_for_close(std::move(owner));
  };
  socket_.async_wait(TcpSocket::wait_read, std::move(look));
}

void Wire::check(Clock::time_point now) {
  if (now >= deadline_) {
    expire();
    return;
  }
  if (phase_ != Phase::body || now - phase_began_ < limits_.body_rate_grace) return;
  const auto seconds = std::chrono::duration<double>(now - phase_began_).count();
  if (static_cast<double>(body_in_) < seconds * static_cast<double>(limits_.body_bytes_per_second))
    expire();
}

void Wire::expire() {
  error_code ignored;
  switch (phase_) {
    case Phase::handling:
      return;
    case Phase::streaming:
      // Too old: let the stream end by itself. Stuck in a write: nobody reads.
      if (write_waits_ || stream_ == nullptr) {
        abort();
      } else {
        deadline_ = Clock::time_point::max();
        expired_ = true;
        wake_stream();
      }
      return;
    case Phase::writing:
      abort();
      return;
    case Phase::idle:
    case Phase::head:
    case Phase::body:
    case Phase::lingering:
      expired_ = true;
      deadline_ = Clock::time_point::max();
      socket_.cancel(ignored);
      return;
  }
}

void Wire::wake_stream() {
  if (stream_ != nullptr) stream_->wake();
}

}  // namespace ringback::http
