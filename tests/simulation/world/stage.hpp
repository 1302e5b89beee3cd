// What outlives every process of one small world: the true time, the exchange, what is on its way.
#pragma once

#include <map>
#include <set>
#include <string>

#include "adapters/exchange/exchange.hpp"
#include "tests/simulation/world/chance.hpp"
#include "tests/simulation/world/fate.hpp"
#include "tests/simulation/world/plan.hpp"

namespace ringback::sim {

// How often something happened, by name: a simulation that never met a fault shows nothing.
using Tally = std::map<std::string_view, std::int64_t>;

struct Stage {
  explicit Stage(const Plan& the_plan, const Hmac& hmac)
      : plan(the_plan),
        chance(plan.seed),
        now(plan.begin),
        exchange(options(plan), hmac),
        calm_at(plan.begin + plan.storm) {}

  static exchange::ExchangeOptions options(const Plan& plan) {
    exchange::ExchangeOptions options;
    options.boot_id = "0";
    options.faults = plan.faults;
    options.most_events = 0;
    options.manners.most_ended = 1'000'000;
    options.most_texts = 1'000'000;
    return options;
  }

  bool stormy() const { return now < calm_at; }
  bool strikes(double rate) { return stormy() && chance.strikes(rate); }
  void point(std::string_view name) {
    if (fate != nullptr) fate->point(name);
  }

  const Plan& plan;
  Chance chance;
  TimePoint now;
  Millis wall_ahead{0};  // our clock before the exchange's
  exchange::Agenda agenda;
  exchange::Exchange exchange;
  TimePoint calm_at;
  Fate* fate = nullptr;
  Tally tally;
};

// What people know for certain: what they were promised and what they did.
struct Witness {
  std::set<CallbackId> promised;                          // an answer said so, or a commit was made
  std::map<CallbackId, TimePoint> cancelled;              // an answer said so
  std::map<std::string, TimePoint> accepted;              // business legs, where somebody pressed 1
  std::map<CallbackId, int> retried;                      // an operator began anew
  std::vector<std::pair<CallbackId, std::string>> wrong;  // seen on the way
};

}  // namespace ringback::sim
