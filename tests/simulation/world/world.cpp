#include "tests/simulation/world/world.hpp"

#include <fmt/format.h>

#include "adapters/carriers/simulator/carrier.hpp"
#include "adapters/carriers/simulator/messenger.hpp"
#include "adapters/storage/memory/memory_store.hpp"
#include "adapters/system/openssl_keyring.hpp"
#include "core/domain/words.hpp"
#include "tests/simulation/world/toy_keys.hpp"
#include "tests/support/one_change_zone.hpp"

namespace ringback::sim {
namespace {

constexpr std::size_t kMostSteps = 5'000'000;
constexpr Millis kLongestWorld = std::chrono::days(30);
constexpr int kPrunedAtOnce = 500;

Hmac hmac_of(const Plan& plan) { return plan.real_hmac ? Hmac(hmac_sha256) : Hmac(toy_hmac); }

Installation install(const Plan& plan) {
  Installation installed;
  Policy& policy = installed.policy;
  policy.rules = plan.rules;
  policy.hours = plan.hours;
  policy.zone = std::make_shared<test::OneChangeZone>(Seconds(0));
  policy.business_name = "Bright Dental";
  policy.sms_number = *PhoneNumber::from_e164("+12025550190");
  policy.caps = plan.caps;
  policy.limits = plan.limits;
  policy.max_concurrent = plan.max_concurrent;
  policy.public_url = "http://localhost:8501";
  policy.page_host = "localhost";
  int which = 0;
  for (const AccountRules& account : plan.rules.accounts) {
    SimulatorAccount simulator;
    simulator.base_url = "http://127.0.0.1:9999";
    simulator.sign_key = "sign key";
    // Each account shows a number of its own, so that one's list does not show the other's calls.
    simulator.caller_id = business_number(80 + which++);
    installed.voices.push_back({account.name,
                                std::make_shared<SimulatorCarrier>(simulator, hmac_of(plan)),
                                simulator.caller_id});
    if (installed.texts.empty())
      installed.texts.push_back({account.name, std::make_shared<SimulatorMessenger>(simulator)});
  }
  if (plan.real_hmac)
    installed.keys = std::make_shared<OpensslKeyring>(
        OpensslKeyring::from(Secret("a secret key that is long enough for tests")).value());
  else
    installed.keys = std::make_shared<ToyKeyring>();
  return installed;
}

}  // namespace

OpenStore in_memory() {
  return
      [](std::unique_ptr<CallbackStore> old) { return old ? std::move(old) : make_memory_store(); };
}

World::World(const Plan& plan, OpenStore open, Fate* fate)
    : plan_(plan),
      installed_(install(plan_)),
      stage_(plan_, hmac_of(plan_)),
      clock_(stage_),
      ids_(plan.seed + 7),
      open_(std::move(open)),
      people_(stage_, installed_, witness_, [this] { return program_; }) {
  stage_.fate = fate;
}

void World::start() {
  store_ = open_(std::move(store_));
  program_ = std::make_shared<Program>(stage_, installed_, *store_, clock_, ids_);
  program_->start();
}

void World::die(Millis down) {
  if (!program_) return;
  ++stage_.tally["process died"];
  program_.reset();
  stage_.agenda.at(stage_.now + down, [this](TimePoint) { start(); });
}

void World::schedule_trouble() {
  Chance& chance = stage_.chance;
  const auto often = [&](Millis every, auto what) {
    if (every <= Millis(0)) return;
    for (auto at = plan_.begin + chance.between(Millis(1), every * 2); at < stage_.calm_at;
         at += chance.between(Millis(1), every * 2))
      stage_.agenda.at(at, what);
  };
  often(plan_.crash_every,
        [this](TimePoint) { die(stage_.chance.between(Millis(100), plan_.longest_down)); });
  often(plan_.freeze_every, [this](TimePoint) {
    if (!program_) return;
    ++stage_.tally["process froze"];
    program_->freeze(stage_.now + stage_.chance.between(Seconds(1), plan_.longest_freeze));
  });
  if (plan_.wall_jump > Millis(0))
    stage_.agenda.at(plan_.begin + chance.between(Minutes(1), Minutes(10)), [this](TimePoint) {
      ++stage_.tally["clock jumped"];
      stage_.wall_ahead += plan_.wall_jump;
    });
  stage_.agenda.at(stage_.calm_at,
                   [this](TimePoint) { stage_.exchange.change_faults(exchange::Faults{}); });
}

void World::deliver() {
  for (auto& letter : stage_.exchange.take_due(stage_.now)) {
    if (program_)
      program_->hear(std::move(letter));
    else
      stage_.exchange.webhook_answered(letter.id, std::nullopt, stage_.now);
  }
}

bool World::step() {
  auto next = stage_.agenda.next();
  const auto consider = [&](const std::optional<TimePoint>& due) {
    if (due && (!next || *due < *next)) next = due;
  };
  consider(stage_.exchange.next_due());
  if (program_) consider(program_->next_wake());
  if (!next) return false;
  stage_.now = std::max(stage_.now, *next);
  try {
    stage_.agenda.run(stage_.now);
    deliver();
    people_.look();
    if (program_ && program_->next_wake() && *program_->next_wake() <= stage_.now) program_->pass();
  } catch (const Died&) {
    die(Seconds(3));
  }
  return true;
}

Outcomes World::run(bool tell_all) {
  Outcomes outcomes;
  try {
    start();
  } catch (const Died&) {
    die(Seconds(3));
  }
  people_.begin();
  schedule_trouble();
  std::size_t steps = 0;
  while (step()) {
    if (++steps < kMostSteps && stage_.now - plan_.begin < kLongestWorld) continue;
    outcomes.violations.push_back({{}, "the world does not come to rest"});
    break;
  }
  if (stage_.fate != nullptr) stage_.fate->die_at(0);  // the judge lives
  outcomes.lasted = stage_.now - plan_.begin;
  auto judged = judge(stage_, installed_, witness_, *store_);
  std::move(judged.begin(), judged.end(), std::back_inserter(outcomes.violations));
  if (stage_.tally.count(Program::kTrouble) > 0)
    outcomes.violations.push_back({{}, std::string(Program::kTrouble)});
  std::set<CallbackId> tell;
  if (tell_all) tell = witness_.promised;
  for (const auto& violation : outcomes.violations)
    if (violation.callback != CallbackId()) tell.insert(violation.callback);
  for (const auto& id : tell) outcomes.stories += story_of(stage_, installed_, *store_, id);
  count_ends(outcomes);
  check_pruning(outcomes);
  return outcomes;
}

void World::count_ends(Outcomes& outcomes) {
  stage_.tally["callback"] += static_cast<std::int64_t>(witness_.promised.size());
  stage_.tally["call placed"] += static_cast<std::int64_t>(stage_.exchange.log().size());
  for (const CallbackId& id : witness_.promised) {
    const auto callback = store_->load(id);
    if (!callback) continue;
    ++stage_.tally[word(callback->state)];
    if (callback->late) ++stage_.tally["late truth"];
    for (const Attempt& a : callback->attempts) {
      if (a.state == AttemptState::absent) ++stage_.tally["attempt proven absent"];
      if (a.state == AttemptState::in_doubt_ended) ++stage_.tally["attempt ended in doubt"];
    }
  }
  outcomes.tally = stage_.tally;
}

// What is over and old goes, all of it.
void World::check_pruning(Outcomes& outcomes) {
  const TimePoint later = stage_.now + std::chrono::days(400);
  int gone = kPrunedAtOnce;
  const CallbackStore::Work prune = [&] {
    const auto pruned = store_->prune(later, later, kPrunedAtOnce);
    gone = pruned ? *pruned : 0;
    return pruned.has_value();
  };
  while (gone > 0)
    if (!store_->batch({&prune, 1})) return;
  for (const CallbackId& id : witness_.promised)
    if (store_->load(id).has_value())
      outcomes.violations.push_back({id, "is over and cannot be pruned"});
}

}  // namespace ringback::sim
