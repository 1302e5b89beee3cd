// What decide() is told about the world: the time, the hours, the rules in force, what is left of
// the day's budget. Data, so that it can be stored with the journal line and the decision repeated.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback {

enum class Accept : std::uint8_t { press_1, none };
enum class OutsideHours : std::uint8_t { schedule, sms };
enum class RedialUnknown : std::uint8_t { when_absent, never };

// Every waiting time of the protocol, as `timing.*` can set it in development.
struct Times {
  Millis lease{Seconds(30)};            // a claim whose sender is silent for so long is in doubt
  Millis first_look{Seconds(20)};       // doubt -> first look-up
  Millis look_interval{Seconds(60)};    // between look-ups
  Millis quarantine{Seconds(180)};      // after the lease: until then an empty look proves nothing
  Millis empty_look_gap{Seconds(30)};   // between two empty looks that count
  Millis doubt_end{Minutes(30)};        // after the claim: give up asking
  Millis poll_after_ring{Seconds(15)};  // ring time + this: first poll
  Millis poll_first{Seconds(15)};       // then doubling up to
  Millis poll_longest{Seconds(120)};
  Millis poll_quick{Seconds(3)};  // an account without webhooks, until the two are connected
  Millis poll_tail{Minutes(3)};   // talk time + this: polls become rare
  Millis poll_late{Minutes(10)};  // rare polls, for
  Millis poll_late_for{Minutes(60)};
  Millis snapshot_gap{Seconds(60)};  // between two snapshots that close an attempt
  Millis phantom_recheck{Seconds(30)};
  Millis second_chance{Minutes(5)};   // visitor not reached: one more try after this
  Millis throttle_first{Seconds(2)};  // then doubled
  Millis consent{Minutes(24 * 60)};   // an operator may retry for so long

  friend bool operator==(const Times&, const Times&) = default;
};

constexpr int kMostThrottles = 6;

// Whoever waits for a code looks at the page: what takes longer than this is told at once.
constexpr Seconds kPatienceForCode{30};

// What an account can do, as far as the rules of calling depend on it.
struct AccountRules {
  std::string name;
  bool bridges_itself = false;  // both numbers go into the order; there is no gate
  bool can_hang_up = true;
  bool can_find_calls = true;
  bool polled = false;  // no webhooks come: it is asked again and again instead
  Millis fetch_lag{0};  // a snapshot may be this late

  friend bool operator==(const AccountRules&, const AccountRules&) = default;
};

struct Rules {
  std::vector<PhoneNumber> numbers;  // rung in this order
  std::vector<AccountRules> accounts;
  bool can_find_texts = true;
  Accept accept = Accept::press_1;
  OutsideHours outside_hours = OutsideHours::schedule;
  RedialUnknown redial_unknown = RedialUnknown::when_absent;
  int attempts = 2;
  std::vector<Millis> gaps{Minutes(2), Minutes(10)};  // the last one repeats
  Millis ring{Seconds(25)};
  Millis visitor_ring{Seconds(30)};
  Millis talk{Minutes(60)};
  Millis give_up{Minutes(120)};
  Millis code_ttl{Seconds(300)};
  int code_tries = 5;
  Millis resend{Seconds(60)};  // doubled with each send
  int most_sends = 3;
  Times times;

  friend bool operator==(const Rules&, const Rules&) = default;
};

struct Situation {
  TimePoint now{};
  std::optional<TimePoint> next_opening;  // now, if open; none: never
  int today = 0;                          // the business's date, in days since 1970
  int first_due_day = 0;                  // of the first due time: a slot, the opening, or today
  bool call_left = true;  // one more call fits under the cap of the day it would count to
  bool text_left = true;
  bool line_free = true;
  std::optional<TimePoint> pace_at;   // this account's next turn, if it is not now
  bool left_alone = false;            // this account gets no calls now: its circuit is open
  std::optional<TimePoint> texts_at;  // when texts may go out again, if that is not now
  // The quarantine measured by a clock that never jumps: since the claim, or since this process
  // began.
  Millis steady_since_claim{0};
  const Rules* rules = nullptr;

  bool open() const { return next_opening && *next_opening <= now; }
};

}  // namespace ringback
