// A request as a handler sees it and the answer it gives back. The views of a Request point into the
// connection's buffer: they hold until the answer (its stream included) is written, and no longer.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/http/problem.hpp"
#include "app/net/cidr.hpp"

namespace ringback::http {

class EventStream;

struct Header {
  std::string_view name;
  std::string_view value;
};

struct Param {
  std::string_view name;
  std::string_view value;
};

bool same_name(std::string_view a, std::string_view b);  // as header names are compared

struct Request {
  std::string_view method;
  std::string_view target;           // as it came: path, "?", query
  std::string_view path;             // percent-decoded once
  std::string_view query;            // raw, without "?"
  std::string_view host;             // the Host field, checked against the allow list
  std::span<const Header> headers;   // the header section; trailers are refused
  std::string body;
  std::span<const Param> params;     // from the route's pattern
  std::string_view route;            // the route's pattern, for metrics and logs
  std::string_view request_id;
  IpAddress client;                  // who is asking, by the trusted-proxy rule
  IpAddress peer;                    // the other end of the socket
  bool loopback = false;             // client (not only peer) is this machine
  std::chrono::steady_clock::time_point arrival;
  boost::asio::any_io_executor executor;

  std::string_view header(std::string_view name) const;  // the first, or empty
  std::size_t header_count(std::string_view name) const;
  std::string_view param(std::string_view name) const;   // or empty
  std::optional<std::string> query_param(std::string_view name) const;  // the first, decoded
  std::string_view cookie(std::string_view name) const;  // or empty
  std::string_view bearer() const;  // the token of "Authorization: Bearer ...", or empty
};

using FormFields = std::vector<std::pair<std::string, std::string>>;

// application/x-www-form-urlencoded, order and repeats kept. Nothing if an escape is broken, the
// text is not UTF-8, or a NUL hides in it.
std::optional<FormFields> parse_form(std::string_view text);

// Percent-decodes once; nothing if an escape is broken.
std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space = false);

// Writes the answer piece by piece. The stream ends when the function returns.
using StreamWriter = std::function<boost::asio::awaitable<void>(EventStream&)>;

struct Response {
  int status = 200;
  std::string content_type;  // empty: none
  std::vector<std::pair<std::string, std::string>> headers;
  std::string body;
  std::string_view static_body;  // used when body is empty; must outlive the server
  StreamWriter stream;           // instead of a body
  std::optional<std::uint64_t> stream_length;  // known beforehand: sent as Content-Length
  std::optional<Problem> problem;              // instead of a body: RFC 9457

  Response& set(std::string_view name, std::string_view value);  // adds or replaces
};

Response json_response(int status, const boost::json::value& body);
Response text_response(int status, std::string body);  // text/plain
Response html_response(int status, std::string body);
Response empty_response(int status = 204);
Response redirect_response(std::string location, int status = 303);
Response problem(ProblemCode code, std::string detail, std::vector<FieldError> errors = {},
                 std::optional<Seconds> retry_after = std::nullopt);
Response problem(Problem what);

// text/event-stream, not cached, not buffered by proxies.
Response event_stream_response(StreamWriter stream);

// RateLimit-Policy and RateLimit (draft-ietf-httpapi-ratelimit-headers): one entry for each window.
struct RateWindow {
  std::string_view name;  // "create"
  std::uint64_t quota = 0;
  Seconds window{0};
  std::uint64_t remaining = 0;
  Seconds reset{0};
};
void set_rate_limit(Response& response, std::span<const RateWindow> windows);

}  // namespace ringback::http
