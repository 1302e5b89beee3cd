#include "app/api/visitor_api.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>

#include "app/api/answers.hpp"
#include "app/api/callback_form.hpp"
#include "app/api/status_document.hpp"
#include "app/api/time_text.hpp"
#include "app/http/event_stream.hpp"
#include "app/http/json_body.hpp"
#include "app/observe/log.hpp"
#include "core/domain/client_key.hpp"
#include "core/domain/local_time_text.hpp"
#include "core/domain/slots.hpp"
#include "core/domain/token.hpp"
#include "core/domain/verification.hpp"
#include "core/domain/words.hpp"
#include "core/usecases/cancel_callback.hpp"
#include "core/usecases/prove_number.hpp"
#include "core/usecases/request_callback.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::ProblemCode;
using http::Request;
using http::Response;

constexpr std::string_view kSite = "default";
constexpr std::size_t kDocumentRoom = 2048;  // for most, before memory must be asked for
constexpr Millis kHeartbeat{Seconds(15)};

std::string client_of(const Request& request) {
  return client_key(request.client.to_string()).value_or(request.client.to_string());
}

Response unknown_site() {
  return http::problem(ProblemCode::not_found, "There is no site of that name. Use \"default\".");
}

// ---- sites, slots ------------------------------------------------------------------------------

json::value time_or_null(const std::optional<TimePoint>& when) {
  return when ? json::value(time_text(*when)) : json::value(nullptr);
}

json::value calls_from(const Program& program) {
  const PhoneNumber& number = program.board.voices.front().caller_id;
  return number.empty() ? json::value(nullptr) : json::value(number.e164());
}

Response get_site(Program& program, const Request& request) {
  if (request.param("site") != kSite) return unknown_site();
  const Policy& policy = program.policy;
  const auto now = program.now();
  const auto opening = next_opening(policy.hours, *policy.zone, now);
  const bool open = opening && *opening <= now;
  json::array countries;
  for (const auto& region : program.numbers.allowed_regions) countries.emplace_back(region);
  return http::json_response(
      200, json::object{
               {"site", kSite},
               {"name", policy.business_name},
               {"open", open},
               {"next_opening", open ? json::value(nullptr) : time_or_null(opening)},
               {"timezone", policy.zone->name()},
               {"captcha", json::object{{"provider", "none"}, {"site_key", nullptr}}},
               {"verification", json::object{{"required", program.config.verification.required}}},
               {"sign_in", json::array{}},
               {"sign_in_required", false},
               {"countries", std::move(countries)},
               {"languages", json::array{"en"}},
               {"slots", true},
               {"calls_from", calls_from(program)}});
}

Response get_slots(Program& program, const Request& request) {
  if (request.query_param("site").value_or(std::string(kSite)) != kSite) return unknown_site();
  const Policy& policy = program.policy;
  const auto now = program.now();
  const auto asked = request.query_param("date");
  const auto date = asked ? parse_date(*asked) : date_of(policy.zone->to_local(now));
  if (!date)
    return http::problem(ProblemCode::validation_failed,
                         "The date could not be read, so no slots are shown.",
                         {{"date", "date_invalid", "Write it like 2026-11-30."}});
  json::array slots;
  for (const Slot& slot : slots_on(policy.hours, *policy.zone, *date, now))
    slots.push_back(json::object{{"start", time_text(slot.start)},
                                 {"end", time_text(slot.end)},
                                 {"local_start", local_time_text(*policy.zone, slot.start)},
                                 {"local_end", local_time_text(*policy.zone, slot.end)}});
  return http::json_response(200, json::object{{"site", kSite},
                                               {"date", date_text(*date)},
                                               {"timezone", policy.zone->name()},
                                               {"slots", std::move(slots)}});
}

// ---- whose callback ----------------------------------------------------------------------------

Response no_token() {
  auto response = http::problem(
      ProblemCode::unauthenticated,
      "This callback is opened by the token that was given to whoever asked for it. Send it as "
      "\"Authorization: Bearer <token>\".");
  response.set("WWW-Authenticate", "Bearer");
  return response;
}

Response not_yours() { return store_problem(Error{Errc::not_found, ""}); }

struct Opened {
  CallbackId id;
  std::optional<Response> refusal;
};

