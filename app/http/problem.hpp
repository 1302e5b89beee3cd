// Failure on the wire: RFC 9457 with the product's closed set of codes. A handler says what
// happened; the connection adds the request id and the public address when it writes the answer.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/time.hpp"

namespace ringback::http {

enum class ProblemCode {
  bad_request,
  validation_failed,
  captcha_required,
  captcha_failed,
  sign_in_required,
  unauthenticated,
  forbidden,
  not_found,
  method_not_allowed,
  state_conflict,
  idempotency_conflict,
  code_wrong,
  code_expired,
  too_many_attempts,
  rate_limited,
  payload_too_large,
  unsupported_media_type,
  budget_reached,
  carrier_unavailable,
  overloaded,
  internal,
};

struct ProblemKind {
  ProblemCode code;
  int status;
  std::string_view slug;   // the value of "code" and the last part of "type"
  std::string_view title;  // the same for every problem of this kind
};

const ProblemKind& kind_of(ProblemCode code);
std::optional<ProblemCode> problem_code(std::string_view slug);

struct FieldError {
  std::string field;
  std::string code;
  std::string detail;
};

struct Problem {
  ProblemCode code = ProblemCode::internal;
  std::string detail;  // what happened, what to do, what was not done
  std::vector<FieldError> errors;
  std::optional<Seconds> retry_after;  // 429 and 503 say 1 s if nothing is set
  int status = 0;                      // 0: the kind's own (431 and 408 are bad_request too)
  boost::json::object extra;           // further members, such as attempts_left
};

int status_of(const Problem& problem);
// The wait in Retry-After, where the status wants one.
std::optional<Seconds> retry_after_of(const Problem& problem);
std::string render(const Problem& problem, std::string_view public_url,
                   std::string_view request_id);

}  // namespace ringback::http
