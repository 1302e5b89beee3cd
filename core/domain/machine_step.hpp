// What guards and actions of the transition table see: one decision in the making.
#pragma once

#include <span>
#include <string_view>

#include "core/domain/machine.hpp"

namespace ringback::machine {

// Where a callback is, as far as the rules differ. A place is of the callback, of the attempt that
// the event is about, or of a message.
enum class Place : std::uint8_t {
  nowhere,
  pending,
  scheduled,
  queued,
  sending,
  unknown,
  ringing_business,
  screening,
  ringing_visitor,
  connected,
  over,  // final, and the event is not about an attempt that lives
  dead,  // the event is about an attempt that was given up, refused or is over
  due,
  next,
  alert,
  settle,
  text_ready,
  text_sending,
  text_unknown,
};

enum class On : std::uint8_t {
  asked,
  code_right,
  code_wrong,
  resend,
  joined,
  cancel,
  retry,
  code_ran_out,
  not_before_rang,
  give_up_rang,
  poll_rang,
  doubt_rang,
  dial_claimed,
  placed,
  not_taken,
  refused_number,
  refused_account,
  no_answer,
  sender_died,
  look_found,
  look_empty,
  look_ambiguous,
  known,
  hinted,
  key,
  entered,
  text_claimed,
  text_accepted,
  text_not_taken,
  text_refused,
  text_no_answer,
  text_doubt_rang,
  text_found,
  text_absent,
};

enum class To : std::uint8_t {
  stays,
  as_known,  // and again: the next row for the same knowledge
  pending,
  scheduled_opening,
  scheduled_slot,
  scheduled_retry,
  queued,
  ringing_business,
  in_doubt,
  screening,
  ringing_visitor,
  connected,
  completed,
  missed,
  failed,
  cancelled,
  expired,
  due,
  next,
  alert,
  settle,
};

struct Step {
  const Callback& before;
  Callback& callback;
  Attempt* attempt;  // that the event is about, or the live one
  Message* message;
  const Event& event;
  const Situation& situation;
  const Rules& rules;
  Decision& decision;
  bool was_over;  // the callback was final when the event came

  TimePoint now() const { return situation.now; }
  const AccountRules& account_of(const Attempt& a) const;
  void order(OrderKind kind, int item, TimePoint due);
  void drop(OrderKind kind, int item);
  void set_timer(TimerKind kind, TimePoint due);
  void clear_timer(TimerKind kind);
  void budget(Budget what, int day, int delta);
};

struct Guard {
  bool (*holds)(const Step&);
  std::string_view words;  // empty: always
};

struct Action {
  void (*run)(Step&);
  std::string_view words;
};

using Places = std::uint32_t;
constexpr Places at(Place place) { return Places{1} << static_cast<unsigned>(place); }
template <class... P>
constexpr Places at(Place first, P... rest) {
  return at(first) | at(rest...);
}

struct Row {
  Places from;
  On on;
  Guard when;
  To to;
  Action then;
  bool reopens = false;  // may change a callback that is over
};

// Merges what an event tells about the attempt's call into the attempt: views rise, the first final
// one stays. True if anything was learned.
bool learn(Step& step);

// When the attempt is polled again, after as many polls as it counts.
TimePoint next_poll(const Attempt& attempt, const AccountRules& account, const Rules& rules,
                    TimePoint now);

const Row* table_begin();
const Row* table_end();
using RowNo = std::uint8_t;
std::span<const RowNo> rows_on(On event);  // in the table's order

}  // namespace ringback::machine
