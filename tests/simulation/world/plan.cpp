#include "tests/simulation/world/plan.hpp"

#include <fmt/format.h>

#include <array>

#include "tests/simulation/world/chance.hpp"

namespace ringback::sim {
namespace {

using enum Does;

BusinessHours hours_of(std::string_view text) {
  BusinessHours hours;
  for (auto& day : hours.week) day = parse_day_hours(text).value();
  return hours;
}

// Some worlds are kind, most are rough in some way, a few in every way.
void draw_weather(Plan& plan, Chance& chance) {
  const auto some = [&](double most) { return chance.strikes(0.6) ? most : 0.0; };
  exchange::Faults& faults = plan.faults;
  faults.seed = chance.draw();
  faults.latency = chance.between(Millis(0), Millis(40));
  if (chance.strikes(0.1)) return;
  faults.lose_reply_rate = some(0.08);
  faults.error_rate = some(0.08);
  faults.throttle_rate = some(0.08);
  faults.refuse_rate = some(0.03);
  faults.duplicate_rate = some(0.1);
  faults.drop_rate = some(0.1);
  if (chance.strikes(0.6)) faults.reorder = Seconds(60);
  plan.refused_connection = some(0.03);
  plan.lost_request = some(0.03);
  plan.late_request = some(0.03);
  if (chance.strikes(0.5)) plan.crash_every = chance.between(Minutes(1), Minutes(8));
  if (chance.strikes(0.4)) plan.freeze_every = chance.between(Minutes(1), Minutes(8));
  plan.busy_machine = some(0.01);
  plan.store_trouble = some(0.01);
  plan.lost_answer = some(0.05);
  if (chance.strikes(0.1)) plan.wall_jump = chance.between(Seconds(1), Minutes(2));
}

void draw_people(Plan& plan, Chance& chance) {
  plan.businesses = {accept, accept,  accept,  accept,  accept,   accept,  accept,
                     accept, accept,  accept,  accept,  accept,   busy,    ignore,
                     ignore, decline, machine, press_2, keep_mum, ring_off};
  plan.visitors = {accept, accept,  accept, accept, accept,  accept,
                   accept, decline, busy,   ignore, machine, ring_off};
  if (chance.strikes(0.15)) plan.businesses = {ignore, busy, decline, machine};
  if (chance.strikes(0.15)) plan.visitors = {ignore, busy, decline, accept};
  if (chance.strikes(0.2)) plan.operator_retries = 0.2;
}

void draw_rules(Plan& plan, Chance& chance) {
  Rules& rules = plan.rules;
  const int numbers = chance.between(1, 3);
  for (int i = 0; i < numbers; ++i) rules.numbers.push_back(business_number(i));
  rules.accounts.push_back(account_rules("first"));
  if (chance.strikes(0.3)) rules.accounts.push_back(account_rules("second"));
  rules.attempts = chance.between(1, 3);
  rules.talk = Minutes(10);
  if (chance.strikes(0.2)) rules.give_up = Minutes(chance.between(3, 20));
  if (chance.strikes(0.2)) rules.redial_unknown = RedialUnknown::never;
  if (chance.strikes(0.1)) rules.accept = Accept::none;
  if (chance.strikes(0.1)) rules.can_find_texts = false;
  plan.max_concurrent = chance.one_of(std::array{2, 4, 10, 40});
  plan.hours = always_open();
  if (chance.strikes(0.15)) {
    plan.hours = hours_of("09:00-12:00, 13:00-17:00");
    rules.outside_hours = chance.strikes(0.5) ? OutsideHours::sms : OutsideHours::schedule;
    plan.begin = std::chrono::floor<std::chrono::days>(plan.begin) + Minutes(9 * 60) +
                 chance.between(Minutes(0), Minutes(9 * 60));
  }
  if (chance.strikes(0.1)) plan.caps = {.calls = plan.callbacks / 2, .texts = plan.callbacks};
  plan.limits.call_number = {{.count = 6, .span = Seconds(86'400)}};
  plan.limits.wrong_client = {{.count = 20, .span = Seconds(3'600)}};
  plan.limits.wrong_phone = {{.count = 20, .span = Seconds(3'600)}};
}

}  // namespace

BusinessHours always_open() { return hours_of("00:00-24:00"); }

PhoneNumber business_number(int which) {
  return *PhoneNumber::from_e164(fmt::format("+1202555{:04}", 100 + which));
}

PhoneNumber visitor_number(int which) {
  return *PhoneNumber::from_e164(fmt::format("+1312{:07}", 5'550'000 + which));
}

AccountRules account_rules(std::string name) {
  return {.name = std::move(name),
          .bridges_itself = false,
          .can_hang_up = true,
          .can_find_calls = true,
          .fetch_lag = Millis(0)};
}

Plan plan_of(std::uint64_t seed, int callbacks) {
  Chance chance(seed * 0x9e3779b97f4a7c15ULL + 1);
  Plan plan;
  plan.seed = seed;
  plan.callbacks = callbacks;
  draw_weather(plan, chance);
  draw_people(plan, chance);
  draw_rules(plan, chance);
  return plan;
}

}  // namespace ringback::sim
