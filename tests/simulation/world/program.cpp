#include "tests/simulation/world/program.hpp"

#include <algorithm>
#include <charconv>
#include <numeric>

#include "core/usecases/hear_webhook.hpp"
#include "core/usecases/ring_timers.hpp"

namespace ringback::sim {
namespace {

// As in the shell.
constexpr int kTimersAtOnce = 128;
constexpr int kOrdersAtOnce = 64;
constexpr Millis kClaimAge{Seconds(10)};
constexpr Millis kReplyDeadline{Seconds(10)};
constexpr Millis kStoreTrouble{Seconds(1)};
constexpr Millis kLongestRecovery{Seconds(10)};
constexpr Millis kLookAgain{500};

bool is_single_shot(const Errand& errand) {
  return errand.kind == OrderKind::dial || errand.kind == OrderKind::send_text;
}

struct HookPath {
  std::string account, token, point;
  int round = 1;
};

// .../hooks/simulator/{account}/{token}/{point}[/{round}]
HookPath hook_path(std::string_view url, std::string_view public_url) {
  std::vector<std::string> words;
  std::string_view rest = url.substr(public_url.size() + std::string_view("/hooks/").size());
  while (!rest.empty()) {
    const auto slash = rest.find('/');
    words.emplace_back(rest.substr(0, slash));
    rest = slash == std::string_view::npos ? std::string_view() : rest.substr(slash + 1);
  }
  HookPath path{words.at(1), words.at(2), words.at(3)};
  if (words.size() > 4) path.round = std::stoi(words[4]);
  return path;
}

}  // namespace

Program::Program(Stage& stage, const Installation& installed, CallbackStore& store,
                 const Clock& clock, IdSource& ids)
    : stage_(stage),
      installed_(installed),
      observer_(stage),
      board_{store,
             clock,
             ids,
             *installed.keys,
             installed.policy,
             installed.voices,
             installed.texts,
             observer_,
             {.started = clock.steady(), .at = {}},
             {}},
      started_(stage.now),
      circuits_(installed.voices, installed.texts) {}

void Program::start() { recover_first(); }

void Program::recover_first() {
  const auto open = run([this] { return recover(board_); });
  if (!open) return later(kStoreTrouble, [](Program& p) { p.recover_first(); });
  asking_first_ = false;
  first_questions_ = *open;
}

void Program::freeze(TimePoint until) {
  frozen_until_ = until;
  wake_at_ = std::max(wake_at_.value_or(until), until);
}

void Program::resume(Stage& stage, const std::weak_ptr<Program>& who, const Task& task) {
  const auto self = who.lock();
  if (!self) return;
  if (self->frozen()) {
    stage.agenda.at(self->frozen_until_,
                    [&stage, who, task](TimePoint) { resume(stage, who, task); });
    return;
  }
  task(*self);
}

void Program::later(Millis delay, Task task) {
  stage_.agenda.at(stage_.now + delay,
                   [&stage = stage_, who = weak_from_this(), task = std::move(task)](TimePoint) {
                     resume(stage, who, task);
                   });
}

Admission Program::admission() {
  recovered_ = recovered_ || first_questions_ <= 0 || stage_.now - started_ > kLongestRecovery;
  Admission admission = circuits_.admission(board_.now(), kOrdersAtOnce);
  if (!recovered_) admission.dials.assign(board_.voices.size(), 0);
  return admission;
}

void Program::pass() {
  if (frozen() || asking_first_) {
    wake_at_ = frozen() ? std::optional(frozen_until_) : std::nullopt;
    return;
  }
  struct Taken {
    std::vector<Errand> errands;
    int timers = 0;
    std::optional<TimePoint> next;
  };
  const Admission admitted = admission();
  const int dials = std::accumulate(admitted.dials.begin(), admitted.dials.end(), 0);
  auto taken = run([&]() -> Result<Taken> {
    Taken all;
    board_.admission = admitted;
    const auto rung = ring_due_timers(board_, kTimersAtOnce);
    if (!rung) return rung.error();
    all.timers = *rung;
    auto errands = take_due_orders(board_, kOrdersAtOnce, dials);
    if (!errands) return errands.error();
    all.errands = std::move(*errands);
    const auto next = next_work(board_, dials, {});
    if (!next) return next.error();
    all.next = *next;
    return all;
  });
  if (!taken) {
    wake_at_ = stage_.now + kStoreTrouble;
    return;
  }
  for (Errand& errand : taken->errands) {
    circuits_.begin(errand, board_.now());
    carry(std::make_shared<Job>(Job{std::move(errand), {}}));
  }
  if (taken->timers > 0 || !taken->errands.empty()) {
    wake_at_ = stage_.now;
    return;
  }
  wake_at_.reset();
  const auto soon = stage_.now + kLookAgain;
  if (taken->next) wake_at_ = std::max(*taken->next - stage_.wall_ahead, soon);
  // A dial that may not go out now is asked about again, as the shell does every second.
  if (!dials) wake_at_ = std::min(wake_at_.value_or(soon + Seconds(1)), soon + Seconds(1));
}

// ---- letters out -------------------------------------------------------------------------------

void Program::carry(const Shared& job) {
  const Millis travel = stage_.chance.between(Millis(2), Millis(40));
  // Between taking an order and writing its bytes a busy machine may lose much time.
  const Millis busy = stage_.strikes(stage_.plan.busy_machine) ? Seconds(20) : Millis(3);
  later(stage_.chance.between(Millis(0), busy), [job, travel](Program& p) { p.send(job, travel); });
}

void Program::send(const Shared& job, Millis travel) {
  const Errand& errand = job->errand;
  if (is_single_shot(errand) && board_.clock.steady() - errand.claimed_steady >= kClaimAge) {
    ++stage_.tally["claim too old to send"];
    return answer(job, SendError{SendFailure::not_sent, "the claim is too old"});
  }
  stage_.point("a letter leaves");
  if (stage_.strikes(stage_.plan.refused_connection)) {
    ++stage_.tally["connection refused"];
    return answer(job, SendError{SendFailure::not_sent, "nobody listens"});
  }
  if (stage_.strikes(stage_.plan.late_request)) {
    ++stage_.tally["request late"];
    travel = stage_.chance.between(Millis(0), stage_.plan.latest);
  }
  const bool lost = stage_.strikes(stage_.plan.lost_request);
  if (lost) ++stage_.tally["request lost"];

  // Told once: by the exchange, by a connection that broke, or by our own patience.
  const auto told = std::make_shared<bool>(false);
  const auto tell = [job, told](Program& p, Reply reply) {
    if (std::exchange(*told, true)) return;
    p.answer(job, std::move(reply));
  };
  later(kReplyDeadline, [tell, told](Program& p) {
    if (*told) return;
    ++p.stage_.tally["reply awaited in vain"];
    tell(p, SendError{SendFailure::unknown, "no reply in time"});
  });
  if (lost) return;
  stage_.agenda.at(stage_.now + travel, [&stage = stage_, who = weak_from_this(), job, tell,
                                         at = job->replies.size()](TimePoint) {
    const bool watched = !who.expired();
    if (watched) stage.point("the exchange takes a letter");
    auto reply = stage.exchange.handle(job->errand.letters[at], stage.now);
    if (watched) stage.point("the exchange took a letter");
    if (!reply.response) ++stage.tally["reply lost"];
    if (const auto self = who.lock())
      self->later(reply.delay + stage.chance.between(Millis(2), Millis(40)),
                  [tell, response = std::move(reply.response)](Program& p) {
                    if (response) return tell(p, *response);
                    tell(p, SendError{SendFailure::unknown, "the connection broke"});
                  });
  });
}

void Program::answer(const Shared& job, Reply reply) {
  const bool failed = std::holds_alternative<SendError>(reply);
  job->replies.push_back(std::move(reply));
  if (!failed && job->replies.size() < job->errand.letters.size()) return carry(job);
  settle(job);
}

void Program::settle(const Shared& job) {
  const Errand& errand = job->errand;
  const auto settled = run([&] { return settle_order(board_, errand, job->replies); });
  if (!settled) return later(kStoreTrouble, [job](Program& p) { p.settle(job); });
  circuits_.settled(errand, *settled, board_.now());
  if (errand.kind == OrderKind::poll || errand.kind == OrderKind::look_up) --first_questions_;
}

// ---- letters in --------------------------------------------------------------------------------

void Program::hear(exchange::OutgoingWebhook letter) {
  later(Millis(0), [letter = std::move(letter)](Program& p) mutable {
    HttpResponse response = p.answer_to(std::move(letter.request));
    // A process that dies before its answer leaves has not answered.
    p.stage_.agenda.at(p.stage_.now + p.stage_.chance.between(Millis(1), Millis(20)),
                       [&stage = p.stage_, who = p.weak_from_this(), id = letter.id,
                        response = std::move(response)](TimePoint) {
                         stage.exchange.webhook_answered(
                             id, who.expired() ? std::nullopt : std::optional(response), stage.now);
                       });
  });
}

HttpResponse Program::answer_to(HttpRequest letter) {
  HookPath path = hook_path(letter.url, installed_.policy.public_url);
  const auto account =
      std::find_if(board_.voices.begin(), board_.voices.end(),
                   [&](const VoiceAccount& one) { return one.name == path.account; });
  Webhook webhook;
  webhook.request = std::move(letter);
  webhook.token = std::move(path.token);
  webhook.point = std::move(path.point);
  webhook.round = path.round;
  webhook.received_at = board_.now();
  const auto reading = account->carrier->read_webhook(webhook);
  if (!std::holds_alternative<Heard>(reading)) return {403, {}, ""};
  auto answer =
      run([&] { return hear_webhook(board_, *account, webhook, std::get<Heard>(reading)); });
  if (!answer) return {503, {}, ""};
  if (answer->kind == WebhookAnswer::Kind::unknown_token) return {404, {}, ""};
  if (answer->foreign_call) ++stage_.tally["a second call for one attempt"];
  if (answer->kind == WebhookAnswer::Kind::duplicate) ++stage_.tally["webhook repeated"];
  return answer->instruction ? std::move(*answer->instruction) : HttpResponse{204, {}, ""};
}

}  // namespace ringback::sim
