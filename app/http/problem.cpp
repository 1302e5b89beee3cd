#include "app/http/problem.hpp"

#include <array>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

namespace ringback::http {
namespace {

// clang-format off
constexpr std::array<ProblemKind, 21> kKinds{{
    {ProblemCode::bad_request,            400, "bad_request",            "The request cannot be read"},
    {ProblemCode::validation_failed,      422, "validation_failed",      "Something in the request is not right"},
    {ProblemCode::captcha_required,       422, "captcha_required",       "A proof is needed"},
    {ProblemCode::captcha_failed,         422, "captcha_failed",         "The proof was not accepted"},
    {ProblemCode::sign_in_required,       401, "sign_in_required",       "Sign in first"},
    {ProblemCode::unauthenticated,        401, "unauthenticated",        "Who are you?"},
    {ProblemCode::forbidden,              403, "forbidden",              "This is not allowed"},
    {ProblemCode::not_found,              404, "not_found",              "There is nothing here"},
    {ProblemCode::method_not_allowed,     405, "method_not_allowed",     "This address does not take that method"},
    {ProblemCode::state_conflict,         409, "state_conflict",         "It is not possible in this state"},
    {ProblemCode::idempotency_conflict,   409, "idempotency_conflict",   "The key belongs to another request"},
    {ProblemCode::code_wrong,             422, "code_wrong",             "The code is wrong"},
    {ProblemCode::code_expired,           410, "code_expired",           "The code is no longer valid"},
    {ProblemCode::too_many_attempts,      429, "too_many_attempts",      "Too many attempts"},
    {ProblemCode::rate_limited,           429, "rate_limited",           "Too many requests"},
    {ProblemCode::payload_too_large,      413, "payload_too_large",      "The request is too large"},
    {ProblemCode::unsupported_media_type, 415, "unsupported_media_type", "This type of content is not read here"},
    {ProblemCode::budget_reached,         503, "budget_reached",         "Today's budget is used up"},
    {ProblemCode::carrier_unavailable,    503, "carrier_unavailable",    "The telephone carrier cannot be reached"},
    {ProblemCode::overloaded,             503, "overloaded",             "Too busy at the moment"},
    {ProblemCode::internal,               500, "internal",               "Something broke on our side"},
}};
// clang-format on

}  // namespace

const ProblemKind& kind_of(ProblemCode code) {
  for (const auto& kind : kKinds)
    if (kind.code == code) return kind;
  return kKinds.back();
}

std::optional<ProblemCode> problem_code(std::string_view slug) {
  for (const auto& kind : kKinds)
    if (kind.slug == slug) return kind.code;
  return std::nullopt;
}

int status_of(const Problem& problem) {
  return problem.status != 0 ? problem.status : kind_of(problem.code).status;
}

std::optional<Seconds> retry_after_of(const Problem& problem) {
  if (problem.retry_after) return std::max(*problem.retry_after, Seconds(1));
  const int status = status_of(problem);
  if (status == 429 || status == 503) return Seconds(1);
  return std::nullopt;
}

std::string render(const Problem& problem, std::string_view public_url,
                   std::string_view request_id) {
  const auto& kind = kind_of(problem.code);
  boost::json::object document;
  std::string type(public_url);
  while (type.ends_with('/')) type.pop_back();
  type.append("/docs/problems/").append(kind.slug);
  document["type"] = type;
  document["title"] = kind.title;
  document["status"] = status_of(problem);
  document["detail"] = problem.detail;
  document["code"] = kind.slug;
  document["request_id"] = request_id;
  if (!problem.errors.empty()) {
    boost::json::array errors;
    for (const auto& error : problem.errors) {
      boost::json::object entry;
      entry["field"] = error.field;
      entry["code"] = error.code;
      entry["detail"] = error.detail;
      errors.push_back(std::move(entry));
    }
    document["errors"] = std::move(errors);
  }
  if (const auto wait = retry_after_of(problem)) document["retry_after"] = wait->count();
  for (const auto& member : problem.extra) document[member.key()] = member.value();
  return boost::json::serialize(document);
}

}  // namespace ringback::http
