#include "app/api/admin_api.hpp"

#include <boost/json/array.hpp>
#include <charconv>

#include "app/api/admin_documents.hpp"
#include "app/api/admin_guard.hpp"
#include "app/api/answers.hpp"
#include "app/api/time_text.hpp"
#include "app/http/json_body.hpp"
#include "app/observe/log.hpp"
#include "core/domain/token.hpp"
#include "core/domain/words.hpp"
#include "core/usecases/api_keys.hpp"
#include "core/usecases/cancel_callback.hpp"
#include "core/usecases/retry_callback.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::ProblemCode;
using http::Request;
using http::Response;

constexpr int kUsualPage = 50;
constexpr int kLargestPage = 500;
constexpr int kMostLooks = 4;

Response no_such_callback() {
  return http::problem(ProblemCode::not_found,
                       "There is no callback of that id, so nothing was done. Callbacks that ended "
                       "long ago are deleted.");
}

Response store_refusal(const Error& error) {
  return error.code == Errc::not_found ? no_such_callback() : store_problem(error);
}

AdminView view_of(const ApiKey& key) {
  return {.personal = key.scopes.has(Scope::callbacks_read_pii)};
}

void tell_shown(const Request& request, const ApiKey& key, std::string_view what) {
  if (!view_of(key).personal) return;
  log::info("personal data shown",
            {{"audit", true}, {"request_id", request.request_id}, {"key", key.id}, {"what", what}});
}

// ---- the list ----------------------------------------------------------------------------------

// The least id that a callback of that instant can have.
CallbackId first_id_at(TimePoint when) {
  auto millis =
      static_cast<std::uint64_t>(std::max<std::int64_t>(0, when.time_since_epoch().count()));
  IdBytes bytes{};
  for (std::size_t i = 6; i-- > 0; millis >>= 8) bytes[i] = static_cast<std::uint8_t>(millis & 255);
  return CallbackId(bytes);
}

struct ListQuery {
  CallbackFilter filter;
  std::vector<http::FieldError> errors;

  void fail(std::string_view field, std::string_view code, std::string_view detail) {
    errors.push_back({std::string(field), std::string(code), std::string(detail)});
  }
  void state(const std::string& text) {
    filter.state = state_of(text);
    if (!filter.state) fail("state", "state_invalid", "Write one of the states, such as missed.");
  }
  void limit(const std::string& text) {
    const char* const end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, filter.most);
    if (fault != std::errc{} || stop != end || filter.most < 1 || filter.most > kLargestPage)
      fail("limit", "out_of_range", fmt::format("Write a number from 1 to {}.", kLargestPage));
  }
  void cursor(const std::string& text) {
    const auto bytes = token_bytes(text);
    if (!bytes) return fail("cursor", "cursor_invalid", "Send next_cursor of the page before it.");
    before(CallbackId(*bytes));
  }
  void time(std::string_view name, const std::string& text) {
    const auto when = read_time(text);
    if (!when) return fail(name, "time_invalid", "Write it like 2026-11-30T09:00:00Z.");
    if (name == "from")
      filter.from = first_id_at(*when);
    else
      before(first_id_at(*when));
  }
  void before(const CallbackId& id) {
    if (!filter.before || id < *filter.before) filter.before = id;
  }
};

ListQuery read_list(const Request& request) {
  ListQuery query;
  query.filter.most = kUsualPage;
  const auto fields = http::parse_form(request.query);
  if (!fields) {
    query.fail("query", "wrong_type", "The part of the address behind \"?\" cannot be read.");
    return query;
  }
  std::vector<std::string_view> seen;
  for (const auto& [name, value] : *fields) {
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      query.fail(name, "repeated", "Say it once.");
      continue;
    }
    seen.push_back(name);
    if (name == "state")
      query.state(value);
    else if (name == "limit")
      query.limit(value);
    else if (name == "cursor")
      query.cursor(value);
    else if (name == "from" || name == "to")
      query.time(name, value);
    else
      query.fail(name, "unknown_field", "Only state, from, to, limit and cursor are known here.");
  }
  return query;
}

