#include "app/http/connection.hpp"

#include <algorithm>
#include <boost/asio/deferred.hpp>
#include <cstring>

#include "app/http/response_writer.hpp"
#include "app/http/text.hpp"

namespace ringback::http {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr std::size_t kBodyRoom = 4096;        // behind the head: chunks, pipelined requests
constexpr std::size_t kKeptOut = 16UL * 1024;  // a larger answer buffer is given back
constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

bool takes_no_body(std::string_view method) {
  return method == "GET" || method == "HEAD" || method == "OPTIONS";
}

// Two hexadecimal digits for each byte.
constexpr auto kHexPairs = [] {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::array<char, 512> pairs{};
  for (std::size_t i = 0; i < 256; ++i) {
    pairs[2 * i] = kDigits[i >> 4U];
    pairs[2 * i + 1] = kDigits[i & 15U];
  }
  return pairs;
}();

}  // namespace

Connection::Connection(Service& service, TcpSocket socket, const IpAddress& peer,
                       std::mt19937_64& random)
    : service_(service),
      limits_(service.config.limits),
      wire_(std::move(socket), limits_, service.draining),
      peer_(peer),
      local_(wire_.local_address()),
      random_(random),
      capacity_(service.config.limits.header_bytes + kBodyRoom) {
  request_.executor = wire_.executor();
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
  wire_.close();
}

asio::awaitable<void> Connection::turn_away(Service::Place why) {
  const auto self = shared_from_this();
  make_request_id();
  const bool full = why == Service::Place::server_full;
  response_ = full ? problem(ProblemCode::overloaded,
                             "The server has as many connections as it takes. Try again in a "
                             "moment. Nothing was done.")
                   : problem(ProblemCode::rate_limited,
                             "There are too many connections from this address. Close some and "
                             "try again. Nothing was done.");
  Envelope envelope;
  envelope.request_id = request_.request_id;
  envelope.public_url = service_.config.public_url;
  envelope.close = true;
  append_response(*response_, envelope, service_.header_classes, problem_, out_);
  if (co_await wire_.write_all(out_, {})) co_await wire_.linger();
  wire_.close();
}

// ---- what waits ---------------------------------------------------------------------------------

// Reads, and answers what can be answered at once, until something else is to be done. A plain
// completion handler: the coroutine sleeps meanwhile, and one read is all that a request costs.
template <class Handler>
struct Connection::ReadOn {
  Connection* connection;
  Handler handler;

  void operator()(const error_code& failure, std::size_t size) {
    const Step step = connection->take_bytes(!failure, size);
    if (step == Step::read)
      start();
    else
      std::move(handler)(step);
  }

  void start() {
    Connection& self = *connection;
    self.wire_.start_read(self.buffer_.get() + self.end_, self.capacity_ - self.end_,
                          std::move(*this));
  }
};

asio::awaitable<void> Connection::serve() {
  reset_request();
  const auto read_on = [this](auto&& handler) {
    using Given = decltype(handler);
    ReadOn<std::decay_t<Given>>{this, std::forward<Given>(handler)}.start();
  };
  for (Step step = Step::next;;) {
    switch (step) {
      case Step::next:
        step = advance();
        break;
      case Step::read:
        if (wire_.expired() || wire_.gone()) co_return;
        step = co_await asio::async_initiate<const asio::deferred_t&, void(Step)>(read_on,
                                                                                  asio::deferred);
        if (failure_) std::rethrow_exception(failure_);
        break;
      case Step::body:
        step = co_await take_body();
        break;
      case Step::handle:
        wire_.rest(Wire::Phase::handling);
        try {
          response_ = co_await std::get<AsyncHandler>(match_.route->handler)(request_);
        } catch (const std::exception& failure) {
          response_ = broken(failure);
        }
        step = answer();
        break;
      case Step::write:
        step = co_await write_rest();
        break;
      case Step::refuse:
        co_await refuse();
        co_return;
      case Step::close:
        co_return;
    }
  }
}

asio::awaitable<Connection::Step> Connection::take_body() {
  if (parser_->content_length() > body_limit()) {
    refusal_ = {ProblemCode::payload_too_large, 413,
                "The body is larger than this address takes. Nothing was done."};
    co_return Step::refuse;
  }
  response_ = ask_admission();
  if (response_) {
    keep_alive_ = false;  // the body stays unread
    const Step said = answer();
    if (said == Step::write) co_await write_rest();
    co_await wire_.linger();
    co_return Step::close;
  }
  if (parser_->wants_continue() && end_ == head_) {
    const bool asked_for_it = co_await wire_.write_all(kContinue, {});
    if (!asked_for_it) co_return Step::close;
  }
  refusal_ = {};
  const bool whole = co_await read_body();
  if (!whole) co_return refusal_.detail.empty() ? Step::close : Step::refuse;
  if (takes_no_body(request_.method)) request_.body.clear();
  co_return dispatch();
}

