#include "app/api/hooks_api.hpp"

#include <algorithm>
#include <charconv>

#include "app/api/answers.hpp"
#include "app/observe/log.hpp"
#include "core/usecases/hear_webhook.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
using http::ProblemCode;
using http::Request;
using http::Response;

constexpr std::size_t kHookBodyLimit = 262'144;
constexpr int kMostRounds = 9;

Response unknown_hook() {
  return http::problem(ProblemCode::not_found, "No call of ours has this address.");
}

const VoiceAccount* account_of(const Program& program, const Request& request) {
  const auto& voices = program.board.voices;
  const auto at = std::find_if(voices.begin(), voices.end(), [&](const VoiceAccount& account) {
    return account.name == request.param("account") &&
           account.carrier->profile().kind == request.param("kind");
  });
  return at == voices.end() ? nullptr : &*at;
}

int round_of(const Request& request) {
  const auto text = request.param("round");
  int round = 1;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), round);
  if (text.empty()) return 1;
  return read.ec == std::errc() && read.ptr == text.data() + text.size() && round >= 1 &&
                 round <= kMostRounds
             ? round
             : 0;
}

// As the carrier called it: our public address and the raw target, never a Host header.
Webhook webhook_of(const Program& program, const Request& request, int round) {
  Webhook webhook;
  webhook.request.method = request.method;
  webhook.request.url = program.policy.public_url + std::string(request.target);
  for (const auto& header : request.headers)
    webhook.request.headers.emplace_back(header.name, header.value);
  webhook.request.body = request.body;
  webhook.token = request.param("token");
  webhook.point = request.param("point");
  webhook.round = round;
  webhook.received_at = program.now();
  return webhook;
}

// What is refused changes nothing and costs no look into the store; who sends much of it is not
// written down each time.
Response refuse(Program& program, const Request& request, const std::string& kind,
                std::string_view why, Response answer) {
  program.metrics.webhook(kind, Metrics::Webhook::rejected);
  const auto written = program.limits.take("hooks_rejected|" + request.client.to_string(),
                                           program.hooks_rejected_limit, program.now());
  if (written.allowed)
    log::warn("webhook refused", {{"request_id", request.request_id},
                                  {"carrier", kind},
                                  {"why", why},
                                  {"client", request.client.to_string()}});
  else
    program.metrics.limited("hooks_rejected");
  return answer;
}

Response refuse(Program& program, const Request& request, const std::string& kind,
                WebhookFault fault) {
  if (fault == WebhookFault::unauthenticated)
    return refuse(
        program, request, kind, "signature or secret",
        http::problem(
            ProblemCode::forbidden,
            "The signature or secret of this webhook is missing or wrong. Nothing was changed."));
  return refuse(program, request, kind, "not understood",
                http::problem(ProblemCode::bad_request,
                              "This webhook is not understood. Nothing was changed."));
}

Metrics::Webhook result_of(WebhookAnswer::Kind kind) {
  switch (kind) {
    case WebhookAnswer::Kind::applied:
      return Metrics::Webhook::applied;
    case WebhookAnswer::Kind::duplicate:
      return Metrics::Webhook::duplicate;
    default:
      return Metrics::Webhook::stale;
  }
}

Response instruction_response(HttpResponse&& instruction) {
  Response response;
  response.status = instruction.status;
  for (auto& [name, value] : instruction.headers) response.set(name, value);
  response.body = std::move(instruction.body);
  return response;
}

asio::awaitable<Response> hear(Program& program, Request& request) {
  const VoiceAccount* account = account_of(program, request);
  const int round = round_of(request);
  if (account == nullptr || round == 0) co_return unknown_hook();
  const std::string kind = account->carrier->profile().kind;

  const Webhook webhook = webhook_of(program, request, round);
  const auto reading = account->carrier->read_webhook(webhook);
  if (const auto* fault = std::get_if<WebhookFault>(&reading))
    co_return refuse(program, request, kind, *fault);

  const Heard& heard = std::get<Heard>(reading);
  // Not every carrier signs: anybody may come as far as this.
  const std::string& token = heard.token.empty() ? webhook.token : heard.token;
  if (!is_attempt_token(program.keys, token))
    co_return refuse(program, request, kind, "no token of ours", unknown_hook());
  auto work = [&program, account, &webhook, &heard] {
    return hear_webhook(program.board, *account, webhook, heard);
  };
  auto answer = co_await program.store.run(Urgency::carrier, work, request.request_id);
  if (!answer) co_return store_problem(answer.error());
  if (answer->kind == WebhookAnswer::Kind::unknown_token) co_return unknown_hook();
  program.metrics.webhook(kind, result_of(answer->kind));
  for (int i = 0; i < answer->recordings; ++i) program.metrics.recording("heard");
  if (answer->recordings > 0 && program.archivist != nullptr) program.archivist->wake();
  if (answer->foreign_call)
    log::error("a second call for one attempt was reported; it is hung up and gets no visitor",
               {{"request_id", request.request_id}, {"account", account->name}});
  if (answer->end_foreign_call)
    program.runner.send_apart(std::move(*answer->end_foreign_call), *account);
  if (answer->instruction) co_return instruction_response(std::move(*answer->instruction));
  co_return http::empty_response();
}

}  // namespace

void add_hook_routes(http::Router& router, Program& program) {
  const http::RouteOptions options{.body_limit = kHookBodyLimit, .limit_free = true};
  for (const char* method : {"POST", "GET"})
    for (const char* pattern : {"/hooks/{kind}/{account}/{token}/{point}",
                                "/hooks/{kind}/{account}/{token}/{point}/{round}"})
      router.add(method, pattern,
                 http::AsyncHandler([&program](Request& r) { return hear(program, r); }), options);
}

}  // namespace ringback
