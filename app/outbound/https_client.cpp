#include "app/outbound/https_client.hpp"

#include <fmt/format.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/connect.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/host_name_verification.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>
#include <list>

#include "app/outbound/address_policy.hpp"

namespace ringback {

namespace asio = boost::asio;
namespace beast_http = boost::beast::http;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

constexpr auto kTuple = asio::as_tuple(asio::deferred);
constexpr int kUserTimeout = 10'000;   // ms without acknowledgement until the system gives up
constexpr Millis kConnectTime{3'000};  // for each address
constexpr std::size_t kHeaderLimit = 16UL * 1024;
constexpr std::size_t kReadSize = 16UL * 1024;
constexpr int kMostInterim = 8;  // 1xx answers before the real one

using UserTimeout = asio::detail::socket_option::integer<IPPROTO_TCP, TCP_USER_TIMEOUT>;

SendError not_sent(std::string detail) { return {SendFailure::not_sent, std::move(detail)}; }
SendError unknown(std::string detail) { return {SendFailure::unknown, std::move(detail)}; }

// Where a URL points, in the parts that are needed.
struct Destination {
  bool tls = true;
  std::string host;       // for TLS and look-up: no brackets
  std::string authority;  // for Host
  std::uint16_t port = 443;
  std::string target;
};

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return out;
}

bool is_among(std::string_view host, const std::vector<std::string>& allowed) {
  const auto name = lower(host);
  return std::any_of(allowed.begin(), allowed.end(), [&](const std::string& one) {
    const auto parent = lower(one);
    return name == parent || (!parse_address(name) && name.ends_with("." + parent));
  });
}

std::variant<Destination, SendError> read_url(const std::string& text, const SendOptions& options) {
  const auto refuse = [](std::string_view why) {
    return not_sent(fmt::format("the URL {}; nothing was sent", why));
  };
  const auto parsed = boost::urls::parse_uri(text);
  if (!parsed) return refuse("is not valid");
  const auto& url = *parsed;
  Destination to;
  if (url.scheme() == "https")
    to.tls = true;
  else if (url.scheme() == "http" && options.allow_http)
    to.tls = false;
  else
    return refuse("is not https");
  if (url.has_userinfo()) return refuse("contains a user name");
  if (url.has_fragment()) return refuse("contains a fragment");
  if (url.host().empty()) return refuse("names no host");
  to.host = url.host_address();
  if (!std::all_of(to.host.begin(), to.host.end(), [](char c) { return c > ' ' && c < 0x7F; }))
    return refuse("has a host name that is not ASCII");
  to.port = to.tls ? 443 : 80;
  if (url.has_port() && !url.port().empty()) {
    to.port = url.port_number();
    if (to.port == 0) return refuse("has no valid port");
  }
  if (!options.only_hosts.empty() && !is_among(to.host, options.only_hosts))
    return refuse("names a host that is not on the list of allowed hosts");
  if (options.only_port != 0 && to.port != options.only_port)
    return refuse("has a port that is not allowed");
  const std::string_view authority = url.encoded_host_and_port();
  to.authority = std::string(authority);
  const std::string_view target = url.encoded_resource();
  to.target = std::string(target);
  if (!to.target.starts_with('/')) to.target.insert(0, "/");
  return to;
}

bool is_token(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
  });
}