// False: refusal_ says why, or the client is gone.
asio::awaitable<bool> Connection::read_body() {
  wire_.enter(Wire::Phase::body, limits_.body_time);
  wire_.body_so_far(0);
  bool complete = false;
  if (parser_->is_chunked()) {
    complete = co_await read_chunked_body(body_limit());
  } else {
    const auto wanted = parser_->content_length();
    auto here = std::min(wanted, end_ - head_);
    request_.body.assign(buffer_.get() + head_, here);
    // What follows the body is the next request.
    std::memmove(buffer_.get() + head_, buffer_.get() + head_ + here, end_ - head_ - here);
    end_ -= here;
    while (here < wanted) {
      wire_.body_so_far(here);
      // Room comes with the bytes: a promise alone takes no memory.
      if (here == request_.body.size())
        request_.body.resize(std::min(wanted, std::max(2 * here, kBodyRoom)));
      const auto size =
          co_await wire_.read_some(request_.body.data() + here, request_.body.size() - here);
      if (size == 0) break;
      here += size;
    }
    complete = here == wanted;
  }
  if (!complete && refusal_.detail.empty() && wire_.expired())
    refused(408, "The body did not come in time. Nothing was done.");
  co_return complete;
}

asio::awaitable<bool> Connection::read_chunked_body(std::size_t limit) {
  for (std::size_t so_far = 0;;) {
    char* const region = buffer_.get() + head_;
    const auto chunks = parser_->read_chunks({region, end_ - head_}, limit, request_.body);
    std::memmove(region, region + chunks.consumed, end_ - head_ - chunks.consumed);
    end_ -= chunks.consumed;
    if (chunks.done) co_return true;
    if (chunks.refusal) {
      refusal_ = *chunks.refusal;
      co_return false;
    }
    if (end_ == capacity_) {  // a chunk's head of this size is no honest one
      refused(400, "The chunked body is not valid. Nothing was done.");
      co_return false;
    }
    const auto size = co_await wire_.read_some(buffer_.get() + end_, capacity_ - end_);
    if (size == 0) co_return false;
    end_ += size;
    wire_.body_so_far(so_far += size);
  }
}

asio::awaitable<Connection::Step> Connection::write_rest() {
  const bool streams = response_ && response_->stream;
  bool written = co_await wire_.write_all(unsent_, rest_);
  if (streams) {
    std::string().swap(out_);  // a stream lives long
    if (written && request_.method != "HEAD") written = co_await run_stream(streams_in_chunks());
  }
  report(Clock::now());
  if (written && streams) co_await wire_.linger();
  if (!written || close_) co_return Step::close;
  reset_request();
  wire_.enter(Wire::Phase::idle, limits_.idle_time);
  co_return Step::next;
}

asio::awaitable<bool> Connection::run_stream(bool chunked) {
  EventStream stream(wire_, chunked);
  wire_.begin_stream(stream, shared_from_this());
  bool whole = true;
  try {
    co_await response_->stream(stream);
  } catch (const std::exception& failure) {
    whole = false;  // no last chunk: the client sees that something is missing
    if (service_.config.hooks.on_fault)
      service_.config.hooks.on_fault(failure.what(), request_.request_id);
  }
  wire_.end_stream();
  if (whole && chunked && !wire_.gone()) whole = co_await wire_.write_all("0\r\n\r\n", {});
  co_return whole && !wire_.gone();
}