// The callback that path and token name together.
asio::awaitable<Opened> open_callback(Program& program, const Request& request) {
  Opened opened;
  const auto bearer = request.bearer();
  if (bearer.empty()) {
    opened.refusal = no_token();
    co_return opened;
  }
  const auto id = CallbackId::from_text(request.param("id"));
  if (!id || !token_bytes(bearer)) {
    opened.refusal = not_yours();
    co_return opened;
  }
  opened.id = *id;
  const Digest digest = visitor_token_digest(program.keys, *id, bearer);
  if (program.statuses.knows_token(digest, *id)) co_return opened;
  const auto now = program.now();
  auto look = [&digest, now](CallbackReader& reader) {
    return reader.find_visitor_token(digest, now);
  };
  const auto owner = co_await program.reader.run(look);
  if (!owner)
    opened.refusal = store_problem(owner.error());
  else if (!*owner || **owner != *id)
    opened.refusal = not_yours();
  else
    program.statuses.remember_token(digest, *id);
  co_return opened;
}

Result<SharedStatus> read_status(CallbackReader& reader, const CallbackId& id,
                                 const Program& program) {
  auto callback = reader.load(id);
  if (!callback) return callback.error();
  StatusContext context = status_context(program, *callback);
  if (callback->state == State::queued)
    if (const auto position = reader.queue_position(id)) context.position = *position + 1;
  return status_document(*std::move(callback), context);
}

asio::awaitable<Result<SharedStatus>> status_of(Program& program, const CallbackId& id) {
  const auto known = program.statuses.find(id);
  if (known && !known->fleeting) co_return Result<SharedStatus>(known);
  program.statuses.expect(id);
  auto look = [&program, &id](CallbackReader& reader) { return read_status(reader, id, program); };
  const auto read = co_await program.reader.run(look);
  if (!read) co_return read;
  co_return Result<SharedStatus>(program.statuses.offer(id, *read));
}

Response document_response(int status, const Program& program, const Callback& callback,
                           const std::string& token = {}) {
  unsigned char room[kDocumentRoom];
  json::monotonic_resource memory(room, sizeof room);
  auto object = status_object(callback, status_context(program, callback), &memory);
  if (!token.empty()) object["token"] = token;
  return http::json_response(status, std::move(object));
}

// ---- asking ------------------------------------------------------------------------------------

// A robot filled in the field that people do not see: it gets what it hopes for, and nothing
// happens.
Response honeypot_answer(Program& program, const CallbackForm& form) {
  Callback callback;
  callback.id = CallbackId(program.ids.uuid_v7(program.now()));
  callback.site = form.site;
  callback.visitor = form.visitor;
  callback.created_at = callback.updated_at = program.now();
  callback.version = callback.status_version = 1;
  callback.verification.tries_left = program.config.verification.attempts;
  callback.verification.expires_at = program.now() + program.config.verification.ttl;
  callback.verification.resend_at = program.now() + program.config.verification.resend;
  auto response = document_response(201, program, callback, token_text(program.ids.random16()));
  response.set("Location", "/api/v1/callbacks/" + callback.id.text());
  return response;
}

// Not bound to the client's address: a telephone that changes networks repeats its request, too.
std::optional<CallbackRequest::Repeat> repeat_of(Program& program, const Request& request) {
  const auto key = request.header("Idempotency-Key");
  if (key.empty()) return std::nullopt;
  return CallbackRequest::Repeat{.key = program.keys.hmac("idempotency", key),
                                 .request_hash = program.keys.hmac("request", request.body)};
}

// The carrier refuses the account that sends texts: told now rather than by a code that never
// comes.
Response no_texts(Millis retry_after, std::string_view detail) {
  return http::problem(ProblemCode::carrier_unavailable, std::string(detail), {},
                       std::chrono::ceil<Seconds>(retry_after));
}

