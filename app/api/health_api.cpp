#include "app/api/health_api.hpp"

#include <boost/json/object.hpp>
#include <filesystem>
#include <functional>

#include "app/api/answers.hpp"
#include "core/domain/secret.hpp"
#include "core/domain/words.hpp"
#include "core/usecases/capabilities.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;
using http::Request;
using http::Response;

constexpr std::uintmax_t kLowDisk = 500ULL * 1024 * 1024;
constexpr std::uintmax_t kNoDisk = 20ULL * 1024 * 1024;
constexpr auto kOldOrder = Seconds(60);
constexpr auto kOldRecording = Minutes(30);

enum class Grade { healthy, degraded, unhealthy };

std::string_view word_of(Grade grade) {
  switch (grade) {
    case Grade::healthy:
      return "healthy";
    case Grade::degraded:
      return "degraded";
    case Grade::unhealthy:
      break;
  }
  return "unhealthy";
}

struct Check {
  Grade grade = Grade::healthy;
  std::string detail;
};

Check check_storage(const Program& program, const Result<StoreFigures>& figures) {
  if (!figures) return {Grade::unhealthy, "the store cannot be read: " + figures.error().detail};
  if (!program.store.healthy())
    return {Grade::unhealthy,
            "the last commit failed; new requests are refused until one succeeds"};
  return {Grade::healthy, "readable and writable"};
}

// One account: in use, failing, or refusing us; then with what to do about it.
Check check_account(const Circuits::Member& member, TimePoint now,
                    const std::vector<std::string>& costs) {
  const Circuit& circuit = member.circuit;
  const auto state = circuit.state(now);
  if (state == Circuit::State::closed)
    return {Grade::healthy, fmt::format("{}: in use{}{}", member.account, costs.empty() ? "" : "; ",
                                        fmt::join(costs, "; "))};
  const bool open = state == Circuit::State::open;
  if (circuit.refusal().empty())
    return {Grade::degraded,
            fmt::format("{}: failed repeatedly; {}", member.account,
                        open ? "left alone for a while" : "one order is tried now")};
  const auto left = std::chrono::ceil<Seconds>(*circuit.open_until() - now);
  return {Grade::unhealthy,
          fmt::format("{}: the carrier refuses the account: {}; nothing goes out through it, what "
                      "waits is kept, and {}",
                      member.account, circuit.refusal(),
                      open ? fmt::format("one order is tried in {} s, or after a restart at once",
                                         left.count())
                           : std::string("the next order is tried"))};
}

// All accounts of a kind. One that works is enough to be of use.
Check check_carrier(const Program& program, Circuits::Of of,
                    const std::function<std::vector<std::string>(std::size_t)>& costs) {
  Check all;
  Grade best = Grade::unhealthy;
  std::size_t index = 0;
  for (const auto& member : program.runner.circuits()) {
    if (member.of != of) continue;
    const Check one = check_account(member, program.now(), costs(index++));
    best = std::min(best, one.grade);
    all.grade = std::max(all.grade, one.grade);
    all.detail += (all.detail.empty() ? "" : "; ") + one.detail;
  }
  if (best != Grade::unhealthy) all.grade = std::min(all.grade, Grade::degraded);
  return all;
}

Check check_queue(const Program& program, const Result<StoreFigures>& figures) {
  if (!figures) return {Grade::unhealthy, "not known"};
  const auto late =
      figures->outbox_oldest_due ? program.now() - *figures->outbox_oldest_due : Millis(0);
  const auto text = fmt::format("{} orders wait, {} calls in progress", figures->outbox_pending,
                                figures->live_attempts);
  return {late > kOldOrder ? Grade::degraded : Grade::healthy, text};
}

Check check_disk(const Program& program) {
  const auto file = std::filesystem::path(program.config.storage.sqlite_path());
  const auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
  std::error_code ec;
  const auto space = std::filesystem::space(folder, ec);
  if (ec) return {Grade::degraded, "free space is not known: " + ec.message()};
  const auto text = fmt::format("{} MiB free", space.available / (1024UL * 1024));
  if (space.available < kNoDisk) return {Grade::unhealthy, text};
  return {space.available < kLowDisk ? Grade::degraded : Grade::healthy, text};
}

Check check_clock(const Program& program) {
  const auto wall = std::chrono::floor<Millis>(std::chrono::system_clock::now()).time_since_epoch();
  const auto ahead = program.now().time_since_epoch() - wall;
  if (ahead > std::chrono::minutes(1))
    return {Grade::degraded, fmt::format("this machine's clock is {} s behind what was stored",
                                         ahead.count() / 1000)};
  return {Grade::healthy, "in step with what was stored"};
}

// A recording that was given up is lost one day: somebody must look.
Check check_recordings(const Program& program, const Result<StoreFigures>& figures) {
  if (!figures) return {Grade::unhealthy, "not known"};
  if (figures->recordings_dead > 0)
    return {Grade::degraded,
            fmt::format("{} given up and still at the carrier, the last one because: {}; {}",
                        figures->recordings_dead, word(figures->newest_fault),
                        advice(figures->newest_fault))};
  const auto age =
      figures->oldest_recording ? program.now() - *figures->oldest_recording : Millis(0);
  return {age > kOldRecording ? Grade::degraded : Grade::healthy,
          fmt::format("{} on their way into the archive", figures->recordings_waiting)};
}

