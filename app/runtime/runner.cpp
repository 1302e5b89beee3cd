#include "app/runtime/runner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <numeric>

#include "app/observe/log.hpp"
#include "core/domain/words.hpp"
#include "core/usecases/ring_timers.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr int kTimersAtOnce = 128;
constexpr int kOrdersAtOnce = 64;
constexpr int kMostInFlight = 256;
constexpr int kRowsToPrune = 500;
constexpr Millis kLongestSleep{Seconds(1)};
constexpr Millis kStoreTrouble{Seconds(1)};
constexpr Seconds kLongestRecovery{10};
constexpr Seconds kHousekeepingEvery{60};
// What is claimed is in doubt should we die before it leaves: so it is claimed only just before,
// and early enough for the loop, which looks some fifty times a second at most.
constexpr Millis kClaimAhead{100};
constexpr Millis kPatienceForTurn{Seconds(3)};
constexpr std::string_view kPutOff = "put_off";
constexpr std::string_view kLost = "lost";  // the store did not take the answer

asio::awaitable<void> pause(Millis time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// What an account's circuit did, for whoever can put it right.
void tell(const Errand& errand, const Circuit& before, const Circuit& after, TimePoint now) {
  if (before.open_until() == after.open_until()) return;
  const bool text = errand.kind == OrderKind::send_text || errand.kind == OrderKind::look_up_text;
  const std::string_view of = text ? "texts" : "calls";
  const auto seconds = after.open_until() ? (*after.open_until() - now) / Seconds(1) : 0;
  if (after.open_until() && !after.refusal().empty())
    log::error("the carrier refuses the account",
               {{"account", errand.account},
                {"of", of},
                {"said", after.refusal()},
                {"do",
                 "put it right at the carrier or in the configuration; nothing is sent "
                 "through this account meanwhile, then one order is tried"},
                {"again_in_seconds", seconds}});
  else
    log::warn("circuit changed",
              {{"account", errand.account}, {"of", of}, {"open", after.open_until().has_value()}});
}

bool is_failure(std::string_view word) {
  return word == "unknown" || word == "not_sent" || word == "failed" || word == "refused_account";
}

// What asks may wait; what is ordered may not.
bool is_question(const Errand& errand) {
  return errand.kind == OrderKind::poll || errand.kind == OrderKind::look_up ||
         errand.kind == OrderKind::look_up_text;
}
bool is_claimed(const Errand& errand) {
  return errand.kind == OrderKind::dial || errand.kind == OrderKind::send_text;
}

// Will the same work succeed when it is offered again?
bool will_pass(const Error& error) {
  return error.code == Errc::storage_failed || error.code == Errc::overloaded;
}

}  // namespace

Runner::Runner(StoreThread& store, Switchboard& board, HttpsClient& client, Metrics& metrics,
               RunnerOptions options)
    : store_(store),
      board_(board),
      client_(client),
      metrics_(metrics),
      options_(options),
      bell_(http::Wakeup::make(context_.get_executor())),
      circuits_(board.voices, board.texts, options.refused_pause) {
  // Calls and texts of one owner have one limit for both.
  const auto know = [this](const auto& account, int per_minute) {
    if (per_minute > 0) paces_.try_emplace(pace_of(account), per_minute);
  };
  for (const auto& account : board.voices)
    know(account, account.carrier->profile().requests_per_minute);
  for (const auto& account : board.texts)
    know(account, account.messenger->profile().requests_per_minute);
}

Runner::~Runner() { stop(Millis(0)); }

void Runner::start() {
  started_ = Steady::now();
  // A loop that died in silence would let everybody wait for ever: better the process ends, loudly.
  asio::co_spawn(context_, run(), [](const std::exception_ptr& bug) {
    if (bug) std::rethrow_exception(bug);
  });
  thread_ = std::thread([this] { context_.run(); });
}

void Runner::wake() { bell_->notify(); }

void Runner::send_apart(HttpRequest letter, const VoiceAccount& account) {
  auto send = [this, letter = std::move(letter), &account]() -> asio::awaitable<void> {
    HttpRequest mine = letter;
    SendOptions options;
    options.deadline = options_.dial_timeout;
    options.allow_http = options.allow_loopback = options_.development;
    const auto reply = co_await client_.send(std::move(mine), options);
    const auto* answer = std::get_if<HttpResponse>(&reply);
    if (answer == nullptr || !account.carrier->read_hung_up(*answer))
      log::error("a second call for one attempt could not be hung up", {{"account", account.name}});
    --in_flight_;
  };
  asio::post(context_, [this, send = std::move(send)]() mutable {
    if (stopping_) return;
    ++in_flight_;
    asio::co_spawn(context_, std::move(send), asio::detached);
  });
}

