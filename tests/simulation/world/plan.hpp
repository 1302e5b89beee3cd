// What one small world is like: its weather, its people, its rules. All of it follows from a seed.
#pragma once

#include <cstdint>
#include <vector>

#include "adapters/exchange/weather.hpp"
#include "core/usecases/switchboard.hpp"

namespace ringback::sim {

// What somebody does whose telephone rings.
enum class Does : std::uint8_t {
  accept,    // answers; the business presses 1, the visitor talks
  press_2,   // answers and presses another key
  keep_mum,  // answers and stays silent
  ring_off,  // answers and hangs up
  decline,
  busy,
  ignore,
  machine,
};

struct Plan {
  std::uint64_t seed = 1;
  int callbacks = 64;
  TimePoint begin{Seconds(1'795'000'000)};
  Millis arrivals{Minutes(10)};  // all ask within this
  Millis storm{Minutes(40)};     // then the world turns kind
  bool real_hmac = false;

  // Between us and the exchange, beside what the exchange does by itself.
  exchange::Faults faults;
  double refused_connection = 0;  // provably not sent
  double lost_request = 0;        // on its way, and never taken
  double late_request = 0;        // taken up to `latest` after it left, when nobody waits any more
  Millis latest{Seconds(150)};

  // Our own machine.
  Millis crash_every{0};  // on average; 0: never
  Millis longest_down{Seconds(40)};
  Millis freeze_every{0};
  Millis longest_freeze{Seconds(60)};
  double busy_machine = 0;   // a letter that is to leave waits up to 20 s
  double store_trouble = 0;  // a batch does not get to disk
  Millis wall_jump{0};       // once, forwards

  // People.
  double proven = 0.3;      // no code is asked for
  double same_phone = 0.1;  // somebody asked with this number before
  double lost_answer = 0;   // the visitor does not hear our answer, and asks again
  double forgets_code = 0.04;
  double mistypes = 0.1;
  double resends = 0.05;
  double cancels = 0.2;
  double slots = 0.05;
  double operator_retries = 0;
  Millis cancels_within{Minutes(12)};
  std::vector<Does> businesses;  // drawn from
  std::vector<Does> visitors;
  bool in_order = false;  // not drawn: one after the other, the last one again and again

  // The business.
  Rules rules;
  BusinessHours hours;
  BudgetCaps caps{.calls = 1'000'000, .texts = 1'000'000};
  DurableLimits limits;
  int max_concurrent = 10;
};

BusinessHours always_open();
PhoneNumber business_number(int which);
PhoneNumber visitor_number(int which);
AccountRules account_rules(std::string name);

Plan plan_of(std::uint64_t seed, int callbacks);

}  // namespace ringback::sim