asio::awaitable<Response> get_callbacks(Program& program, Request& request, const ApiKey& key) {
  auto query = read_list(request);
  if (!query.errors.empty())
    co_return http::problem(ProblemCode::validation_failed,
                            "The list was not made: something in the address is not right.",
                            query.errors);
  const int page = query.filter.most++;  // one more tells whether there is another page
  auto look = [&query](CallbackReader& reader) { return reader.list(query.filter); };
  const auto found = co_await program.admin_reader.run(look);
  if (!found) co_return store_refusal(found.error());

  json::array rows;
  json::value next = nullptr;
  for (const Callback& callback : *found) {
    if (static_cast<int>(rows.size()) == page) {
      next = token_text((*found)[rows.size() - 1].id.bytes());
      break;
    }
    rows.push_back(admin_summary(callback, view_of(key)));
  }
  tell_shown(request, key, fmt::format("{} callbacks", rows.size()));
  co_return http::json_response(
      200, json::object{{"callbacks", std::move(rows)}, {"next_cursor", std::move(next)}});
}

// ---- one ---------------------------------------------------------------------------------------

asio::awaitable<Response> get_callback(Program& program, Request& request, const ApiKey& key) {
  const auto id = CallbackId::from_text(request.param("id"));
  if (!id) co_return no_such_callback();
  auto look = [&program, &id, &key](CallbackReader& reader) -> Result<json::object> {
    // The story belongs to the row: if a commit came between the two looks, look again.
    for (int looks = 1;; ++looks) {
      const auto callback = reader.load(*id);
      if (!callback) return callback.error();
      const auto lines = reader.journal(*id);
      if (!lines) return lines.error();
      const auto again = reader.load(*id);
      if (!again) return again.error();
      if (again->version != callback->version && looks < kMostLooks) continue;
      const auto bar = retry_bar(*callback, program.policy.rules, program.now(), false);
      return admin_document(*callback, *lines, program.board.voices, bar, view_of(key));
    }
  };
  auto document = co_await program.admin_reader.run(look);
  if (!document) co_return store_refusal(document.error());
  tell_shown(request, key, id->text());
  co_return http::json_response(200, *std::move(document));
}

// ---- acting ------------------------------------------------------------------------------------

// A body may be left out where nothing must be said.
http::JsonBody body_of(const Request& request) {
  if (request.body.empty() && request.header("Content-Type").empty()) return json::object{};
  return http::read_json(request);
}

void tell_acted(const Request& request, const ApiKey& key, std::string_view action,
                std::string_view result, const CallbackId& id) {
  log::info("operator acted", {{"audit", true},
                               {"request_id", request.request_id},
                               {"key", key.id},
                               {"action", action},
                               {"result", result},
                               {"callback", id.text()}});
}

std::string why_not(RetryBar bar) {
  switch (bar) {
    case RetryBar::not_over:
      return "This callback is not over, so there is nothing to begin anew. While a call is in "
             "doubt "
             "(phase in_doubt) wait for its end, half an hour at most, or cancel it.";
    case RetryBar::call_live:
      return "A call of this callback is not known to be over, so no other was begun. Wait for its "
             "end and try again.";
    case RetryBar::completed:
      return "They have talked, so nothing was begun anew.";
    case RetryBar::cancelled:
      return "This callback was cancelled, so nobody was called. A cancelled one has no retry: ask "
             "for a new callback.";
    case RetryBar::never_proven:
      return "Nobody has proven that this number is theirs, so it was not called.";
    case RetryBar::consent_old:
      return "The visitor agreed to be called longer ago than a day, so nobody was called. Ask for "
             "a "
             "new callback.";
    case RetryBar::phantom_up:
      return "A call that was given up on is up after all, so no other was begun. Wait for its end "
             "and try again.";
    case RetryBar::may_have_rung:
      return "An earlier call may have rung and nobody can tell, so no other was begun. Ask at the "
             "business; to dial again all the same, send {\"anyway\": true}.";
    case RetryBar::none:
      break;
  }
  return "Somebody was faster, so nothing was begun. Look at the callback again.";
}

