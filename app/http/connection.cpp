#include "app/http/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/socket_base.hpp>
#include <cstring>
#include <exception>

#include "app/http/response_writer.hpp"
#include "app/http/text.hpp"

namespace ringback::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kBodyRoom = 4096;           // behind the head: chunks, pipelined requests
constexpr std::size_t kWriteSlice = 64UL * 1024;  // each has Limits::write_time
constexpr std::size_t kLingerBytes = 1024UL * 1024;
constexpr std::size_t kKeptOut = 16UL * 1024;  // a larger answer buffer is given back
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

constexpr auto kTuple = asio::as_tuple(asio::deferred);

IpAddress local_address(const TcpSocket& socket) {
  error_code gone;
  const auto local = socket.local_endpoint(gone);
  return gone ? IpAddress() : local.address();
}

bool takes_no_body(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

}  // namespace

Connection::Connection(Service& service, TcpSocket socket, const IpAddress& peer,
                       std::mt19937_64& random)
    : service_(service),
      limits_(service.config.limits),
      socket_(std::move(socket)),
      peer_(peer),
      local_(local_address(socket_)),
      random_(random),
      capacity_(service.config.limits.header_bytes + kBodyRoom),
      born_(Clock::now()) {
  error_code ignored;
  socket_.non_blocking(true, ignored);
  socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
  enter(Phase::head, limits_.head_time);
}

