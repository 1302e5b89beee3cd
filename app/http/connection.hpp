// One connection, on one thread, from accept to close: reads a request, lets its route answer,
// writes the answer, and again. Every phase has a deadline; the thread's sweeper calls check()
// often enough, so that a request costs no timer of its own.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "app/http/event_stream.hpp"
#include "app/http/request_parser.hpp"
#include "app/http/service.hpp"

namespace ringback::http {

using IoExecutor = boost::asio::io_context::executor_type;
using TcpSocket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, IoExecutor>;

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = std::chrono::steady_clock;

  Connection(Service& service, TcpSocket socket, const IpAddress& peer, std::mt19937_64& random);

  // Ends when the connection is closed.
  boost::asio::awaitable<void> run();
  // Says one thing and closes: for those who find no place.
  boost::asio::awaitable<void> turn_away(Service::Place why);

  void check(Clock::time_point now);  // by the sweeper
  void drain();                       // finish what is in work, take nothing new
  void abort();                       // now

  boost::asio::any_io_executor executor() { return socket_.get_executor(); }

 private:
  friend class EventStream;
  enum class Phase { idle, head, body, handling, writing, streaming, lingering };
  using Deadline = Clock::time_point;

  boost::asio::awaitable<void> serve();
  // False: close, silently or after what has been said already.
  boost::asio::awaitable<bool> read_head();
  boost::asio::awaitable<bool> read_body(std::size_t limit);
  boost::asio::awaitable<bool> read_chunked_body(std::size_t limit);
  boost::asio::awaitable<bool> answer(const Router::Match& match);
  boost::asio::awaitable<Response> respond(const Router::Match& match);
  boost::asio::awaitable<bool> write_response(const Router::Match& match, Response& response);
  boost::asio::awaitable<bool> write_constant(const Route& route, const Response& response);
  boost::asio::awaitable<bool> run_stream(Response& response, bool chunked);
  boost::asio::awaitable<void> refuse(Refusal refusal);
  boost::asio::awaitable<void> linger();
  // More bytes into the buffer; 0: nothing more will come (expired_ tells why).
  boost::asio::awaitable<std::size_t> read_some(char* to, std::size_t size);
  boost::asio::awaitable<bool> write_all(std::string_view head, std::string_view body);
  boost::asio::awaitable<bool> write_stream(std::string_view bytes);

  std::optional<Response> settle_without_route(const Router::Match& match);
  void make_request_id();
  void reset_request();
  bool must_close() const;
  void enter(Phase phase, Millis time);
  void rest(Phase phase);  // no deadline but the connection's age
  void expire();
  void watch_for_close();
  void report(const Router::Match& match, int status);
  bool is_gone() const { return gone_; }
  bool stream_must_end() const;

  Service& service_;
  const Limits& limits_;
  TcpSocket socket_;
  IpAddress peer_;
  IpAddress local_;
  std::mt19937_64& random_;
  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;
  std::size_t end_ = 0;   // bytes in the buffer
  std::size_t head_ = 0;  // size of the head at its front; what follows is body, then pipelined
  std::size_t body_in_ = 0;
  std::vector<Header> headers_;
  std::vector<Param> params_;
  std::string decoded_path_;
  std::string out_;
  std::array<char, 16> request_id_{};
  Request request_;
  std::optional<RequestParser> parser_;
  Phase phase_ = Phase::idle;
  Clock::time_point born_;
  Clock::time_point phase_began_;
  Deadline deadline_;
  EventStream* stream_ = nullptr;
  bool expired_ = false;  // the current phase took too long, or we drain
  bool write_waits_ = false;  // an asynchronous write is pending
  bool gone_ = false;     // the client closed, or we gave up on it
  bool keep_alive_ = false;
  std::size_t discarded_ = 0;
};

}  // namespace ringback::http
