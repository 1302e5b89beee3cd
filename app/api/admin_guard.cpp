#include "app/api/admin_guard.hpp"

#include "app/api/answers.hpp"
#include "app/observe/log.hpp"
#include "core/domain/client_key.hpp"
#include "core/usecases/api_keys.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
using http::ProblemCode;
using http::Request;
using http::Response;

constexpr std::string_view kLimit = "api";

Response unauthenticated(std::string detail) {
  auto response = http::problem(ProblemCode::unauthenticated, std::move(detail));
  response.set("WWW-Authenticate", "Bearer");
  return response;
}

std::string_view word_of(KeyCheck::Verdict verdict) {
  switch (verdict) {
    case KeyCheck::Verdict::revoked:
      return "revoked";
    case KeyCheck::Verdict::expired:
      return "expired";
    default:
      break;
  }
  return "unknown";
}

// Only who holds the whole key is told what became of it.
std::string detail_of(KeyCheck::Verdict verdict) {
  switch (verdict) {
    case KeyCheck::Verdict::revoked:
      return "This key was revoked, so nothing was done. Ask whoever runs this service for "
             "another.";
    case KeyCheck::Verdict::expired:
      return "This key has run out, so nothing was done. Make another with: ringback key add";
    default:
      break;
  }
  return "This key is not known here, so nothing was done. Send one that was made with \"ringback "
         "key add\" as \"Authorization: Bearer rbk_...\".";
}

// Wrong tries are counted by who sends them, so that nobody can use up another's limit by
// guessing; and a right key is let in however many wrong ones came from its network.
Response refuse(Program& program, const Request& request, const KeyCheck& check) {
  const auto client = client_key(request.client.to_string()).value_or(request.client.to_string());
  const auto allowance = program.limits.take("api|" + client, program.api_limit, program.now());
  if (!allowance.allowed) {
    auto refusal = limited(program, kLimit, allowance.retry_after,
                           "Too many wrong keys came from your network, so nothing was done. Look "
                           "at the key that is sent, and try again later.");
    add_rate_limit(refusal, kLimit, program.api_limit, allowance);
    return refusal;
  }
  log::warn("key refused", {{"audit", true},
                            {"request_id", request.request_id},
                            {"because", word_of(check.verdict)},
                            {"key", check.key.id},
                            {"route", request.route}});
  return unauthenticated(detail_of(check.verdict));
}

Response forbid(const Request& request, const ApiKey& key, Scope scope) {
  log::warn("key lacks a scope", {{"audit", true},
                                  {"request_id", request.request_id},
                                  {"key", key.id},
                                  {"scope", word(scope)},
                                  {"route", request.route}});
  return http::problem(
      ProblemCode::forbidden,
      fmt::format("This needs a key with the scope {}, and yours has: {}. Nothing was done.",
                  word(scope), key.scopes.text()));
}

asio::awaitable<Response> guarded(Program& program, Request& request, Scope scope,
                                  AdminHandler handler) {
  // Addresses end up in logs and histories; what stands in one is a secret no more.
  if (request.query.find("rbk_") != request.query.npos)
    co_return http::problem(ProblemCode::bad_request,
                            "A key must not stand in an address, so nothing was done. Revoke it "
                            "(ringback key revoke), make another, and send that as "
                            "\"Authorization: Bearer rbk_...\".");
  KeyCheck check;
  const std::string presented(request.bearer());
  if (presented.empty())
    co_return unauthenticated(
        "This is for operators' programs. Make a key with \"ringback key add\" and send it as "
        "\"Authorization: Bearer rbk_...\"; nothing was done.");
  if (read_api_key(presented)) {
    auto look = [&program, &presented](AccountStore& accounts) {
      return check_key(accounts, program.keys, presented, program.now());
    };
    const auto checked = co_await program.accounts.run(look);
    if (!checked) co_return store_problem(checked.error());
    check = *checked;
  }
  if (check.verdict != KeyCheck::Verdict::good) co_return refuse(program, request, check);

  const auto allowance =
      program.limits.take("api|key:" + check.key.id, program.api_limit, program.now());
  Response response;
  if (!allowance.allowed)
    response = limited(program, kLimit, allowance.retry_after,
                       "This key has asked as often as it may for now (limits.api), so nothing was "
                       "done. Try again later.");
  else if (!check.key.scopes.has(scope))
    response = forbid(request, check.key, scope);
  else
    response = co_await handler(program, request, check.key);
  add_rate_limit(response, kLimit, program.api_limit, allowance);
  co_return response;
}

}  // namespace

http::AsyncHandler for_keys(Program& program, Scope scope, AdminHandler handler) {
  return [&program, scope, handler](Request& request) {
    return guarded(program, request, scope, handler);
  };
}

}  // namespace ringback