Response conflict(std::string detail, std::string_view barred_by) {
  http::Problem problem;
  problem.code = ProblemCode::state_conflict;
  problem.detail = std::move(detail);
  problem.extra["barred_by"] = barred_by;
  return http::problem(std::move(problem));
}

asio::awaitable<Response> post_retry(Program& program, Request& request, const ApiKey& key) {
  const auto id = CallbackId::from_text(request.param("id"));
  if (!id) co_return no_such_callback();
  const auto body = body_of(request);
  if (!body) co_return http::problem(body.error());
  http::Fields fields(*body);
  const bool anyway = fields.boolean("anyway").value_or(false);
  if (auto wrong = fields.problem()) co_return http::problem(std::move(*wrong));

  const auto actor = actor_of(key);
  auto work = [&program, &id, anyway, &actor] {
    return retry_callback(program.board, *id, anyway, actor);
  };
  const auto answer = co_await program.store.run(Urgency::visitor, work, request.request_id);
  if (!answer) co_return store_refusal(answer.error());
  switch (answer->kind) {
    case RetryAnswer::Kind::begun:
      tell_acted(request, key, anyway ? "retry anyway" : "retry", "done", *id);
      co_return http::json_response(200, admin_summary(answer->callback, view_of(key)));
    case RetryAnswer::Kind::number_open:
      co_return conflict(
          fmt::format("The same number has another callback under way, {}, so no second one was "
                      "begun: it could ring twice at once.",
                      answer->other->text()),
          "number_open");
    case RetryAnswer::Kind::over_budget:
      program.metrics.limited("budget");
      co_return http::problem(
          ProblemCode::budget_reached,
          "As many calls as this service may make in a day have been made, so nobody was called. "
          "Raise budget.calls_per_day, or try again tomorrow.",
          {}, Seconds(3600));
    case RetryAnswer::Kind::barred:
      break;
  }
  tell_acted(request, key, anyway ? "retry anyway" : "retry", word(answer->bar), *id);
  co_return conflict(why_not(answer->bar), word(answer->bar));
}

asio::awaitable<Response> post_cancel(Program& program, Request& request, const ApiKey& key) {
  const auto id = CallbackId::from_text(request.param("id"));
  if (!id) co_return no_such_callback();
  const auto body = body_of(request);
  if (!body) co_return http::problem(body.error());
  http::Fields fields(*body);
  if (auto wrong = fields.problem()) co_return http::problem(std::move(*wrong));

  const auto actor = actor_of(key);
  auto work = [&program, &id, &actor] {
    return cancel_callback(program.board, *id, Reason::by_operator, actor);
  };
  const auto answer = co_await program.store.run(Urgency::visitor, work, request.request_id);
  if (!answer) co_return store_refusal(answer.error());
  switch (answer->kind) {
    case CancelAnswer::Kind::cancelled:
      tell_acted(request, key, "cancel", "done", *id);
      co_return http::json_response(200, admin_summary(answer->callback, view_of(key)));
    case CancelAnswer::Kind::too_late:
      tell_acted(request, key, "cancel", "too_late", *id);
      co_return conflict(
          "It is too late to cancel: the visitor's telephone may be ringing already, or they talk. "
          "If nobody talks, it ends as cancelled and nothing follows.",
          "too_late");
    case CancelAnswer::Kind::over:
      break;
  }
  co_return conflict(fmt::format("This callback is over ({}), so there is nothing to cancel.",
                                 word(answer->callback.state)),
                     "over");
}

}  // namespace

void add_admin_routes(http::Router& router, Program& program) {
  const auto add = [&](const char* method, const char* path, Scope scope, AdminHandler handler) {
    router.add(method, std::string("/api/v1/admin") + path, for_keys(program, scope, handler));
  };
  add("GET", "/callbacks", Scope::callbacks_read, get_callbacks);
  add("GET", "/callbacks/{id}", Scope::callbacks_read, get_callback);
  add("POST", "/callbacks/{id}/retry", Scope::callbacks_write, post_retry);
  add("POST", "/callbacks/{id}/cancel", Scope::callbacks_write, post_cancel);
}

}  // namespace ringback
