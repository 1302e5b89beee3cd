#include "app/runtime/runner.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>

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

asio::awaitable<void> pause(Millis time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

bool is_failure(std::string_view word) {
  return word == "unknown" || word == "not_sent" || word == "failed";
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
      bell_(http::Wakeup::make(context_.get_executor())) {
  // Calls and texts of one owner have one limit for both.
  const auto know = [this](const auto& account, int per_minute) {
    circuits_[account.name];
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

Circuit::State Runner::circuit(const std::string& account) const {
  const std::lock_guard lock(mutex_);
  const auto at = circuits_.find(account);
  return at == circuits_.end() ? Circuit::State::closed : at->second.state(board_.now());
}

int Runner::dials_allowed() const {
  if (!recovered_) return 0;
  const std::lock_guard lock(mutex_);
  int most = 0;
  for (const auto& account : board_.voices)
    most = std::max(most, circuits_.at(account.name).allows(board_.now(), kOrdersAtOnce));
  return most;
}

Result<Runner::Pass> Runner::take_pass(int most_dials, const Paces& paces) {
  Pass pass;
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
    const int dials = dials_allowed();
    const Paces paces = promise_turns();
    auto work = [this, dials, &paces] { return take_pass(dials, paces); };
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
        if (errand.kind == OrderKind::dial) circuits_[errand.account].begin(board_.now());
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
  std::string word = "failed";
  bool tried = true;
  try {
    if (wait > Millis(0)) co_await pause(wait);
    if (is_claimed(errand) || co_await wait_for_turn(errand)) {
      const auto replies = co_await send(errand);
      word = co_await bring_back(errand, replies);
    } else {
      tried = false;
      word = kPutOff;  // it comes back when its lease ends
    }
  } catch (const std::exception& bug) {
    // A claimed order is in doubt now, any other comes back when its lease ends.
    log::error("an order was not finished",
               {{"order", ringback::word(errand.kind)}, {"what", bug.what()}});
  }
  const std::chrono::duration<double> took = Steady::now() - begun;
  note(errand, word, took.count());
  note_circuit(errand, word, tried);
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
asio::awaitable<std::string> Runner::bring_back(const Errand& errand,
                                                const std::vector<Reply>& replies) {
  for (;;) {
    auto work = [this, &errand, &replies] { return settle_order(board_, errand, replies); };
    const auto word = co_await store_.run(Urgency::carrier, work);
    if (word) co_return std::string(*word);
    log::error("a carrier's answer waits for the store",
               {{"order", ringback::word(errand.kind)}, {"error", word.error().detail}});
    if (stopping_ || !will_pass(word.error())) co_return std::string("lost");
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

void Runner::note_circuit(const Errand& errand, std::string_view word, bool tried) {
  Circuit::State before{};
  Circuit::State after{};
  {
    const std::lock_guard lock(mutex_);
    Circuit& circuit = circuits_[errand.account];
    before = circuit.state(board_.now());
    if (!tried) return;
    if (is_failure(word))
      circuit.failed(board_.now());
    else
      circuit.succeeded();
    after = circuit.state(board_.now());
  }
  if (before != after)
    log::warn("circuit changed",
              {{"account", errand.account}, {"open", after == Circuit::State::open}});
  metrics_.carrier_circuit(errand.carrier_kind,
                           after == Circuit::State::closed ? Metrics::Circuit::closed
                           : after == Circuit::State::open ? Metrics::Circuit::open
                                                           : Metrics::Circuit::half_open);
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