asio::awaitable<void> Connection::run() {
  const auto self = shared_from_this();
  // Not zeroed: only pages that are used cost memory.
  buffer_ = std::make_unique_for_overwrite<char[]>(capacity_);
  try {
    co_await serve();
  } catch (const std::exception& failure) {
    if (service_.config.hooks.on_fault)
      service_.config.hooks.on_fault(failure.what(), request_.request_id);
  }
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> Connection::turn_away(Service::Place why) {
  const auto self = shared_from_this();
  make_request_id();
  request_.request_id = {request_id_.data(), 16};
  const bool full = why == Service::Place::server_full;
  const auto response =
      full ? problem(ProblemCode::overloaded,
                     "The server has as many connections as it takes. Try again in a moment. "
                     "Nothing was done.")
           : problem(ProblemCode::rate_limited,
                     "There are too many connections from this address. Close some and try again. "
                     "Nothing was done.");
  Envelope envelope;
  envelope.request_id = request_.request_id;
  envelope.public_url = service_.config.public_url;
  envelope.close = true;
  std::string rendered;
  append_response(response, envelope, service_.header_classes, rendered, out_);
  if (co_await write_all(out_, {})) co_await linger();
  error_code ignored;
  socket_.close(ignored);
}

asio::awaitable<void> Connection::serve() {
  for (;;) {
    reset_request();
    if (!co_await read_head()) co_return;
    parser_.emplace(headers_, decoded_path_);
    if (const auto refusal = parser_->read_head({buffer_.get(), head_}, limits_, request_)) {
      co_await refuse(*refusal);
      co_return;
    }
    if (!service_.hosts.allows(request_.host, peer_.is_loopback(), local_)) {
      Refusal refusal;
      refusal.detail =
          "This server does not answer to that Host. Add it to the configuration, or "
          "use the public address. Nothing was done.";
      co_await refuse(refusal);
      co_return;
    }
    const auto client = client_address(service_.config.proxies, peer_, headers_);
    if (!client) {
      Refusal refusal;
      refusal.detail =
          "The proxy did not say who is asking: exactly one CF-Connecting-IP is "
          "expected. Nothing was done.";
      co_await refuse(refusal);
      co_return;
    }
    request_.client = *client;
    request_.loopback = client->is_loopback() && peer_.is_loopback();
    const auto id = request_.header("x-request-id");
    if (is_request_id(id))
      request_.request_id = id;
    else
      make_request_id();
    keep_alive_ = parser_->keep_alive();

    const auto match = service_.router.match(request_.method, request_.path, params_);
    if (!co_await answer(match)) co_return;
  }
}

asio::awaitable<bool> Connection::read_head() {
  std::size_t resume = 0;
  for (;;) {
    if (end_ > 0) {
      if (phase_ == Phase::idle) enter(Phase::head, limits_.head_time);
      const std::size_t looked_at = std::min(end_, limits_.header_bytes);
      const auto scan = scan_head({buffer_.get(), looked_at}, resume);
      if (scan.state == HeadScan::State::complete) {
        head_ = scan.size;
        request_.arrival = Clock::now();
        co_return true;
      }
      if (scan.state == HeadScan::State::bad) {
        Refusal refusal;
        refusal.detail = scan.detail;
        co_await refuse(refusal);
        co_return false;
      }
      if (looked_at == limits_.header_bytes) {
        Refusal refusal;
        refusal.status = 431;
        refusal.detail = "The header section is too large. Send less. Nothing was done.";
        co_await refuse(refusal);
        co_return false;
      }
      resume = scan.resume;
    }
    const auto size = co_await read_some(buffer_.get() + end_, capacity_ - end_);
    if (size == 0) {
      if (expired_ && end_ > 0 && !service_.draining) {
        Refusal refusal;
        refusal.status = 408;
        refusal.detail = "The header section did not come in time. Nothing was done.";
        co_await refuse(refusal);
      }
      co_return false;
    }
    end_ += size;
  }
}

asio::awaitable<bool> Connection::answer(const Router::Match& match) {
  const auto* route = match.route;
  if (route != nullptr) request_.route = route->pattern;
  request_.params = params_;

  const bool has_body = parser_->is_chunked() || parser_->content_length() > 0;
  if (has_body) {
    std::size_t limit = limits_.body_bytes;
    if (takes_no_body(request_.method))
      limit = limits_.idle_body_bytes;
    else if (route != nullptr && route->options.body_limit > 0)
      limit = route->options.body_limit;
    if (parser_->content_length() > limit) {
      Refusal refusal{ProblemCode::payload_too_large, 413,
                      "The body is larger than this address takes. Nothing was done."};
      co_await refuse(refusal);
      co_return false;
    }
    if (route != nullptr && !route->options.limit_free && service_.config.hooks.admit) {
      if (auto refused = service_.config.hooks.admit(request_)) {
        keep_alive_ = false;  // the body stays unread
        co_await write_response(match, *refused);
        co_await linger();
        co_return false;
      }
    }
    if (parser_->wants_continue() && end_ == head_ && !co_await write_all(kContinue, {}))
      co_return false;
    if (!co_await read_body(limit)) co_return false;
    if (takes_no_body(request_.method)) request_.body.clear();
  } else if (route != nullptr && !route->options.limit_free && service_.config.hooks.admit) {
    if (auto refused = service_.config.hooks.admit(request_))
      co_return co_await write_response(match, *refused);
  }
  rest(Phase::handling);

  if (route != nullptr) {
    if (const auto* constant = std::get_if<Response>(&route->handler);
        constant != nullptr && route->options.cors == Cors::none)
      co_return co_await write_constant(*route, *constant);
  }
  auto response = co_await respond(match);
  co_return co_await write_response(match, response);
}

asio::awaitable<bool> Connection::read_body(std::size_t limit) {
  enter(Phase::body, limits_.body_time);
  body_in_ = 0;
  bool complete = false;
  if (parser_->is_chunked()) {
    complete = co_await read_chunked_body(limit);
  } else {
    const auto wanted = parser_->content_length();
    const auto here = std::min(wanted, end_ - head_);
    request_.body.assign(buffer_.get() + head_, here);
    // What follows the body is the next request.
    std::memmove(buffer_.get() + head_, buffer_.get() + head_ + here, end_ - head_ - here);
    end_ -= here;
    body_in_ = here;
    while (body_in_ < wanted) {
      // Room comes with the bytes: a promise alone takes no memory.
      if (body_in_ == request_.body.size())
        request_.body.resize(std::min(wanted, std::max(2 * body_in_, kBodyRoom)));
      const auto size =
          co_await read_some(request_.body.data() + body_in_, request_.body.size() - body_in_);
      if (size == 0) break;
      body_in_ += size;
    }
    complete = body_in_ == wanted;
  }
  if (!complete && expired_ && phase_ == Phase::body) {
    Refusal refusal;
    refusal.status = 408;
    refusal.detail = "The body did not come in time. Nothing was done.";
    co_await refuse(refusal);
  }
  co_return complete;
}

asio::awaitable<bool> Connection::read_chunked_body(std::size_t limit) {
  for (;;) {
    char* const region = buffer_.get() + head_;
    const auto chunks = parser_->read_chunks({region, end_ - head_}, limit, request_.body);
    std::memmove(region, region + chunks.consumed, end_ - head_ - chunks.consumed);
    end_ -= chunks.consumed;
    if (chunks.done) co_return true;
    const bool full = end_ == capacity_;  // a chunk's head of this size is no honest one
    if (chunks.refusal || full) {
      Refusal refusal = chunks.refusal.value_or(Refusal{});
      if (!chunks.refusal) refusal.detail = "The chunked body is not valid. Nothing was done.";
      co_await refuse(refusal);
      co_return false;
    }
    const auto size = co_await read_some(buffer_.get() + end_, capacity_ - end_);
    if (size == 0) co_return false;
    end_ += size;
    body_in_ += size;
  }
}

std::optional<Response> Connection::settle_without_route(const Router::Match& match) {
  const bool visitor = match.any != nullptr && match.any->options.cors == Cors::visitor;
  if (match.route == nullptr) {
    if (!match.path_known && request_.path != "*")
      return problem(ProblemCode::not_found,
                     "There is nothing at this address. Check it. Nothing was done.");
    if (request_.method == "OPTIONS") {
      auto response = visitor && request_.header_count("access-control-request-method") > 0
                          ? service_.cors.preflight(request_, match.allow)
                          : empty_response(204);
      response.set("Allow", match.allow.empty() ? "OPTIONS" : match.allow);
      return response;
    }
    auto response = problem(ProblemCode::method_not_allowed,
                            "This address does not take that method; see Allow. Nothing was done.");
    response.set("Allow", match.allow);
    return response;
  }
  if (visitor && !service_.cors.admits(request_))
    return problem(ProblemCode::forbidden,
                   "This page's origin may not use this address. Add it to the site's allowed "
                   "origins. Nothing was done.");
  return std::nullopt;
}

asio::awaitable<Response> Connection::respond(const Router::Match& match) {
  if (auto settled = settle_without_route(match)) co_return std::move(*settled);
  try {
    const auto& handler = match.route->handler;
    if (const auto* sync = std::get_if<SyncHandler>(&handler)) co_return (*sync)(request_);
    if (const auto* async = std::get_if<AsyncHandler>(&handler))
      co_return co_await (*async)(request_);
    co_return std::get<Response>(handler);
  } catch (const std::exception& failure) {
    if (service_.config.hooks.on_fault)
      service_.config.hooks.on_fault(failure.what(), request_.request_id);
  }
  co_return problem(ProblemCode::internal,
                    "Something broke on our side; the operator's log has the request id. It may "
                    "or may not have been done: look before you repeat it.");
}

asio::awaitable<bool> Connection::write_constant(const Route& route, const Response& response) {
  const bool close = must_close();
  const std::string_view body = response.body.empty() ? response.static_body : response.body;
  out_.assign(route.constant_head).append(request_.request_id);
  out_.append(close ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
  if (request_.method != "HEAD") out_.append(body);
  const bool written = co_await write_all(out_, {});
  if (service_.config.hooks.on_response) {
    Router::Match match;
    match.route = &route;
    report(match, response.status);
  }
  co_return written && !close;
}

asio::awaitable<bool> Connection::write_response(const Router::Match& match, Response& response) {
  const bool streams = static_cast<bool>(response.stream);
  const bool close = must_close() || streams;
  std::string cors_lines;
  std::string rendered_problem;
  Envelope envelope;
  if (const auto* route = match.route != nullptr ? match.route : match.any; route != nullptr) {
    envelope.headers = route->options.headers;
    if (route->options.cors == Cors::visitor) {
      service_.cors.append(request_, cors_lines);
      envelope.cors_lines = cors_lines;
    }
  }
  envelope.request_id = request_.request_id;
  envelope.public_url = service_.config.public_url;
  envelope.close = close;
  envelope.chunked = parser_->http11() && !response.stream_length;
  envelope.head_only = request_.method == "HEAD";
  out_.clear();
  const auto rest_of_body =
      append_response(response, envelope, service_.header_classes, rendered_problem, out_);
  bool written = co_await write_all(out_, rest_of_body);
  if (out_.capacity() > kKeptOut || streams) std::string().swap(out_);
  if (written && streams && !envelope.head_only)
    written = co_await run_stream(response, envelope.chunked);
  if (service_.config.hooks.on_response) report(match, response.status);
  if (written && streams) co_await linger();
  co_return written && !close;
}

asio::awaitable<bool> Connection::run_stream(Response& response, bool chunked) {
  EventStream stream(*this, chunked);
  stream_ = &stream;
  discarded_ = 0;
  rest(Phase::streaming);
  watch_for_close();
  bool whole = true;
  try {
    co_await response.stream(stream);
  } catch (const std::exception& failure) {
    whole = false;  // no last chunk: the client sees that something is missing
    if (service_.config.hooks.on_fault)
      service_.config.hooks.on_fault(failure.what(), request_.request_id);
  }
  stream_ = nullptr;
  error_code ignored;
  socket_.cancel(ignored);
  if (whole && chunked && !gone_) whole = co_await write_all("0\r\n\r\n", {});
  co_return whole && !gone_;
}

asio::awaitable<void> Connection::refuse(Refusal refusal) {
  expired_ = false;
  keep_alive_ = false;
  Problem what;
  what.code = refusal.code;
  what.status = refusal.status;
  what.detail = refusal.detail;
  auto response = problem(std::move(what));
  if (refusal.status == 405) response.set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (request_.request_id.empty()) make_request_id();
  Envelope envelope;
  envelope.request_id = request_.request_id;
  envelope.public_url = service_.config.public_url;
  envelope.close = true;
  std::string rendered;
  out_.clear();
  append_response(response, envelope, service_.header_classes, rendered, out_);
  if (co_await write_all(out_, {})) {
    Router::Match nothing;
    report(nothing, refusal.status);
    co_await linger();
  }
}

asio::awaitable<void> Connection::linger() {
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

asio::awaitable<std::size_t> Connection::read_some(char* to, std::size_t size) {
  if (expired_ || gone_) co_return 0;
  const auto [failure, got] = co_await socket_.async_read_some(asio::buffer(to, size), kTuple);
  if (failure || expired_) co_return 0;
  co_return got;
}

asio::awaitable<bool> Connection::write_all(std::string_view head, std::string_view body) {
  if (gone_) co_return false;
  error_code failure;
  while (!head.empty() || !body.empty()) {
    const std::array<asio::const_buffer, 2> parts{
        asio::const_buffer(head.data(), std::min(head.size(), kWriteSlice)),
        asio::const_buffer(body.data(),
                           head.size() > kWriteSlice ? 0 : std::min(body.size(), kWriteSlice))};
    std::size_t size = socket_.write_some(parts, failure);
    if (failure == asio::error::would_block || failure == asio::error::try_again) {
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

asio::awaitable<bool> Connection::write_stream(std::string_view bytes) {
  co_return co_await write_all(bytes, {});
}

void Connection::make_request_id() {
  constexpr std::string_view kDigits = "0123456789abcdef";
  auto bits = random_();
  for (std::size_t i = 0; i < 16; ++i, bits >>= 4U) request_id_[i] = kDigits[bits & 15U];
  request_.request_id = {request_id_.data(), 16};
}

// Moves what came after the last request to the front and forgets the rest.
void Connection::reset_request() {
  if (head_ > 0) {
    end_ -= head_;
    std::memmove(buffer_.get(), buffer_.get() + head_, end_);
    head_ = 0;
    enter(Phase::idle, limits_.idle_time);
  }
  expired_ = false;
  headers_.clear();
  params_.clear();
  request_.request_id = {};
  request_.route = {};
  if (request_.body.capacity() > kKeptOut)
    std::string().swap(request_.body);
  else
    request_.body.clear();
  request_.peer = peer_;
  request_.client = peer_;
  request_.method = {};
  request_.arrival = {};
  if (!request_.executor) request_.executor = socket_.get_executor();
}

bool Connection::must_close() const {
  return !keep_alive_ || service_.draining || request_.arrival - born_ >= limits_.age;
}

void Connection::enter(Phase phase, Millis time) {
  phase_ = phase;
  phase_began_ = Clock::now();
  deadline_ = phase_began_ + time;
}

void Connection::rest(Phase phase) {
  phase_ = phase;
  deadline_ = phase == Phase::streaming ? born_ + limits_.age : Deadline::max();
}

void Connection::check(Clock::time_point now) {
  if (now >= deadline_) {
    expire();
    return;
  }
  if (phase_ != Phase::body || now - phase_began_ < limits_.body_rate_grace) return;
  const auto seconds = std::chrono::duration<double>(now - phase_began_).count();
  if (static_cast<double>(body_in_) < seconds * static_cast<double>(limits_.body_bytes_per_second))
    expire();
}

void Connection::expire() {
  error_code ignored;
  switch (phase_) {
    case Phase::handling:
      return;
    case Phase::streaming:
      // Too old: let the stream end by itself. Stuck in a write: nobody reads.
      if (write_waits_ || stream_ == nullptr) {
        abort();
      } else {
        deadline_ = Deadline::max();
        expired_ = true;
        stream_->wake();
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
      deadline_ = Deadline::max();
      socket_.cancel(ignored);
      return;
  }
}

void Connection::drain() {
  const bool between_requests = phase_ == Phase::idle || (phase_ == Phase::head && end_ == 0);
  if (between_requests || phase_ == Phase::lingering)
    expire();
  else if (stream_ != nullptr)
    stream_->wake();
}

void Connection::abort() {
  gone_ = true;
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  socket_.close(ignored);
  if (stream_ != nullptr) stream_->wake();
}

// While a stream waits nobody reads; this sees the client go away.
void Connection::watch_for_close() {
  socket_.async_wait(TcpSocket::wait_read, [self = shared_from_this()](error_code failure) {
    if (failure || self->stream_ == nullptr || self->gone_) return;
    char scratch[512];
    const auto size = self->socket_.read_some(asio::buffer(scratch), failure);
    const bool nothing = failure == asio::error::would_block;
    self->discarded_ += failure ? 0 : size;
    if ((failure && !nothing) || self->discarded_ > self->limits_.header_bytes) {
      self->gone_ = true;
      self->stream_->wake();
      return;
    }
    self->watch_for_close();
  });
}

void Connection::report(const Router::Match& match, int status) {
  if (!service_.config.hooks.on_response) return;
  const auto began = request_.arrival == Clock::time_point{} ? phase_began_ : request_.arrival;
  const Access access{
      .method = request_.method,
      .route = match.route != nullptr ? std::string_view(match.route->pattern) : std::string_view{},
      .status = status,
      .duration = Clock::now() - began,
      .request_id = request_.request_id,
      .client = request_.client};
  service_.config.hooks.on_response(access);
}

bool Connection::stream_must_end() const { return gone_ || expired_ || service_.draining; }

}  // namespace ringback::http