bool is_field_value(std::string_view text) {
  return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

// Written here from the URL and the body; what a caller sets is left out.
bool is_ours(std::string_view name) {
  static constexpr std::string_view kNames[] = {"Host", "Content-Length", "Connection",
                                                "Transfer-Encoding"};
  return std::any_of(std::begin(kNames), std::end(kNames), [&](std::string_view ours) {
    const HttpHeaders one{{std::string(name), "x"}};
    return !header_of(one, ours).empty();
  });
}

std::variant<std::string, SendError> write_request(const HttpRequest& request,
                                                   const Destination& to,
                                                   std::string_view user_agent,
                                                   const BodySource* source) {
  if (!is_token(request.method)) return not_sent("the method is not valid; nothing was sent");
  std::string text =
      fmt::format("{} {} HTTP/1.1\r\nHost: {}\r\n", request.method, to.target, to.authority);
  for (const auto& [name, value] : request.headers) {
    if (!is_token(name) || !is_field_value(value))
      return not_sent(fmt::format("the header {} is not valid; nothing was sent",
                                  is_token(name) ? name : "name"));
    if (is_ours(name)) continue;
    text.append(name).append(": ").append(value).append("\r\n");
  }
  if (header_of(request.headers, "User-Agent").empty())
    text.append("User-Agent: ").append(user_agent).append("\r\n");
  const bool bodiless = request.method == "GET" || request.method == "HEAD";
  const std::uint64_t size = source != nullptr ? source->size() : request.body.size();
  if (size > 0 || !bodiless) text += fmt::format("Content-Length: {}\r\n", size);
  text.append("Connection: close\r\n\r\n");
  if (source == nullptr) text.append(request.body);
  return text;
}

// An answer, bounded. Beast's grammar; the limit on the body is counted here for every framing.
class ResponseReader : public beast_http::basic_parser<false> {
 public:
  ResponseReader(std::size_t limit, bool to_head, BodySink* sink) : limit_(limit), sink_(sink) {
    this->header_limit(static_cast<std::uint32_t>(kHeaderLimit));
    this->body_limit(boost::none);
    this->eager(true);
    if (to_head) this->skip(true);
  }

  HttpResponse response;
  bool too_large = false;
  bool unwanted = false;  // the sink does not take it

 private:
  using Code = boost::beast::error_code;
  using View = boost::beast::string_view;
  void on_request_impl(beast_http::verb, View, View, int, Code&) override {}
  void on_response_impl(int status, View, int, Code&) override { response.status = status; }
  void on_field_impl(beast_http::field, View name, View value, Code&) override {
    if (head_done_) return;  // trailers say nothing to us
    response.headers.emplace_back(std::string(name.data(), name.size()),
                                  std::string(value.data(), value.size()));
  }
  void on_header_impl(Code&) override { head_done_ = true; }
  void on_body_init_impl(boost::optional<std::uint64_t> const& length, Code& failure) override {
    if (sink_ != nullptr && response.status / 100 == 2) {
      streaming_ = true;
      std::optional<std::uint64_t> told;
      if (length) told = *length;
      if (!sink_->begin(response, told)) reject(failure);
    } else if (length && *length > limit_) {
      refuse(failure);
    }
  }
  std::size_t on_body_impl(View body, Code& failure) override { return add(body, failure); }
  void on_chunk_header_impl(std::uint64_t size, View, Code& failure) override {
    if (streaming_) return;
    if (size > limit_ || response.body.size() + size > limit_) refuse(failure);
  }
  std::size_t on_chunk_body_impl(std::uint64_t, View body, Code& failure) override {
    return add(body, failure);
  }
  void on_finish_impl(Code&) override {}

  std::size_t add(View part, Code& failure) {
    if (streaming_) {
      if (!sink_->take({part.data(), part.size()})) reject(failure);
      return part.size();
    }
    if (response.body.size() + part.size() > limit_) {
      refuse(failure);
      return 0;
    }
    response.body.append(part.data(), part.size());
    return part.size();
  }
  void refuse(Code& failure) {
    too_large = true;
    failure = beast_http::error::body_limit;
  }

  void reject(Code& failure) {
    unwanted = true;
    failure = beast_http::error::body_limit;
  }

  std::size_t limit_;
  BodySink* sink_;
  bool streaming_ = false;
  bool head_done_ = false;
};

// Gives the lookup up when nobody waits for it any more, however that came about.
class PendingLookup {
 public:
  explicit PendingLookup(std::shared_ptr<NameLookup> lookup) : lookup_(std::move(lookup)) {}
  ~PendingLookup() { lookup_->abandon(); }
  PendingLookup(const PendingLookup&) = delete;
  PendingLookup& operator=(const PendingLookup&) = delete;

 private:
  std::shared_ptr<NameLookup> lookup_;
};

// One request on its way. Everything but stop() happens on its executor.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  Exchange(const asio::any_io_executor& executor, asio::ssl::context& tls)
      : executor_(executor), timer_(executor), step_timer_(executor), stream_(executor, tls) {}

  asio::awaitable<SendResult> run(const Resolve& resolve, const Destination& to,
                                  const std::string& text, const SendOptions& options,
                                  bool to_head) {
    start_deadline(options.deadline);
    auto failure = co_await connect(resolve, to, options);
    if (!failure && to.tls) failure = co_await shake_hands(to);
    if (!failure && ended_) failure = why_ended();
    if (!failure && options.send_before && std::chrono::steady_clock::now() >= *options.send_before)
      failure = not_sent("it was too late to send the request; nothing was sent");
    if (failure) {
      close();
      co_return std::move(*failure);
    }
    auto result = co_await talk(to.tls, text, options, to_head);
    close();
    co_return result;
  }

  // Any thread.
  void stop() {
    asio::post(executor_, [self = shared_from_this()] {
      self->stopped_ = true;
      self->end();
    });
  }

 private:
  void start_deadline(Millis time) {
    timer_.expires_after(time);
    timer_.async_wait([weak = weak_from_this()](error_code failure) {
      if (failure) return;
      if (const auto self = weak.lock()) self->end();
    });
  }

  // One address that does not answer must not use up the time of the others.
  void bound_connect() {
    connecting_ = true;
    step_timer_.expires_after(kConnectTime);
    step_timer_.async_wait([self = shared_from_this(), attempt = ++attempt_](error_code cancelled) {
      if (cancelled || !self->connecting_ || attempt != self->attempt_) return;
      error_code ignored;
      self->stream_.next_layer().close(ignored);
    });
  }

  // The deadline has passed or we are stopped: whatever is waited for comes back at once.
  void end() {
    ended_ = true;
    step_timer_.cancel();
    error_code ignored;
    auto& socket = stream_.next_layer();
    // Reset, not orderly: the peer must not think that we have read its answer.
    if (socket.is_open()) socket.set_option(asio::socket_base::linger(true, 0), ignored);
    socket.close(ignored);
  }

  void close() {
    timer_.cancel();
    step_timer_.cancel();
    error_code ignored;
    stream_.next_layer().close(ignored);
  }

  SendError why_ended() const {
    if (stopped_) return unknown("the program was stopped before an answer came");
    if (sent_) return unknown("no answer came in time; the peer may have taken the request");
    return not_sent("the peer could not be reached in time; nothing was sent");
  }

  asio::awaitable<std::optional<SendError>> connect(const Resolve& resolve, const Destination& to,
                                                    const SendOptions& options) {
    std::vector<IpAddress> addresses;
    if (const auto literal = parse_address(to.host)) {
      addresses.push_back(*literal);
    } else {
      bool resolved = false;
      auto done = [this, &addresses, &resolved](std::vector<IpAddress> found) {
        addresses = std::move(found);
        resolved = true;
        step_timer_.cancel();
      };
      step_timer_.expires_at(asio::steady_timer::time_point::max());
      const PendingLookup lookup(NameLookup::start(resolve, to.host, executor_, std::move(done)));
      while (!resolved && !ended_) co_await step_timer_.async_wait(kTuple);
    }
    if (ended_) co_return why_ended();
    if (addresses.empty()) co_return not_sent("the host name has no address; nothing was sent");
    // All of them, not only the one that is used: a name that points inside is not trusted at all.
    for (const auto& address : addresses)
      if (!may_connect(address, options.allow_loopback))
        co_return not_sent(
            "the host's address is not public; nothing was sent. Only addresses on the internet "
            "may be called");
    std::string last;
    for (const auto& address : addresses) {
      auto& socket = stream_.next_layer();
      error_code failure;
      socket.close(failure);
      const tcp::endpoint endpoint(address, to.port);
      socket.open(endpoint.protocol(), failure);
      if (failure) {
        last = failure.message();
        continue;
      }
      socket.set_option(UserTimeout(kUserTimeout), failure);
      socket.set_option(tcp::no_delay(true), failure);
      bound_connect();
      std::tie(failure) = co_await socket.async_connect(endpoint, kTuple);
      connecting_ = false;
      step_timer_.cancel();
      if (ended_) co_return why_ended();
      if (!failure && socket.is_open()) co_return std::nullopt;
      last = failure == asio::error::operation_aborted ? "no answer" : failure.message();
    }
    co_return not_sent(fmt::format("cannot connect ({}); nothing was sent", last));
  }

  asio::awaitable<std::optional<SendError>> shake_hands(const Destination& to) {
    error_code failure;
    if (!parse_address(to.host) &&
        SSL_set_tlsext_host_name(stream_.native_handle(), to.host.c_str()) != 1)
      co_return not_sent("the host name cannot be used with TLS; nothing was sent");
    stream_.set_verify_callback(asio::ssl::host_name_verification(to.host), failure);
    if (!failure)
      std::tie(failure) = co_await stream_.async_handshake(asio::ssl::stream_base::client, kTuple);
    if (ended_) co_return why_ended();
    if (failure)
      co_return not_sent(
          fmt::format("TLS could not be set up ({}); nothing was sent", failure.message()));
    co_return std::nullopt;
  }

  asio::awaitable<error_code> put(bool tls, const std::string& text) {
    error_code failure;
    std::size_t size = 0;
    if (tls)
      std::tie(failure, size) = co_await asio::async_write(stream_, asio::buffer(text), kTuple);
    else
      std::tie(failure, size) =
          co_await asio::async_write(stream_.next_layer(), asio::buffer(text), kTuple);
    co_return failure;
  }

  asio::awaitable<SendResult> talk(bool tls, const std::string& text, const SendOptions& options,
                                   bool to_head) {
    // From here on nobody can know what the peer has seen.
    sent_ = true;
    error_code failure = co_await put(tls, text);
    std::string part;
    while (!failure && !ended_ && options.source != nullptr) {
      if (!options.source->read(part)) co_return unknown("the body could not be read");
      if (part.empty()) break;
      failure = co_await put(tls, part);
    }
    if (ended_) co_return why_ended();
    std::size_t size = 0;
    // A peer may answer and close before it has read all: its answer is still worth reading.

    std::string buffer;
    for (int interim = 0; interim < kMostInterim; ++interim) {
      ResponseReader reader(options.response_limit, to_head, options.sink);
      while (!reader.is_done()) {
        if (!buffer.empty()) {
          error_code garbled;
          const auto used = reader.put(asio::buffer(buffer), garbled);
          buffer.erase(0, used);
          if (reader.unwanted) co_return unknown("the answer is not what was asked for");
          if (reader.too_large) co_return unknown("the answer was larger than allowed");
          if (garbled && garbled != beast_http::error::need_more)
            co_return unknown("the answer is not HTTP");
          if (reader.is_done()) break;
        }
        const auto old = buffer.size();
        buffer.resize(old + kReadSize);
        const auto room = asio::buffer(buffer.data() + old, kReadSize);
        if (tls)
          std::tie(failure, size) = co_await stream_.async_read_some(room, kTuple);
        else
          std::tie(failure, size) = co_await stream_.next_layer().async_read_some(room, kTuple);
        buffer.resize(old + (failure ? 0 : size));
        if (ended_) co_return why_ended();
        if (!failure) continue;
        // Only an orderly end can finish an answer that says no length.
        error_code truncated = failure;
        if (failure == asio::error::eof && reader.got_some() && buffer.empty())
          reader.put_eof(truncated);
        if (truncated || !reader.is_done())
          co_return unknown(
              fmt::format("the connection ended before the answer ({})", failure.message()));
      }
      if (reader.response.status >= 200) co_return std::move(reader.response);
    }
    co_return unknown("the peer never gave a final answer");
  }

  asio::any_io_executor executor_;
  asio::steady_timer timer_;
  asio::steady_timer step_timer_;
  asio::ssl::stream<tcp::socket> stream_;
  bool ended_ = false;
  bool stopped_ = false;
  bool sent_ = false;
  bool connecting_ = false;
  unsigned attempt_ = 0;
};

}  // namespace

