// The socket of one connection and its deadlines: who is waited for, since when, and how long
// still. The thread's sweeper calls check() often enough, so that neither a request nor an
// operation costs a timer of its own; the clock is read where something begins, not where it goes
// on.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <string_view>

#include "app/http/limits.hpp"
#include "app/net/cidr.hpp"

namespace ringback::http {

using IoExecutor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;

class EventStream;

class Wire {
 public:
  using Clock = std::chrono::steady_clock;
  enum class Phase { idle, head, body, handling, writing, streaming, lingering };

  // draining: the server takes nothing new.
  Wire(TcpSocket socket, const Limits& limits, const std::atomic<bool>& draining);

  IpAddress local_address() const;
  boost::asio::any_io_executor executor() { return socket_.get_executor(); }

  void enter(Phase phase, Millis time, Clock::time_point now = Clock::now());
  void rest(Phase phase);  // no deadline but, for a stream, the connection's age
  Phase phase() const { return phase_; }
  Clock::time_point phase_began() const { return phase_began_; }

  // The current phase took too long, or the server drains: nothing more is read.
  bool expired() const { return expired_; }
  void forgive() { expired_ = false; }  // there is one thing left to say
  bool gone() const { return gone_; }   // the client closed, or was given up
  bool too_old(Clock::time_point now) const { return now - born_ >= limits_.age; }
  bool stream_must_end() const { return gone_ || expired_ || draining_; }

  // 0: nothing more will come.
  boost::asio::awaitable<std::size_t> read_some(char* to, std::size_t size);
  // The same for one who is no coroutine: handler(error_code, std::size_t).
  template <class Handler>
  void start_read(char* to, std::size_t size, Handler&& handler) {
    socket_.async_read_some(boost::asio::buffer(to, size), std::forward<Handler>(handler));
  }
  void body_so_far(std::size_t size) { body_in_ = size; }  // of which check() knows the rate

  // Takes off `bytes` what the socket takes at once. False: the client is gone.
  bool write_now(std::string_view& bytes);
  // False: the client is gone.
  boost::asio::awaitable<bool> write_all(std::string_view head, std::string_view body);

  // Says that nothing more is said, and reads for a while what the client still sends: closing at
  // once would destroy what it has not read yet.
  boost::asio::awaitable<void> linger();
  void close();
  void abort();  // now, and whatever is on its way is lost

  // From now on somebody writes whenever there is something new, and nobody reads.
  void begin_stream(EventStream& stream, std::shared_ptr<void> owner);
  void end_stream();

  void check(Clock::time_point now);
  void expire();
  void wake_stream();

 private:
  void watch_for_close(std::shared_ptr<void> owner);

  TcpSocket socket_;
  const Limits& limits_;
  const std::atomic<bool>& draining_;
  Phase phase_ = Phase::head;
  Clock::time_point born_;
  Clock::time_point phase_began_;
  Clock::time_point deadline_;
  EventStream* stream_ = nullptr;
  std::size_t body_in_ = 0;
  std::size_t discarded_ = 0;  // what a client says while it is being told a stream
  bool expired_ = false;
  bool gone_ = false;
  bool write_waits_ = false;  // an asynchronous write is pending
};

}  // namespace ringback::http