void Runner::stop(Millis deadline) {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  // What does not come in time ends as unknown, and waits for the next start.
  asio::steady_timer patience(context_, deadline);
  patience.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) client_.cancel_all();
  });
  asio::co_spawn(
      context_,
      [this, &patience]() -> asio::awaitable<void> {
        while (in_flight_ > 0) co_await pause(Millis(10));
        patience.cancel();
      },
      asio::detached);
  thread_.join();
}

std::vector<Circuits::Member> Runner::circuits() const {
  const std::lock_guard lock(mutex_);
  return circuits_.all();
}

Admission Runner::admission() const {
  const std::lock_guard lock(mutex_);
  Admission admission = circuits_.admission(board_.now(), kOrdersAtOnce);
  if (!recovered_) admission.dials.assign(board_.voices.size(), 0);
  return admission;
}

Result<Runner::Pass> Runner::take_pass(const Admission& admission, const Paces& paces) {
  Pass pass;
  board_.admission = admission;
  const int most_dials = std::accumulate(admission.dials.begin(), admission.dials.end(), 0);
  const auto rung = ring_due_timers(board_, kTimersAtOnce);
  if (!rung) return rung.error();
  pass.timers = *rung;
  auto errands = take_due_orders(board_, kOrdersAtOnce, most_dials, paces);
  if (!errands) return errands.error();
  pass.errands = std::move(*errands);
  const auto next = next_work(board_, most_dials, paces);
  if (!next) return next.error();
  pass.next_due = *next;
  return pass;
}

asio::awaitable<void> Runner::recover_first() {
  while (!stopping_) {
    auto work = [this] { return recover(board_); };
    const auto open = co_await store_.run(Urgency::carrier, work);
    if (open) {
      first_questions_ = *open;
      log::info("recovered", {{"open_attempts", *open}});
      break;
    }
    log::error("recovery waits for the store", {{"error", open.error().detail}});
    co_await pause(kStoreTrouble);
  }
}

asio::awaitable<void> Runner::run() {
  co_await recover_first();
  while (!stopping_) {
    if (!recovered_ && (first_questions_ <= 0 || Steady::now() - started_ > kLongestRecovery))
      recovered_ = true;
    if (in_flight_ >= kMostInFlight) {
      co_await bell_->wait(kLongestSleep);
      continue;
    }
    co_await keep_house();
    const Admission allowed = admission();
    const Paces paces = promise_turns();
    auto work = [this, &allowed, &paces] { return take_pass(allowed, paces); };
    auto pass = co_await store_.run(Urgency::carrier, work);
    if (!pass) {
      release_turns();
      log::error("the outbox waits for the store", {{"error", pass.error().detail}});
      co_await pause(kStoreTrouble);
      continue;
    }
    for (Errand& errand : pass->errands) {
      ++in_flight_;
      {
        const std::lock_guard lock(mutex_);
        circuits_.begin(errand, board_.now());
      }
      const Millis wait = keep_promise(errand);
      asio::co_spawn(context_, carry(std::move(errand), wait), asio::detached);
    }
    release_turns();
    // Whoever waited for that comes before the next pass.
    if (!paces_.empty()) co_await asio::post(context_, asio::use_awaitable);
    if (pass->timers > 0 || !pass->errands.empty()) continue;
    const auto until = pass->next_due ? *pass->next_due - board_.now() : kLongestSleep;
    // A due time in the past that gave no work is somebody else's turn: look again soon.
    co_await bell_->wait(std::clamp(until, Millis(20), kLongestSleep));
  }
}

SendOptions Runner::options_for(const Errand& errand) const {
  SendOptions options;
  options.deadline = options_.dial_timeout;
  options.allow_http = options.allow_loopback = options_.development;
  if (is_claimed(errand))
    // A claimed letter leaves within the time it may take, or never.
    options.send_before =
        Steady::now() + (options_.dial_timeout - (board_.clock.steady() - errand.claimed_steady));
  return options;
}

asio::awaitable<void> Runner::carry(Errand errand, Millis wait) {
  const auto begun = Steady::now();
  Settled settled;
  bool tried = true;
  try {
    if (wait > Millis(0)) co_await pause(wait);
    if (is_claimed(errand) || co_await wait_for_turn(errand)) {
      const auto replies = co_await send(errand);
      settled = co_await bring_back(errand, replies);
    } else {
      tried = false;
      settled.word = kPutOff;  // it comes back when its lease ends
    }
  } catch (const std::exception& bug) {
    // A claimed order is in doubt now, any other comes back when its lease ends.
    log::error("an order was not finished",
               {{"order", ringback::word(errand.kind)}, {"what", bug.what()}});
  }
  const std::chrono::duration<double> took = Steady::now() - begun;
  note(errand, settled.word, took.count());
  note_circuit(errand, settled, tried && settled.word != kLost);
  if (errand.kind == OrderKind::poll || errand.kind == OrderKind::look_up) --first_questions_;
  --in_flight_;
  wake();
}