bool names_host_among(const std::string& url, const std::vector<std::string>& hosts) {
  const auto parsed = boost::urls::parse_uri(url);
  return parsed && is_among(parsed->host_address(), hosts);
}

struct HttpsClient::Shared {
  explicit Shared(Settings chosen) : settings(std::move(chosen)) {
    tls.set_options(asio::ssl::context::default_workarounds | asio::ssl::context::no_sslv2 |
                    asio::ssl::context::no_sslv3 | asio::ssl::context::no_tlsv1 |
                    asio::ssl::context::no_tlsv1_1);
    tls.set_verify_mode(asio::ssl::verify_peer);
    if (!settings.more_authorities.empty())
      tls.add_certificate_authority(asio::buffer(settings.more_authorities));
  }

  // The system's authorities cost 20 ms and some MiB to read: only who speaks TLS pays, once. If
  // they cannot be read nobody is trusted, and each handshake says so.
  void trust_authorities() {
    std::call_once(trusted, [this] {
      error_code ignored;
      tls.set_default_verify_paths(ignored);
    });
  }

  Settings settings;
  asio::ssl::context tls{asio::ssl::context::tls_client};
  std::once_flag trusted;
  mutable std::mutex mutex;
  std::list<Exchange*> exchanges;
  bool closed = false;
};

