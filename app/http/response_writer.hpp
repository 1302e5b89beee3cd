// Turns an answer into bytes. Every answer carries its class's fixed headers and X-Request-Id.
#pragma once

#include <string>
#include <string_view>

#include "app/http/cors.hpp"
#include "app/http/header_classes.hpp"
#include "app/http/message.hpp"

namespace ringback::http {

struct Envelope {
  HeaderClass headers = HeaderClass::json;
  std::string_view cors_lines;  // ready lines, or empty
  std::string_view request_id;
  std::string_view public_url;
  bool close = false;
  bool chunked = false;  // for streams without a known length
  bool head_only = false;  // the answer to HEAD
};

// Appends the head, and the body too unless it is long, static or must not be sent: what is
// returned is still to be written after out.
std::string_view append_response(const Response& response, const Envelope& envelope,
                                 const HeaderClasses& classes, std::string& rendered_problem,
                                 std::string& out);

// A constant's head up to and with "X-Request-Id: ".
std::string constant_head(const Response& response, HeaderClass which,
                          const HeaderClasses& classes);

}  // namespace ringback::http