// What may be claimed now: nothing is claimed first and then kept waiting for its turn.
Paces Runner::promise_turns() {
  promised_ = true;
  Paces paces;
  for (const auto& [name, pace] : paces_) {
    const auto out = pace.outlook(Steady::now(), kClaimAhead, kOrdersAtOnce);
    paces[name] = {.left = out.turns, .more_at = board_.now() + out.more_after};
  }
  return paces;
}

// How long a claimed order has to wait for the turn that was promised.
Millis Runner::keep_promise(const Errand& errand) {
  const auto pace = paces_.find(errand.pace);
  if (pace == paces_.end() || !is_claimed(errand)) return Millis(0);
  return *pace->second.take(RequestPace::Use::order, Steady::now(), Millis::max());
}

void Runner::release_turns() {
  promised_ = false;
  released_.cancel();
}

asio::awaitable<void> Runner::nobody_claims() {
  while (promised_) {
    boost::system::error_code cancelled;
    co_await released_.async_wait(asio::redirect_error(asio::use_awaitable, cancelled));
  }
}

// False: the account has no turn left for this in the next seconds, and nothing may be sent.
asio::awaitable<bool> Runner::wait_for_turn(const Errand& errand) {
  const auto pace = paces_.find(errand.pace);
  if (pace == paces_.end()) co_return true;
  const auto use = is_question(errand) ? RequestPace::Use::question : RequestPace::Use::order;
  for (std::size_t i = 0; i < errand.letters.size(); ++i) {
    co_await nobody_claims();
    const auto wait = pace->second.take(use, Steady::now(), kPatienceForTurn);
    if (!wait) co_return false;
    if (*wait > Millis(0)) co_await pause(*wait);
  }
  co_return true;
}

asio::awaitable<std::vector<Reply>> Runner::send(const Errand& errand) {
  std::vector<Reply> replies;
  for (const HttpRequest& letter : errand.letters) {
    HttpRequest copy = letter;
    const SendOptions options = options_for(errand);
    replies.push_back(co_await client_.send(std::move(copy), options));
    if (std::holds_alternative<SendError>(replies.back())) break;
  }
  co_return replies;
}

// A reply that cannot be stored now is kept and offered again: losing it would put a call in doubt
// that is not. Only when the process is to end is it given up; then it is in doubt.
asio::awaitable<Settled> Runner::bring_back(const Errand& errand,
                                            const std::vector<Reply>& replies) {
  for (;;) {
    auto work = [this, &errand, &replies] { return settle_order(board_, errand, replies); };
    auto settled = co_await store_.run(Urgency::carrier, work);
    if (settled) co_return std::move(*settled);
    log::error("a carrier's answer waits for the store",
               {{"order", ringback::word(errand.kind)}, {"error", settled.error().detail}});
    if (stopping_ || !will_pass(settled.error())) {
      Settled lost;
      lost.word = kLost;
      co_return lost;
    }
    co_await pause(kStoreTrouble);
  }
}

void Runner::note(const Errand& errand, std::string_view word, double seconds) {
  metrics_.carrier_request(errand.carrier_kind, ringback::word(errand.kind), word, seconds);
  const auto level = is_failure(word) ? log::Level::warning : log::Level::info;
  log::write(level, "order carried out",
             {{"callback", errand.callback.text()},
              {"order", ringback::word(errand.kind)},
              {"account", errand.account},
              {"outcome", word},
              {"seconds", seconds}});
}

void Runner::note_circuit(const Errand& errand, const Settled& settled, bool tried) {
  const std::lock_guard lock(mutex_);
  const TimePoint now = board_.now();
  const Circuit before = circuits_.of(errand);
  if (!tried) return circuits_.not_tried(errand);
  circuits_.settled(errand, settled, now);
  tell(errand, before, circuits_.of(errand), now);
}

// What has run out is deleted in small steps, so that no request ever waits for it.
asio::awaitable<void> Runner::keep_house() {
  const TimePoint now = board_.now();
  if (now - kept_house_at_ < kHousekeepingEvery) co_return;
  kept_house_at_ = now;
  auto work = [this, now] {
    return board_.store.prune(now, now - options_.retention, kRowsToPrune);
  };
  const auto pruned = co_await store_.run(Urgency::carrier, work);
  if (pruned && *pruned >= kRowsToPrune) kept_house_at_ = now - kHousekeepingEvery + Seconds(1);
}

}  // namespace ringback
