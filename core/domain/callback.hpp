// The state of one callback: what is stored, what `decide` turns into the next state.
//
// A callback is one visitor's wish to be rung back. It has attempts (orders to ring the business
// and then the visitor) of which at most one is live, and messages (texts). Plain values:
// comparable, copyable, without behaviour beyond simple questions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "core/domain/id.hpp"
#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback {

// What everybody sees. The last five are final.
enum class State : std::uint8_t {
  pending,
  scheduled,
  queued,
  calling,
  connected,
  completed,
  missed,
  failed,
  cancelled,
  expired,
};

enum class Phase : std::uint8_t {
  none,
  opening,
  slot,
  retry,
  ringing_business,
  screening,
  ringing_visitor,
  in_doubt,
};

enum class Reason : std::uint8_t {
  none,
  business_no_answer,
  business_busy,
  business_declined,
  business_machine,
  visitor_no_answer,
  visitor_busy,
  visitor_declined,
  visitor_unreachable,
  carrier_refused,
  carrier_unavailable,
  joined,
  number_blocked,
  budget_reached,
  outside_hours,
  outcome_unknown,
  too_old,
  by_visitor,
  by_operator,
};

enum class AttemptState : std::uint8_t {
  ready,           // ordered, nobody has claimed it: nothing was sent
  sending,         // claimed: a request may be on its way
  placed,          // the carrier's reference is known
  unknown,         // a request may have been taken; nobody knows
  rejected,        // the carrier said no; nothing rang
  absent,          // proven not to exist
  in_doubt_ended,  // could never be resolved; nobody dials again for it
  ended,           // both legs known to be over
  withdrawn,       // taken back before it was claimed
};

// What is known of a leg. It only ever rises; the first final value stays.
enum class View : std::uint8_t {
  none,
  queued,
  ringing,
  answered,
  busy,
  no_answer,
  failed,
  canceled,
  completed,
};

enum class MessageState : std::uint8_t { ready, sending, unknown, accepted, refused };
enum class MessagePurpose : std::uint8_t { code, alert };
// Too late: whose wish it was is told at the end, if nobody talks.
enum class Cancel : std::uint8_t { none, accepted, too_late, too_late_by_operator };
enum class Side : std::uint8_t { business, visitor };

struct Leg {
  View view = View::none;
  bool declined = false;  // the person refused, as far as the carrier can tell
  std::optional<TimePoint> answered_at;
  std::optional<TimePoint> ended_at;

  friend bool operator==(const Leg&, const Leg&) = default;
};

struct Attempt {
  int no = 0;  // from 1, over all generations
  AttemptState state = AttemptState::ready;
  int generation = 0;
  int account = 0;       // index into Rules::accounts
  int number_index = 0;  // index into Rules::numbers
  PhoneNumber business;
  int fence = 0;       // grows with each claim; a result is applied only to its own claim
  int throttled = 0;   // times the carrier asked us to wait
  int budget_day = 0;  // day (days since 1970) whose cap this attempt counts to; 0: none
  TimePoint made_at{};
  std::optional<TimePoint> claimed_at;
  std::optional<TimePoint> doubt_until;  // an empty look before this proves nothing
  int empty_looks = 0;
  std::optional<TimePoint> empty_look_at;
  std::string ref;  // the carrier's name of the business leg
  Leg business_leg;
  Leg visitor_leg;
  bool gate_open = false;    // the visitor may be rung: a human accepted, durably
  bool key_refused = false;  // another key, or silence twice
  bool machine = false;
  bool never_joined = false;  // the carrier says that the two never heard each other
  bool closed = false;  // no leg is left, or nobody will ever know: it is not asked about again
  std::optional<TimePoint> childless_at;  // first snapshot after the end without a visitor leg
  std::optional<TimePoint> gone_at;       // first "no such call"
  int polls = 0;
  Reason outcome = Reason::none;
  int talk_seconds = 0;

  friend bool operator==(const Attempt&, const Attempt&) = default;
};