Response answer_create(Program& program, const RequestAnswer& answer) {
  using Kind = RequestAnswer::Kind;
  switch (answer.kind) {
    case Kind::created:
    case Kind::repeated: {
      auto response = document_response(201, program, answer.callback, answer.token);
      response.set("Location", "/api/v1/callbacks/" + answer.callback.id.text());
      return response;
    }
    case Kind::joined:
      return document_response(200, program, answer.callback, answer.token);
    case Kind::conflict:
      return http::problem(ProblemCode::idempotency_conflict,
                           "This Idempotency-Key was used with another request. Nothing was done; "
                           "use a new key for a new request.");
    case Kind::limited:
      return limited(program, answer.limit, answer.retry_after,
                     answer.limit == "call_number"
                         ? "This number has been rung as often as it may be for now. You were not "
                           "called; try again later."
                         : "Too many codes were asked for from your network. No code was sent; try "
                           "again later.");
    case Kind::no_texts:
      return no_texts(answer.retry_after,
                      "No text can be sent right now, so no code was sent to you and nothing was "
                      "stored. Try again later, or call us.");
    case Kind::over_budget:
      break;
  }
  return over_budget(program);
}

Error overload() { return {Errc::overloaded, "the store's queue is full; nothing was done"}; }

asio::awaitable<Response> post_callback(Program& program, Request& request) {
  if (program.store.full(Urgency::visitor)) co_return store_problem(overload());
  const auto body = http::read_json(request);
  if (!body) co_return http::problem(body.error());
  auto form = read_callback_form(program, *body);
  if (form.unauthorized) co_return no_token();
  if (form.problem) co_return http::problem(*form.problem);
  if (form.site != kSite) co_return unknown_site();

  const std::string client = client_of(request);
  const auto allowance =
      program.limits.take("create|" + client, program.create_limit, program.now());
  if (!allowance.allowed) {
    auto refusal =
        limited(program, "create", allowance.retry_after,
                "Too many requests came from your network. Nothing was stored and nobody "
                "is called; try again later.");
    add_rate_limit(refusal, "create", program.create_limit, allowance);
    co_return refusal;
  }
  if (form.honeypot) {
    auto pretence = honeypot_answer(program, form);
    add_rate_limit(pretence, "create", program.create_limit, allowance);
    log::info("honeypot", {{"request_id", request.request_id}});
    co_return pretence;
  }

  CallbackRequest ask{.site = form.site,
                      .visitor = std::move(form.visitor),
                      .slot = form.slot,
                      .proven = !program.config.verification.required,
                      .client = client,
                      .repeat = repeat_of(program, request)};
  auto work = [&program, &ask] { return request_callback(program.board, ask); };
  const auto answer = co_await program.store.run(Urgency::visitor, work, request.request_id);
  if (!answer) co_return store_problem(answer.error());
  if (answer->suppressed) {
    program.metrics.verification(Metrics::Verification::suppressed);
    program.metrics.limited("verify_phone");
  }
  if (!answer->blocked_prefix.empty()) {
    program.metrics.limited("verify_prefix");
    log::error("codes for many numbers that look alike were asked for: they get none for a day",
               {{"request_id", request.request_id},
                {"prefix", answer->blocked_prefix},
                {"do", "look for a robot at the form; turn on a captcha"}});
  }
  auto response = answer_create(program, *answer);
  add_rate_limit(response, "create", program.create_limit, allowance);
  co_return response;
}

// ---- proving -----------------------------------------------------------------------------------

Response answer_code(Program& program, const CodeAnswer& answer) {
  using Kind = CodeAnswer::Kind;
  switch (answer.kind) {
    case Kind::verified:
      program.metrics.verification(Metrics::Verification::verified);
      return document_response(200, program, answer.callback);
    case Kind::joined:
      program.metrics.verification(Metrics::Verification::verified);
      return document_response(200, program, answer.callback, answer.token);
    case Kind::wrong: {
      program.metrics.verification(Metrics::Verification::wrong);
      http::Problem wrong;
      wrong.code = ProblemCode::code_wrong;
      wrong.detail =
          fmt::format("That is not the code we sent last. You were not called yet; {} {} left.",
                      answer.attempts_left, answer.attempts_left == 1 ? "try is" : "tries are");
      wrong.extra["attempts_left"] = answer.attempts_left;
      return http::problem(std::move(wrong));
    }
    case Kind::expired:
      program.metrics.verification(Metrics::Verification::expired);
      return http::problem(
          ProblemCode::code_expired,
          "This code has run out and you were not called. Ask for a new callback.");
    case Kind::too_many: {
      if (answer.limit.empty())
        program.metrics.verification(Metrics::Verification::wrong);
      else
        program.metrics.limited(answer.limit);
      const auto wait =
          answer.retry_after > Millis(0) ? whole_seconds(answer.retry_after) : Seconds(60);
      return http::problem(
          ProblemCode::too_many_attempts,
          "The wrong code was entered too often. You were not called; ask for a new "
          "callback later.",
          {}, wait);
    }
    case Kind::limited:
      return limited(
          program, "call_number", answer.retry_after,
          "This number has been rung as often as it may be for now. You were not called; "
          "try again later.");
    case Kind::over_budget:
      return over_budget(program);
    case Kind::not_pending:
      break;
  }
  return http::problem(ProblemCode::state_conflict,
                       "This callback waits for no code any more; nothing was changed.");
}

