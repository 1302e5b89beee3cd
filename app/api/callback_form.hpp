// The body of POST /callbacks, read and judged field by field.
#pragma once

#include <boost/json/object.hpp>
#include <optional>

#include "app/api/program.hpp"
#include "app/http/problem.hpp"

namespace ringback {

struct CallbackForm {
  std::string site = "default";
  Visitor visitor;
  std::optional<TimePoint> slot;
  bool honeypot = false;
  bool unauthorized = false;  // claims to vouch for the number without a key
  std::optional<http::Problem> problem;
};

CallbackForm read_callback_form(const Program& program, const boost::json::object& body);

}  // namespace ringback
