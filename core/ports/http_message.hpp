// Letters, not sockets: what a carrier codec writes and reads. The shell sends and receives them.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/domain/time.hpp"

namespace ringback {

// Names are compared without regard to case; order and repeats are kept.
using HttpHeaders = std::vector<std::pair<std::string, std::string>>;

// The first header of that name, or empty.
std::string_view header_of(const HttpHeaders& headers, std::string_view name);

struct HttpRequest {
  std::string method;  // "GET", "POST" ...
  std::string url;     // absolute, without fragment: "https://api.example/v1/calls?x=1"
  HttpHeaders headers;
  std::string body;
};

struct HttpResponse {
  int status = 0;
  HttpHeaders headers;
  std::string body;
};

// Why there is no answer. The difference decides whether a telephone may ring twice.
enum class SendFailure {
  not_sent,  // the peer cannot have taken the request: refused connection, DNS, TLS
  unknown,   // it may have: time-out, reset, garbled answer, or we were stopped while waiting
};

struct SendError {
  SendFailure failure = SendFailure::unknown;
  std::string detail;
};

}  // namespace ringback