asio::awaitable<Response> post_verify(Program& program, Request& request) {
  auto opened = co_await open_callback(program, request);
  if (opened.refusal) co_return std::move(*opened.refusal);
  const auto body = http::read_json(request);
  if (!body) co_return http::problem(body.error());
  http::Fields fields(*body);
  const std::string typed = fields.required_text("code", 16);
  const auto code = read_code(typed);
  if (!code && !typed.empty())
    fields.fail("code", "code_invalid", "The code has six digits. It was not tried.");
  if (auto wrong = fields.problem()) co_return http::problem(std::move(*wrong));

  const std::string client = client_of(request);
  auto work = [&program, &opened, &code, &client] {
    return enter_code(program.board, opened.id, *code, client);
  };
  const auto answer = co_await program.store.run(Urgency::visitor, work, request.request_id);
  if (!answer) co_return store_problem(answer.error());
  auto response = answer_code(program, *answer);
  if (answer->asked)
    add_rate_limit(response, "wrong_client", program.policy.limits.wrong_client, *answer->asked);
  co_return response;
}

Response answer_resend(Program& program, const ResendAnswer& answer) {
  using Kind = ResendAnswer::Kind;
  switch (answer.kind) {
    case Kind::sent:
      if (answer.suppressed) program.metrics.verification(Metrics::Verification::suppressed);
      return document_response(202, program, answer.callback);
    case Kind::too_soon:
      return limited(program, "resend", answer.retry_after,
                     "A code is on its way already, so no other was sent. Wait a little before "
                     "you ask for one more.");
    case Kind::no_more:
      return limited(program, "resend", answer.retry_after,
                     "As many codes as one callback gets were sent; no other was. Ask for a new "
                     "callback later.");
    case Kind::limited:
      return limited(program, "verify_client", answer.retry_after,
                     "Too many codes were asked for from your network. No code was sent; try "
                     "again later.");
    case Kind::no_texts:
      return no_texts(answer.retry_after,
                      "No text can be sent right now, so no other code was sent. One that you have "
                      "stays good; else try again later, or call us.");
    case Kind::not_pending:
      break;
  }
  return http::problem(ProblemCode::state_conflict,
                       "This callback waits for no code any more; none was sent.");
}

asio::awaitable<Response> post_resend(Program& program, Request& request) {
  auto opened = co_await open_callback(program, request);
  if (opened.refusal) co_return std::move(*opened.refusal);
  const std::string client = client_of(request);
  auto work = [&program, &opened, &client] {
    return resend_code(program.board, opened.id, client);
  };
  const auto answer = co_await program.store.run(Urgency::visitor, work, request.request_id);
  if (!answer) co_return store_problem(answer.error());
  auto response = answer_resend(program, *answer);
  if (answer->asked)
    add_rate_limit(response, "verify_client", program.policy.limits.verify_client, *answer->asked);
  co_return response;
}

// ---- watching ----------------------------------------------------------------------------------

asio::awaitable<Response> get_callback(Program& program, Request& request) {
  auto opened = co_await open_callback(program, request);
  if (opened.refusal) co_return std::move(*opened.refusal);
  const auto status = co_await status_of(program, opened.id);
  if (!status) co_return store_problem(status.error());
  Response response;
  response.content_type = "application/json; charset=utf-8";
  response.body = (*status)->json();
  co_return response;
}