asio::awaitable<void> Connection::refuse() {
  wire_.forgive();
  match_ = {};
  status_ = refusal_.status;
  Problem what;
  what.code = refusal_.code;
  what.status = refusal_.status;
  what.detail = refusal_.detail;
  response_ = problem(std::move(what));
  if (refusal_.status == 405)
    response_->set("Allow", "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
  if (request_.request_id.empty()) make_request_id();
  Envelope envelope;
  envelope.request_id = request_.request_id;
  envelope.public_url = service_.config.public_url;
  envelope.close = true;
  out_.clear();
  append_response(*response_, envelope, service_.header_classes, problem_, out_);
  if (co_await wire_.write_all(out_, {})) {
    report(Clock::now());
    co_await wire_.linger();
  }
}

// ---- what does not wait -------------------------------------------------------------------------

Connection::Step Connection::take_bytes(bool came, std::size_t size) {
  if (!came || size == 0 || wire_.expired()) {
    if (wire_.expired() && end_ > 0 && !service_.draining)
      return refused(408, "The header section did not come in time. Nothing was done.");
    return Step::close;
  }
  end_ += size;
  try {
    return advance();
  } catch (...) {
    failure_ = std::current_exception();  // for the coroutine, which ends the connection
    return Step::close;
  }
}

Connection::Step Connection::advance() {
  for (;;) {
    Step step = take_head();
    if (step == Step::next) step = take_request();
    if (step != Step::next) return step;
  }
}

Connection::Step Connection::refused(int status, std::string_view detail) {
  refusal_ = {ProblemCode::bad_request, status, detail};
  return Step::refuse;
}

// next: the head is whole and sound, and who is asking is known.
Connection::Step Connection::take_head() {
  if (end_ == 0) return Step::read;
  const auto looked_at = std::min(end_, limits_.header_bytes);
  const auto scan = scan_head({buffer_.get(), looked_at}, scanned_);
  if (scan.state == HeadScan::State::bad) return refused(400, scan.detail);
  if (scan.state == HeadScan::State::incomplete) {
    if (looked_at == limits_.header_bytes)
      return refused(431, "The header section is too large. Send less. Nothing was done.");
    scanned_ = scan.resume;
    if (wire_.phase() == Wire::Phase::idle) wire_.enter(Wire::Phase::head, limits_.head_time);
    return Step::read;
  }
  head_ = scan.size;
  request_.arrival = Clock::now();

  parser_.emplace(headers_, decoded_path_);
  if (const auto refusal = parser_->read_head({buffer_.get(), head_}, limits_, request_)) {
    refusal_ = *refusal;
    return Step::refuse;
  }
  if (!service_.hosts.allows(request_.host, peer_.is_loopback(), local_))
    return refused(400,
                   "This server does not answer to that Host. Add it to the configuration, or "
                   "use the public address. Nothing was done.");
  const auto client = client_address(service_.config.proxies, peer_, headers_);
  if (!client)
    return refused(400,
                   "The proxy did not say who is asking: exactly one CF-Connecting-IP is "
                   "expected. Nothing was done.");
  request_.client = *client;
  request_.loopback = client->is_loopback() && peer_.is_loopback();
  const auto id = request_.header("x-request-id");
  if (is_request_id(id))
    request_.request_id = id;
  else
    make_request_id();
  keep_alive_ = parser_->keep_alive();
  return Step::next;
}

Connection::Step Connection::take_request() {
  match_ = service_.router.match(request_.method, request_.path, params_);
  if (match_.route != nullptr) request_.route = match_.route->pattern;
  request_.params = params_;
  if (parser_->is_chunked() || parser_->content_length() > 0) return Step::body;
  if ((response_ = ask_admission())) return answer();
  return dispatch();
}

std::size_t Connection::body_limit() const {
  if (takes_no_body(request_.method)) return limits_.idle_body_bytes;
  if (match_.route != nullptr && match_.route->options.body_limit > 0)
    return match_.route->options.body_limit;
  return limits_.body_bytes;
}

// Nothing: it may come in.
std::optional<Response> Connection::ask_admission() const {
  if (match_.route == nullptr || match_.route->options.limit_free || !service_.config.hooks.admit)
    return std::nullopt;
  return service_.config.hooks.admit(request_);
}

// The request is whole: by what kind of handler is it answered?
Connection::Step Connection::dispatch() {
  const auto* route = match_.route;
  if (route != nullptr) {
    const auto* constant = std::get_if<Response>(&route->handler);
    if (constant != nullptr && route->options.cors == Cors::none) {
      write_constant(*constant);
      return send();
    }
  }
  if ((response_ = settle_without_route())) return answer();
  if (std::holds_alternative<AsyncHandler>(route->handler)) return Step::handle;
  response_ = respond();
  return answer();
}

std::optional<Response> Connection::settle_without_route() const {
  const bool visitor = match_.any != nullptr && match_.any->options.cors == Cors::visitor;
  if (match_.route == nullptr) {
    if (!match_.path_known && request_.path != "*")
      return problem(ProblemCode::not_found,
                     "There is nothing at this address. Check it. Nothing was done.");
    if (request_.method == "OPTIONS") {
      auto response = visitor && request_.header_count("access-control-request-method") > 0
                          ? service_.cors.preflight(request_, match_.allow)
                          : empty_response(204);
      response.set("Allow", match_.allow.empty() ? "OPTIONS" : match_.allow);
      return response;
    }
    auto response = problem(ProblemCode::method_not_allowed,
                            "This address does not take that method; see Allow. Nothing was done.");
    response.set("Allow", match_.allow);
    return response;
  }
  if (visitor && !service_.cors.admits(request_))
    return problem(ProblemCode::forbidden,
                   "This page's origin may not use this address. Add it to the site's allowed "
                   "origins. Nothing was done.");
  return std::nullopt;
}

Response Connection::respond() {
  const auto& handler = match_.route->handler;
  if (const auto* constant = std::get_if<Response>(&handler)) return *constant;
  try {
    return std::get<SyncHandler>(handler)(request_);
  } catch (const std::exception& failure) {
    return broken(failure);
  }
}

Response Connection::broken(const std::exception& failure) const {
  if (service_.config.hooks.on_fault)
    service_.config.hooks.on_fault(failure.what(), request_.request_id);
  return problem(ProblemCode::internal,
                 "Something broke on our side; the operator's log has the request id. It may "
                 "or may not have been done: look before you repeat it.");
}

void Connection::write_constant(const Response& response) {
  status_ = response.status;
  close_ = !keep_alive_ || service_.draining || wire_.too_old(request_.arrival);
  const std::string_view body = response.body.empty() ? response.static_body : response.body;
  out_.assign(match_.route->constant_head).append(request_.request_id);
  out_.append(close_ ? "\r\nConnection: close\r\n\r\n" : "\r\n\r\n");
  if (request_.method != "HEAD") out_.append(body);
}

void Connection::render() {
  const bool streams = static_cast<bool>(response_->stream);
  close_ = !keep_alive_ || service_.draining || wire_.too_old(request_.arrival) || streams;
  status_ = response_->status;
  Envelope envelope;
  envelope.request_id = request_.request_id;
  envelope.public_url = service_.config.public_url;
  envelope.close = close_;
  envelope.chunked = streams_in_chunks();
  envelope.head_only = request_.method == "HEAD";
  std::string cors_lines;
  if (const auto* route = match_.route != nullptr ? match_.route : match_.any; route != nullptr) {
    envelope.headers = route->options.headers;
    if (route->options.cors == Cors::visitor) {
      service_.cors.append(request_, cors_lines);
      envelope.cors_lines = cors_lines;
    }
  }
  out_.clear();
  rest_ = append_response(*response_, envelope, service_.header_classes, problem_, out_);
}

Connection::Step Connection::answer() {
  render();
  if (!response_->stream && rest_.empty()) return send();
  unsent_ = out_;
  return Step::write;
}

Connection::Step Connection::send() {
  unsent_ = out_;
  if (wire_.write_now(unsent_) && !unsent_.empty()) return Step::write;
  return finish();
}

// All is said.
Connection::Step Connection::finish() {
  const auto now = Clock::now();
  report(now);
  if (close_ || wire_.gone()) return Step::close;
  reset_request();
  wire_.enter(Wire::Phase::idle, limits_.idle_time, now);
  return Step::next;
}

void Connection::make_request_id() {
  auto bits = random_();
  for (std::size_t i = 0; i < 16; i += 2, bits >>= 8U)
    std::memcpy(request_id_.data() + i, kHexPairs.data() + 2 * (bits & 255U), 2);
  request_.request_id = {request_id_.data(), 16};
}

// Moves what came after the last request to the front and forgets the rest.
void Connection::reset_request() {
  end_ -= head_;
  if (end_ > 0) std::memmove(buffer_.get(), buffer_.get() + head_, end_);
  head_ = 0;
  scanned_ = 0;
  wire_.forgive();
  headers_.clear();
  params_.clear();
  response_.reset();
  rest_ = {};
  if (out_.capacity() > kKeptOut) std::string().swap(out_);
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
}

void Connection::drain() {
  const auto phase = wire_.phase();
  const bool between_requests =
      phase == Wire::Phase::idle || (phase == Wire::Phase::head && end_ == 0);
  if (between_requests || phase == Wire::Phase::lingering)
    wire_.expire();
  else
    wire_.wake_stream();
}

void Connection::report(Clock::time_point now) {
  if (!service_.config.hooks.on_response) return;
  const auto began =
      request_.arrival == Clock::time_point{} ? wire_.phase_began() : request_.arrival;
  const auto* route = match_.route;
  const Access access{.method = request_.method,
                      .route = route != nullptr ? std::string_view(route->pattern) : "",
                      .status = status_,
                      .duration = now - began,
                      .request_id = request_.request_id,
                      .client = request_.client};
  service_.config.hooks.on_response(access);
}

}  // namespace ringback::http
