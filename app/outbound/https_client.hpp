// The program's only way out over HTTP: one request, one connection, one answer, one deadline.
// It never repeats, redirects or guesses. What it reports decides whether a telephone may ring
// again, so it is exact: not_sent only while no byte of the request can have left this machine
// (refused address, DNS, connect, TLS, or too late to begin); everything after that is unknown.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "app/outbound/name_lookup.hpp"
#include "core/domain/time.hpp"
#include "core/ports/http_message.hpp"

namespace ringback {

// Takes the body of a good answer (2xx) piece by piece, as it comes; other bodies stay in memory.
class BodySink {
 public:
  virtual ~BodySink() = default;
  // length: as the peer says, if it does. False, here or below: not this one, the exchange ends.
  virtual bool begin(const HttpResponse& head, std::optional<std::uint64_t> length) = 0;
  virtual bool take(std::string_view part) = 0;
};

// Gives a request's body piece by piece.
class BodySource {
 public:
  virtual ~BodySource() = default;
  virtual std::uint64_t size() const = 0;
  // The next piece, empty at the end. False: it cannot be read, the exchange ends.
  virtual bool read(std::string& part) = 0;
};

struct SendOptions {
  Millis deadline{10'000};                     // for everything together
  std::size_t response_limit = 1024UL * 1024;  // of the answer's body
  // Not begun any more after this moment (steady clock); looked at right before the first byte.
  std::optional<std::chrono::steady_clock::time_point> send_before;
  bool allow_loopback = false;  // the operator configured this URL, in development
  bool allow_http = false;      // same
  std::uint16_t only_port = 0;  // 0: any
  // Only to these hosts and those below them ("example.com" allows "api.example.com"); empty: any.
  std::vector<std::string> only_hosts;
  // Both outlive the sending, and are called on its executor.
  BodySink* sink = nullptr;
  BodySource* source = nullptr;  // instead of the request's body
};

// Does the URL name one of these hosts, or one below them?
bool names_host_among(const std::string& url, const std::vector<std::string>& hosts);

using SendResult = std::variant<HttpResponse, SendError>;

class HttpsClient {
 public:
  struct Settings {
    std::string user_agent = "Ringback";
    std::string more_authorities;  // PEM, next to the system's
    Resolve resolve = resolve_by_system;
  };

  HttpsClient();
  explicit HttpsClient(Settings settings);
  ~HttpsClient();
  HttpsClient(const HttpsClient&) = delete;
  HttpsClient& operator=(const HttpsClient&) = delete;

  // On the caller's executor (one thread at a time). May be called from several threads at once.
  boost::asio::awaitable<SendResult> send(HttpRequest request, SendOptions options);

  // Any thread. All that is in flight ends as unknown, soon; what begins later is not_sent.
  void cancel_all();

  std::size_t in_flight() const;

 private:
  struct Shared;
  std::shared_ptr<Shared> shared_;
};

}  // namespace ringback