bool has_metrics_token(const Program& program, const Request& request) {
  const Secret& wanted = program.config.server.metrics_token;
  return !wanted.empty() && Secret(std::string(request.bearer())) == wanted;
}

asio::awaitable<Response> health(Program& program, Request& request) {
  auto look = [](CallbackReader& reader) { return reader.figures(); };
  const auto figures = co_await program.reader.run(look);
  const auto costs_of_calls = [&program](std::size_t i) {
    return costs_of(program.board.voices[i].carrier->profile(), program.policy.rules);
  };
  const auto costs_of_texts = [&program](std::size_t i) {
    return costs_of(program.board.texts[i].messenger->profile());
  };
  std::vector<std::pair<std::string, Check>> checks = {
      {"storage", check_storage(program, figures)},
      {"carrier_voice", check_carrier(program, Circuits::Of::calls, costs_of_calls)},
      {"carrier_sms", check_carrier(program, Circuits::Of::texts, costs_of_texts)},
      {"queue", check_queue(program, figures)},
      {"disk", check_disk(program)},
      {"clock", check_clock(program)}};
  if (program.archivist != nullptr)
    checks.emplace_back("recordings", check_recordings(program, figures));
  Grade worst = Grade::healthy;
  json::object details;
  for (const auto& [name, check] : checks) {
    worst = std::max(worst, check.grade);
    details[name] = json::object{{"status", word_of(check.grade)}, {"detail", check.detail}};
  }
  const auto uptime = std::chrono::steady_clock::now() - program.started;
  json::object body{{"status", word_of(worst)},
                    {"version", program.version},
                    {"uptime_seconds", std::chrono::duration_cast<Seconds>(uptime).count()}};
  if (request.loopback || has_metrics_token(program, request)) body["checks"] = std::move(details);
  co_return http::json_response(worst == Grade::unhealthy ? 503 : 200, body);
}

Response ready(Program& program) {
  if (program.draining || !program.store.healthy())
    return http::problem(http::ProblemCode::overloaded,
                         program.draining ? "This instance is being stopped."
                                          : "The store cannot be written right now.",
                         {}, Seconds(5));
  return http::text_response(200, "ready\n");
}

// What is open and what waits is counted when it is asked for: it is right at once, also after a
// start.
void count_what_is_open(Program& program, const StoreFigures& figures) {
  for (const State state :
       {State::pending, State::scheduled, State::queued, State::calling, State::connected}) {
    const auto at = figures.open.find(state);
    program.metrics.callbacks_open(
        word(state), at == figures.open.end() ? 0.0 : static_cast<double>(at->second));
  }
  const auto late =
      figures.outbox_oldest_due ? program.now() - *figures.outbox_oldest_due : Millis(0);
  program.metrics.outbox(static_cast<double>(figures.outbox_pending),
                         std::max(0.0, std::chrono::duration<double>(late).count()));
  const auto age = figures.oldest_recording ? program.now() - *figures.oldest_recording : Millis(0);
  program.metrics.recordings(static_cast<double>(figures.recordings_waiting),
                             static_cast<double>(figures.recordings_dead),
                             std::max(0.0, std::chrono::duration<double>(age).count()));
}

Metrics::Circuit figure_of(Circuit::State state) {
  if (state == Circuit::State::closed) return Metrics::Circuit::closed;
  return state == Circuit::State::open ? Metrics::Circuit::open : Metrics::Circuit::half_open;
}

// Half-open comes by itself, when the pause is over.
void look_at_circuits(Program& program) {
  const auto members = program.runner.circuits();
  for (const auto& member : members)
    program.metrics.carrier_circuit(member.kind,
                                    figure_of(worst_state(members, member.kind, program.now())));
}

asio::awaitable<Response> metrics(Program& program, Request& request) {
  if (!program.config.server.metrics_token.empty() && !has_metrics_token(program, request)) {
    auto refusal = http::problem(http::ProblemCode::unauthenticated,
                                 "Send the token of server.metrics_token as a bearer token.");
    refusal.set("WWW-Authenticate", "Bearer");
    co_return refusal;
  }
  auto look = [](CallbackReader& reader) { return reader.figures(); };
  if (const auto figures = co_await program.reader.run(look)) count_what_is_open(program, *figures);
  look_at_circuits(program);
  Response response;
  response.content_type = "text/plain; version=0.0.4; charset=utf-8";
  response.body = program.metrics.serialize();
  co_return response;
}

}  // namespace

void add_health_routes(http::Router& router, Program& program) {
  const http::RouteOptions free{.limit_free = true};
  router.add("GET", "/livez", http::text_response(200, "ok\n"), free);
  router.add("GET", "/readyz", http::SyncHandler([&program](Request&) { return ready(program); }),
             free);
  router.add("GET", "/health",
             http::AsyncHandler([&program](Request& r) { return health(program, r); }), free);
  router.add("GET", "/metrics",
             http::AsyncHandler([&program](Request& r) { return metrics(program, r); }), free);
}

}  // namespace ringback