struct Message {
  int no = 0;  // from 1
  MessagePurpose purpose = MessagePurpose::code;
  MessageState state = MessageState::ready;
  int generation = 0;
  int fence = 0;
  int throttled = 0;
  int resent = 0;  // times sent again after the first was proven absent
  int budget_day = 0;
  TimePoint made_at{};
  std::optional<TimePoint> claimed_at;
  std::optional<TimePoint> doubt_until;
  int empty_looks = 0;
  std::optional<TimePoint> empty_look_at;
  std::string ref;
  Reason outcome = Reason::none;

  friend bool operator==(const Message&, const Message&) = default;
};

// The proof that the number is the visitor's: a code by text.
struct Verification {
  int sends = 0;
  int tries_left = 0;
  std::optional<TimePoint> expires_at;
  std::optional<TimePoint> resend_at;
  std::optional<Digest> code_hmac;  // of the newest code; none until its text is claimed
  bool suppressed = false;          // no text goes out; every code is wrong

  friend bool operator==(const Verification&, const Verification&) = default;
};

// What the visitor told us. Personal data: sealed at rest, never in the journal.
struct Visitor {
  PhoneNumber phone;
  std::string region;  // of the number: "US"
  std::string name;
  std::string email;
  std::string message;
  std::string locale;

  friend bool operator==(const Visitor&, const Visitor&) = default;
};

struct Callback {
  CallbackId id;
  std::string site;
  Visitor visitor;
  Digest phone_hmac{};
  Digest client_hmac{};

  State state = State::pending;
  Phase phase = Phase::none;
  Reason reason = Reason::none;
  std::int64_t version = 0;  // rises when the row changes; 0: not stored yet
  // Rises when the status document may have changed, which a code's text on its way does not: who
  // watches must not learn whether there is one.
  std::int64_t status_version = 0;
  bool proven = false;
  bool late = false;     // the end was learned from a call given up before
  bool too_old = false;  // no new attempt
  Cancel cancel = Cancel::none;
  int generation = 1;  // grows when an operator retries
  int round = 1;       // pass over the business's numbers
  int number_index = 0;
  int account = 0;                    // the account that the next attempt goes through
  std::vector<int> struck;            // numbers that the carrier said do not exist
  bool rang = false;                  // in this generation
  Reason last_reason = Reason::none;  // why the last leg that rang failed
  Reason visitor_reason =
      Reason::none;             // why the visitor was not reached, if the last attempt got so far
  Reason fault = Reason::none;  // what kept the last attempt that did not ring from ringing
  bool in_doubt_ended = false;  // the last attempt may have rung, nobody can tell
  bool second_chance_used = false;
  int alerted_generation = 0;
  int held_day = 0;  // day (days since 1970) on which a call is reserved; 0: none

  TimePoint created_at{};
  TimePoint updated_at{};                  // with status_version
  std::optional<TimePoint> slot;           // the time that the visitor chose
  std::optional<TimePoint> scheduled_for;  // while scheduled: when it goes on
  std::optional<TimePoint> give_up_at;
  std::optional<TimePoint> proven_at;
  std::optional<TimePoint> finished_at;
  Verification verification;
  std::vector<Attempt> attempts;
  std::vector<Message> messages;

  friend bool operator==(const Callback&, const Callback&) = default;
};

constexpr bool is_final(State s) { return s >= State::completed; }
constexpr bool is_final(View v) { return v >= View::busy; }
constexpr bool is_live(AttemptState s) {
  return s == AttemptState::ready || s == AttemptState::sending || s == AttemptState::placed ||
         s == AttemptState::unknown;
}

const Attempt* live_attempt(const Callback& callback);
Attempt* live_attempt(Callback& callback);
Attempt* attempt_of(Callback& callback, int no);
const Attempt* attempt_of(const Callback& callback, int no);
Message* message_of(Callback& callback, int no);

// Both legs known to be over (the closing rule, durability of knowledge): the end of the business
// leg alone says nothing about a visitor leg that may exist.
bool legs_over(const Attempt& attempt, bool carrier_bridges);

// They talked, and the carrier does not deny it.
bool talked(const Attempt& attempt);

// A call of a dead attempt that is up after all.
bool is_phantom(const Attempt& attempt, bool carrier_bridges);

}  // namespace ringback