std::int64_t last_seen(const Request& request) {
  const auto text = request.header("Last-Event-ID");
  std::int64_t version = 0;
  for (const char c : text) {
    if (c < '0' || c > '9' || version > 1'000'000'000) return 0;
    version = version * 10 + (c - '0');
  }
  return version;
}

asio::awaitable<void> follow(Program& program, CallbackId id, std::int64_t seen,
                             http::EventStream& stream) {
  const auto bell = stream.make_bell();
  program.statuses.watch(id, bell);
  // Whoever watches keeps the newest document in memory, so one look at the store is enough.
  auto status = co_await status_of(program, id);
  if (!status) co_return;
  SharedStatus document = *status;
  for (;;) {
    // After a final state there is nothing to wait for, also for those who have seen it.
    if (document->version != seen || document->is_final) {
      seen = document->version;
      const std::string version = std::to_string(seen);
      if (!co_await stream.send("status", version, document->json())) co_return;
    }
    if (document->is_final || program.draining) co_return;
    const auto woken = co_await stream.wait(*bell, kHeartbeat);
    if (woken == http::EventStream::Wake::closed) co_return;
    if (woken == http::EventStream::Wake::time && !co_await stream.comment()) co_return;
    if (const auto newest = program.statuses.find(id)) document = newest;
  }
}

asio::awaitable<Response> get_events(Program& program, Request& request) {
  auto opened = co_await open_callback(program, request);
  if (opened.refusal) co_return std::move(*opened.refusal);
  const auto id = opened.id;
  const auto seen = last_seen(request);
  co_return http::event_stream_response([&program, id, seen](http::EventStream& stream) {
    return follow(program, id, seen, stream);
  });
}

// ---- calling it off ----------------------------------------------------------------------------

asio::awaitable<Response> post_cancel(Program& program, Request& request) {
  auto opened = co_await open_callback(program, request);
  if (opened.refusal) co_return std::move(*opened.refusal);
  auto work = [&program, &opened] {
    return cancel_callback(program.board, opened.id, Reason::by_visitor);
  };
  const auto answer = co_await program.store.run(Urgency::visitor, work, request.request_id);
  if (!answer) co_return store_problem(answer.error());
  switch (answer->kind) {
    case CancelAnswer::Kind::cancelled:
      co_return document_response(200, program, answer->callback);
    case CancelAnswer::Kind::too_late:
      co_return http::problem(
          ProblemCode::state_conflict,
          answer->callback.state == State::connected
              ? "You are being connected, so this cannot be cancelled any more. "
                "Simply hang up."
              : "It is too late to cancel: your phone may already be ringing. "
                "Simply decline the call; nobody will try again.");
    case CancelAnswer::Kind::over:
      break;
  }
  co_return http::problem(ProblemCode::state_conflict,
                          fmt::format("This callback is over ({}), so there is nothing to cancel.",
                                      word(answer->callback.state)));
}

template <class Handler>
http::AsyncHandler bound(Program& program, Handler handler) {
  return [&program, handler](Request& request) { return handler(program, request); };
}

}  // namespace

StatusContext status_context(const Program& program, const Callback& callback) {
  StatusContext context;
  context.business_name = program.policy.business_name;
  if (callback.scheduled_for)
    context.opening = weekday_time_text(*program.policy.zone, *callback.scheduled_for);
  return context;
}

void add_visitor_routes(http::Router& router, Program& program) {
  const http::RouteOptions visitor{.cors = http::Cors::visitor,
                                   .headers = http::HeaderClass::visitor_json};
  const auto sync = [&program](Response (*handler)(Program&, const Request&)) {
    return http::SyncHandler([&program, handler](Request& r) { return handler(program, r); });
  };
  router.add("GET", "/api/v1/sites/{site}", sync(get_site), visitor);
  router.add("GET", "/api/v1/slots", sync(get_slots), visitor);
  router.add("POST", "/api/v1/callbacks", bound(program, post_callback), visitor);
  router.add("GET", "/api/v1/callbacks/{id}", bound(program, get_callback), visitor);
  router.add("GET", "/api/v1/callbacks/{id}/events", bound(program, get_events), visitor);
  router.add("POST", "/api/v1/callbacks/{id}/verify", bound(program, post_verify), visitor);
  router.add("POST", "/api/v1/callbacks/{id}/resend", bound(program, post_resend), visitor);
  router.add("POST", "/api/v1/callbacks/{id}/cancel", bound(program, post_cancel), visitor);
}

}  // namespace ringback