HttpsClient::HttpsClient() : HttpsClient(Settings()) {}
HttpsClient::HttpsClient(Settings settings)
    : shared_(std::make_shared<Shared>(std::move(settings))) {}
HttpsClient::~HttpsClient() { cancel_all(); }

asio::awaitable<SendResult> HttpsClient::send(HttpRequest request, SendOptions options) {
  const auto shared = shared_;
  auto url = read_url(request.url, options);
  if (auto* refused = std::get_if<SendError>(&url)) co_return std::move(*refused);
  const auto& to = std::get<Destination>(url);
  auto written = write_request(request, to, shared->settings.user_agent, options.source);
  if (auto* refused = std::get_if<SendError>(&written)) co_return std::move(*refused);

  if (to.tls) shared->trust_authorities();
  const auto executor = co_await asio::this_coro::executor;
  const auto exchange = std::make_shared<Exchange>(executor, shared->tls);
  // Registered for as long as it runs, also if its coroutine is destroyed while it waits.
  struct Registration {
    Registration(std::shared_ptr<Shared> all, Exchange* one) : shared(std::move(all)) {
      const std::lock_guard lock(shared->mutex);
      open = !shared->closed;
      at = shared->exchanges.insert(shared->exchanges.end(), one);
    }
    ~Registration() {
      const std::lock_guard lock(shared->mutex);
      shared->exchanges.erase(at);
    }
    Registration(const Registration&) = delete;
    Registration& operator=(const Registration&) = delete;
    std::shared_ptr<Shared> shared;
    std::list<Exchange*>::iterator at;
    bool open = false;
  };
  const Registration registration(shared, exchange.get());
  if (!registration.open) co_return not_sent("the program is stopping; nothing was sent");
  co_return co_await exchange->run(shared->settings.resolve, to, std::get<std::string>(written),
                                   options, request.method == "HEAD");
}

void HttpsClient::cancel_all() {
  const std::lock_guard lock(shared_->mutex);
  shared_->closed = true;
  for (auto* exchange : shared_->exchanges) exchange->stop();
}

std::size_t HttpsClient::in_flight() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->exchanges.size();
}

}  // namespace ringback
