// One connection, on one thread, from accept to close: reads a request, lets its route answer,
// writes the answer, and again. Whatever can be answered at once is answered where it was read
// (advance(), a plain function); a coroutine goes on only where somebody has to be waited for: a
// body, a handler that waits, a client that does not read.
#pragma once

#include <array>
#include <boost/asio/awaitable.hpp>
#include <exception>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "app/http/event_stream.hpp"
#include "app/http/request_parser.hpp"
#include "app/http/service.hpp"
#include "app/http/wire.hpp"

namespace ringback::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  using Clock = Wire::Clock;

  Connection(Service& service, TcpSocket socket, const IpAddress& peer, std::mt19937_64& random);

  // Ends when the connection is closed.
  boost::asio::awaitable<void> run();
  // Says one thing and closes: for those who find no place.
  boost::asio::awaitable<void> turn_away(Service::Place why);

  void check(Clock::time_point now) { wire_.check(now); }  // by the sweeper
  void drain();                                            // finish what is in work
  void abort() { wire_.abort(); }                          // now

 private:
  // What is to be done next, and with which of the members.
  enum class Step {
    next,    // look at what is in the buffer
    read,    // there is no whole head yet
    refuse,  // refusal_; then close
    body,    // the request's body
    handle,  // ask the route's handler, which waits for others
    write,   // unsent_, rest_ and the stream of response_
    close,
  };
  template <class Handler>
  struct ReadOn;

  boost::asio::awaitable<void> serve();
  boost::asio::awaitable<Step> take_body();
  boost::asio::awaitable<bool> read_body();
  boost::asio::awaitable<bool> read_chunked_body(std::size_t limit);
  boost::asio::awaitable<Step> write_rest();
  boost::asio::awaitable<bool> run_stream(bool chunked);
  boost::asio::awaitable<void> refuse();

  // None of these waits for anybody.
  Step advance();  // as far as the bytes reach that are here
  Step take_bytes(bool came, std::size_t size);
  Step take_head();
  Step take_request();
  Step refused(int status, std::string_view detail);
  Step dispatch();
  Step answer();  // with response_
  Step send();    // what is in out_
  Step finish();

  std::optional<Response> ask_admission() const;
  std::optional<Response> settle_without_route() const;
  Response respond();
  Response broken(const std::exception& failure) const;
  std::size_t body_limit() const;
  void write_constant(const Response& response);
  bool streams_in_chunks() const { return parser_->http11() && !response_->stream_length; }
  void render();
  void make_request_id();
  void reset_request();
  void report(Clock::time_point now);

  Service& service_;
  const Limits& limits_;
  Wire wire_;
  IpAddress peer_;
  IpAddress local_;
  std::mt19937_64& random_;

  std::unique_ptr<char[]> buffer_;
  std::size_t capacity_;
  std::size_t end_ = 0;      // bytes in the buffer
  std::size_t head_ = 0;     // size of the head at its front; what follows is body, then pipelined
  std::size_t scanned_ = 0;  // of an unfinished head

  std::vector<Header> headers_;
  std::vector<Param> params_;
  std::string decoded_path_;
  std::array<char, 16> request_id_{};
  Request request_;
  std::optional<RequestParser> parser_;
  Router::Match match_;
  Refusal refusal_;
  std::exception_ptr failure_;

  std::optional<Response> response_;
  int status_ = 0;
  bool keep_alive_ = false;
  bool close_ = false;       // after this answer
  std::string out_;          // the answer, as far as it is short
  std::string problem_;      // the body of a problem
  std::string_view unsent_;  // of out_
  std::string_view rest_;    // a long body, where it lies
};

}  // namespace ringback::http
