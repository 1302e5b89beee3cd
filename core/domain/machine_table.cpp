// The transition table. Read it top to bottom: within a place and an event, the first row whose
// guard holds is taken. docs/state-machine.md is made from it.
#include <array>
#include <limits>

#include "core/domain/machine_actions.hpp"
#include "core/domain/machine_guards.hpp"
#include "core/domain/machine_step.hpp"

namespace ringback::machine {
namespace {

namespace g = guards;
namespace a = actions;
using enum Place;

bool always(const Step&) { return true; }

constexpr Places kOut = at(sending, unknown);
constexpr Places kPlaced = at(ringing_business, screening, ringing_visitor, connected);
constexpr Places kLive = kOut | kPlaced;

// clang-format off
constexpr std::array kTable = {
    // Somebody asks.
    Row{at(nowhere), On::asked, {g::no_text_left, "a code is needed, no text is left today"}, To::stays, {a::refuse_for_budget, "nothing is stored: `budget_reached`"}},
    Row{at(nowhere), On::asked, {g::must_prove, "the number must be proven"}, To::pending, {a::first_code, "order the code's text; code timer"}},
    Row{at(nowhere), On::asked, {g::no_call_left, "no call is left that day"}, To::stays, {a::refuse_for_budget, "nothing is stored: `budget_reached`"}},
    Row{at(nowhere), On::asked, {g::slot_ahead, "a slot was chosen"}, To::scheduled_slot, {a::prove_for_slot, "reserve a call; wait for the slot; give-up timer"}},
    Row{at(nowhere), On::asked, {always, ""}, To::due, {a::prove, "reserve a call; give-up timer"}},

    // The code.
    Row{at(pending), On::code_right, {g::code_is_old, "it ran out"}, To::expired, {a::let_code_expire, "nobody is told"}},
    Row{at(pending), On::code_wrong, {g::code_is_old, "it ran out"}, To::expired, {a::let_code_expire, "nobody is told"}},
    Row{at(pending), On::code_right, {g::no_call_left, "no call is left that day"}, To::stays, {a::refuse_for_budget, "the code stays good: `budget_reached`"}},
    Row{at(pending), On::code_right, {g::slot_ahead, "a slot was chosen"}, To::scheduled_slot, {a::prove_for_slot, "reserve a call; wait for the slot; give-up timer"}},
    Row{at(pending), On::code_right, {always, ""}, To::due, {a::prove, "reserve a call; give-up timer"}},
    Row{at(pending), On::code_wrong, {g::tries_left, "tries are left"}, To::pending, {a::count_wrong_code, "one try fewer"}},
    Row{at(pending), On::code_wrong, {always, ""}, To::expired, {a::let_code_be_guessed, "nobody is told"}},
    Row{at(pending), On::resend, {g::may_resend, "allowed"}, To::pending, {a::new_code, "a new code, the old one is void; code timer anew"}},
    Row{at(pending), On::joined, {always, ""}, To::cancelled, {a::step_aside, "`joined`: the first one goes on"}},
    Row{at(pending), On::code_ran_out, {always, ""}, To::expired, {a::let_code_expire, "nobody is told"}},
    Row{at(pending), On::cancel, {always, ""}, To::cancelled, {a::cancel, ""}},

    // Over is over.
    Row{at(over) | kLive, On::cancel, {g::is_over, "it is over"}, To::stays, {a::refuse_cancel_over, "409"}},

    // Waiting.
    Row{at(scheduled), On::not_before_rang, {always, ""}, To::due, {a::nothing, ""}},
    Row{at(scheduled, queued), On::give_up_rang, {always, ""}, To::alert, {a::withdraw_too_old, "attempt withdrawn, too old"}},
    Row{at(scheduled, queued), On::cancel, {g::may_be_bridged_unseen, "the carrier runs the bridge and an earlier call is in doubt"}, To::stays, {a::refuse_cancel, "409: too late"}},
    Row{at(scheduled, queued), On::cancel, {always, ""}, To::cancelled, {a::cancel_waiting, "attempt withdrawn"}},

    // The claim: the last look before the request leaves.
    Row{at(queued), On::dial_claimed, {g::shut_or_phantom, "shut meanwhile, or a phantom is up"}, To::due, {a::withdraw_attempt, "attempt withdrawn"}},
    Row{at(queued), On::dial_claimed, {g::left_alone_and_another, "the account is left alone, another is there"}, To::queued, {a::pass_over_account, "attempt withdrawn; same number through the next account"}},
    Row{at(queued), On::dial_claimed, {g::must_wait, "no free line, not this account's turn, or it is left alone"}, To::queued, {a::postpone_dial, "the order's due time moves; nothing is sent"}},
    Row{at(queued), On::dial_claimed, {g::budget_spent, "the day's budget is spent"}, To::alert, {a::withdraw_for_budget, "attempt withdrawn"}},
    Row{at(queued), On::dial_claimed, {always, ""}, To::ringing_business, {a::claim, "attempt `sending`; doubt timer; commit, then send, once"}},

    // The carrier's answer to the order.
    Row{at(queued) | kOut, On::placed, {always, ""}, To::as_known, {a::bind, "**bind**: reference stored, poll timer; hang up if it is over"}},
    Row{kOut, On::not_taken, {g::is_over, "it is over"}, To::stays, {a::withdraw_untaken, "attempt withdrawn, money back"}},
    Row{kOut, On::not_taken, {g::may_try_again, "fewer than 6 times, not too old"}, To::queued, {a::retry_dial, "attempt `ready` again; dial after 2, 4, 8 … s or Retry-After"}},
    Row{kOut, On::not_taken, {g::another_account, "another account is there"}, To::queued, {a::next_account_unavailable, "attempt `rejected`; same number through the next account"}},
    Row{kOut, On::not_taken, {always, ""}, To::next, {a::reject_unavailable, "attempt `rejected`, money back"}},
    Row{kOut, On::refused_number, {always, ""}, To::next, {a::strike_number, "attempt `rejected`, money back; the number is struck"}},
    Row{kOut, On::refused_account, {g::another_account, "another account is there"}, To::queued, {a::next_account_refused, "attempt `rejected`; same number through the next account"}},
    Row{kOut, On::refused_account, {always, ""}, To::next, {a::reject_refused, "attempt `rejected`, money back"}},
    Row{at(sending), On::no_answer, {always, ""}, To::in_doubt, {a::doubt, "attempt `unknown`; first look-up soon"}},
    Row{at(sending), On::sender_died, {always, ""}, To::in_doubt, {a::doubt, "attempt `unknown`; first look-up soon"}},
    Row{at(sending), On::doubt_rang, {always, ""}, To::in_doubt, {a::doubt, "attempt `unknown`; first look-up soon"}},

    // Doubt.
    Row{at(unknown), On::doubt_rang, {g::doubt_over, "30 min after the claim"}, To::alert, {a::end_in_doubt, "attempt `in_doubt_ended`"}},
    Row{at(unknown), On::doubt_rang, {g::cannot_ask_any_more, "the carrier cannot be asked, and the quarantine is over"}, To::alert, {a::end_in_doubt, "attempt `in_doubt_ended`"}},
    Row{at(unknown), On::doubt_rang, {g::cannot_ask, "the carrier cannot be asked"}, To::in_doubt, {a::wait_out_quarantine, "doubt timer at the quarantine's end"}},
    Row{at(unknown), On::doubt_rang, {always, ""}, To::in_doubt, {a::look_up, "order a look-up; doubt timer again"}},
    Row{at(unknown), On::look_found, {always, ""}, To::as_known, {a::bind_and_poll, "**bind**; poll at once"}},
    Row{at(unknown), On::look_empty, {g::empty_proves_and_redials, "nothing, the second time after the quarantine; may redial"}, To::next, {a::prove_absent, "attempt `absent`, money back"}},
    Row{at(unknown), On::look_empty, {g::empty_proves, "nothing, the second time after the quarantine"}, To::alert, {a::end_in_doubt, "attempt `in_doubt_ended`"}},
    Row{at(unknown), On::look_empty, {g::empty_counts, "nothing, the first time after the quarantine"}, To::stays, {a::count_empty_look, "counted"}},

    // News of a call: first whose call it is, then what it means.
    Row{at(queued) | kOut, On::known, {g::unbound, "no reference known yet"}, To::as_known, {a::bind, "**bind**, then the row for the news itself"}},
    Row{kPlaced, On::known, {g::all_over, "both legs known to be over"}, To::settle, {a::end_attempt, "attempt `ended`"}},
    Row{kPlaced, On::known, {g::half_over, "the business leg ended, a visitor leg is possible"}, To::stays, {a::poll_for_end, "poll at once"}},
    Row{kPlaced, On::known, {g::first_gone, "no such call, the first time"}, To::stays, {a::poll_for_end, "poll again"}},
    Row{at(ringing_business, screening), On::known, {g::accepts_unasked, "nobody is asked for a key"}, To::ringing_visitor, {a::open_gate, "the gate opens"}},
    Row{at(ringing_business), On::known, {g::visitor_leg_seen, "the carrier runs the bridge and rings the visitor"}, To::ringing_visitor, {a::nothing, ""}},
    Row{at(ringing_business), On::known, {g::business_answered, "the business answered"}, To::screening, {a::nothing, "the instruction is *ask for a key*"}},
    Row{at(screening), On::known, {g::visitor_leg_seen, "the carrier runs the bridge and rings the visitor"}, To::ringing_visitor, {a::nothing, ""}},
    Row{at(ringing_visitor), On::known, {g::visitor_answered, "the visitor answered"}, To::connected, {a::nothing, ""}},
    Row{at(queued) | kOut, On::hinted, {g::unbound, "no reference known yet"}, To::as_known, {a::bind_and_poll, "**bind**; unsigned news only order a poll"}},
    Row{kPlaced, On::hinted, {always, ""}, To::stays, {a::poll_now, "unsigned news only order a poll"}},
    Row{at(screening), On::key, {g::pressed_1, "key 1"}, To::ringing_visitor, {a::open_gate, "the gate opens, on disk before the answer leaves"}},
    Row{at(screening), On::key, {g::pressed_other, "another key, or silence twice"}, To::stays, {a::refuse_key, "a friendly good-bye; the leg's end settles"}},

    // Polls.
    Row{kPlaced, On::poll_rang, {g::polling_over_and_seen, "polling is over, the visitor was seen to answer"}, To::completed, {a::complete_unseen, "attempt `in_doubt_ended`"}},
    Row{kPlaced, On::poll_rang, {g::polling_over, "polling is over"}, To::alert, {a::stop_polling, "attempt `in_doubt_ended`"}},
    Row{at(scheduled, queued, over) | kLive, On::poll_rang, {g::something_to_poll, "a call is not known to be over"}, To::stays, {a::poll_again_or_forget, "order polls; poll timer again"}},

    // Time and the visitor's change of mind.
    Row{kLive, On::give_up_rang, {g::not_over, "it is not over"}, To::stays, {a::note_too_old, "the call under way may finish, no other follows"}},
    Row{at(sending, unknown, ringing_business, screening), On::cancel, {g::can_still_cancel, "the gate is shut, we run the bridge"}, To::cancelled, {a::cancel_call, "hang up as soon as there is a reference; the gate never opens"}},
    Row{kLive, On::cancel, {always, ""}, To::stays, {a::refuse_cancel, "409: simply decline"}},

    // A dead attempt's call turns up after all.
    Row{at(dead), On::placed, {g::unbound, "no reference known yet"}, To::as_known, {a::bind_phantom, "adopted as knowledge"}},
    Row{at(dead), On::known, {g::unbound, "no reference known yet"}, To::as_known, {a::bind_phantom, "adopted as knowledge"}},
    Row{at(dead), On::look_found, {g::may_be_found, "absent or in doubt, no reference known yet"}, To::as_known, {a::bind_phantom_and_poll, "adopted as knowledge; poll at once"}},
    Row{at(dead), On::hinted, {g::unbound, "no reference known yet"}, To::as_known, {a::bind_phantom_and_poll, "adopted as knowledge; poll at once"}},
    Row{at(dead), On::known, {g::late_truth, "they talked"}, To::completed, {a::tell_late_truth, "late truth"}, true},
    Row{at(dead), On::known, {g::up_and_nobody_talks, "it is up and nobody talks"}, To::stays, {a::hang_up_phantom, "hang up; poll"}},
    Row{at(dead), On::known, {g::phantom_here, "they talk"}, To::stays, {a::watch_phantom, "never cut; poll"}},
    Row{at(dead), On::hinted, {always, ""}, To::stays, {a::poll_now, "unsigned news only order a poll"}},

    // An operator begins anew.
    Row{at(over), On::retry, {g::retry_over_budget, "no call is left today"}, To::stays, {a::refuse_for_budget, "`budget_reached`"}},
    Row{at(over), On::retry, {g::may_retry, "proven, consent fresh, no call up or in doubt (or \"anyway\")"}, To::due, {a::begin_again, "generation + 1; all counters anew; a call reserved"}, true},

    // Routine: it is due now.
    Row{at(due), On::entered, {g::phantom_up, "a phantom is up"}, To::scheduled_retry, {a::wait_for_phantom, "in 30 s"}},
    Row{at(due), On::entered, {g::is_too_old, "too old"}, To::alert, {a::nothing, ""}},
    Row{at(due), On::entered, {g::is_open, "open"}, To::queued, {a::make_attempt, "attempt `ready` for the current number; order the dial"}},
    Row{at(due), On::entered, {g::opens_first, "shut, `schedule`, nothing has rung yet"}, To::scheduled_opening, {a::wait_for_first_opening, "give-up counts from that opening"}},
    Row{at(due), On::entered, {g::opens_in_time, "shut, `schedule`, the opening is in time"}, To::scheduled_opening, {a::wait_for_opening, ""}},
    Row{at(due), On::entered, {always, ""}, To::alert, {[](Step& s) { s.callback.fault = Reason::outside_hours; }, "`outside_hours`"}},

    // Routine: the next number, the next round, or the end.
    Row{at(next), On::entered, {g::is_too_old, "too old"}, To::alert, {a::nothing, ""}},
    Row{at(next), On::entered, {g::another_number, "another number is left in this round"}, To::due, {a::step_number, ""}},
    Row{at(next), On::entered, {g::another_round, "a round is left and its gap ends in time"}, To::scheduled_retry, {a::next_round, "from the first number"}},
    Row{at(next), On::entered, {always, ""}, To::alert, {a::nothing, ""}},

    // Routine: both legs are over.
    Row{at(settle), On::entered, {g::they_talked, "they talked"}, To::completed, {a::complete, ""}},
    Row{at(settle), On::entered, {g::cancelled_too_late, "cancelled too late"}, To::cancelled, {a::cancel_late, "`by_visitor`, `by_operator`: nothing follows"}},
    Row{at(settle), On::entered, {g::visitor_declined, "the visitor declined"}, To::alert, {a::settle_visitor, "no second chance"}},
    Row{at(settle), On::entered, {g::second_chance, "visitor busy, no answer or unreachable; the first time, and it fits"}, To::scheduled_retry, {a::give_second_chance, "in 5 min; not a round"}},
    Row{at(settle), On::entered, {g::visitor_missed, "visitor busy, no answer or unreachable"}, To::alert, {a::settle_visitor, ""}},
    Row{at(settle), On::entered, {always, ""}, To::next, {a::settle_business, "the business was not reached"}},

    // Routine: the end of a proven callback without a talk. One text to the business, once.
    Row{at(alert), On::entered, {g::nobody_can_tell, "a call may have rung, nobody can tell"}, To::missed, {a::alert_unknown, "`outcome_unknown`; text to the business"}},
    Row{at(alert), On::entered, {g::visitor_was_reason, "the business accepted last, the visitor was not reached"}, To::failed, {a::alert_visitor, "`visitor_…`; text to the business"}},
    Row{at(alert), On::entered, {g::business_rang, "the business rang"}, To::missed, {a::alert_business, "that of its last leg; text to the business"}},
    Row{at(alert), On::entered, {g::was_outside_hours, "nothing rang: outside hours"}, To::missed, {a::alert_fault, "`outside_hours`; text to the business"}},
    Row{at(alert), On::entered, {g::carrier_at_fault, "nothing rang: the carrier, or the day's budget"}, To::failed, {a::alert_fault, "`carrier_…`, `budget_reached`; text to the business"}},
    Row{at(alert), On::entered, {always, ""}, To::expired, {a::alert_too_old, "`too_old`; text to the business"}},

    // Texts.
    Row{at(text_ready), On::text_claimed, {g::text_not_wanted, "a code that nobody waits for, or they talked after all"}, To::stays, {a::drop_text, "not sent, money back"}},
    Row{at(text_ready), On::text_claimed, {g::code_waits_too_long, "a code, and for longer than anybody waits for it no text goes out"}, To::failed, {a::fail_code_unavailable, "`carrier_unavailable`; nobody is told"}},
    Row{at(text_ready), On::text_claimed, {g::code_over_budget, "a code, and no text is left today"}, To::failed, {a::fail_code_for_budget, "`budget_reached`; nobody is told"}},
    Row{at(text_ready), On::text_claimed, {g::text_over_budget, "no text is left today"}, To::stays, {a::refuse_text_for_budget, "message `refused`"}},
    Row{at(text_ready), On::text_claimed, {always, ""}, To::stays, {a::claim_text, "message `sending`; commit, then send, once"}},
    Row{at(text_ready, text_sending, text_unknown), On::text_accepted, {always, ""}, To::stays, {a::accept_text, "message `accepted`"}},
    Row{at(text_sending, text_unknown), On::text_not_taken, {g::text_may_try_again, "fewer than 6 times"}, To::stays, {a::retry_text, "message `ready` again, later"}},
    Row{at(text_sending, text_unknown), On::text_not_taken, {g::code_wanted, "a code that is waited for"}, To::failed, {a::fail_code_unavailable, "`carrier_unavailable`; nobody is told"}},
    Row{at(text_sending, text_unknown), On::text_not_taken, {always, ""}, To::stays, {a::refuse_text_unavailable, "message `refused`"}},
    Row{at(text_sending, text_unknown), On::text_refused, {g::code_wanted, "a code that is waited for"}, To::failed, {a::fail_code_refused, "`carrier_refused`; nobody is told"}},
    Row{at(text_sending, text_unknown), On::text_refused, {always, ""}, To::stays, {a::refuse_text_refused, "message `refused`"}},
    Row{at(text_sending), On::text_no_answer, {always, ""}, To::stays, {a::doubt_text, "message `unknown`; a code's text counts as sent"}},
    Row{at(text_sending), On::sender_died, {always, ""}, To::stays, {a::doubt_text, "message `unknown`"}},
    Row{at(text_sending), On::text_doubt_rang, {g::text_lease_over, "the sender has been silent for too long"}, To::stays, {a::doubt_text, "message `unknown`"}},
    Row{at(text_unknown), On::text_doubt_rang, {g::text_still_asked, "it can be looked up"}, To::stays, {a::look_up_text, "order a look-up; timer again"}},
    Row{at(text_ready, text_unknown), On::text_found, {always, ""}, To::stays, {a::accept_text, "message `accepted`"}},
    Row{at(text_unknown), On::text_absent, {g::text_absence_proves, "nothing, the second time after the quarantine"}, To::stays, {a::send_text_again, "sent once more"}},
    Row{at(text_unknown), On::text_absent, {g::text_absence_twice, "nothing, after it was sent once more"}, To::stays, {a::leave_text_unknown, "stays `unknown`"}},
    Row{at(text_unknown), On::text_absent, {g::text_absence_counts, "nothing, the first time after the quarantine"}, To::stays, {a::count_absent_text, "counted"}},
};
// clang-format on

// What the compiler checks.

constexpr bool is_state(To to) { return to >= To::pending && to <= To::expired; }
constexpr bool is_final_place(Places from) { return (from & ~at(over, dead)) == 0; }

// Only rows that say so lead out of a final state.
consteval bool over_is_over() {
  for (const Row& row : kTable)
    if (is_final_place(row.from) && row.to != To::stays && row.to != To::as_known && !row.reopens)
      return false;
  return true;
}

// A routine is entered by some row, and its last row has no guard, so that it always leads
// somewhere.
consteval bool routines_are_total() {
  for (const Place routine : {due, next, alert, settle}) {
    bool total = false;
    for (const Row& row : kTable) {
      if (row.from != at(routine)) continue;
      if (total) return false;  // a row behind the unguarded one would never be reached
      if (row.when.holds == always) total = true;
    }
    if (!total) return false;
  }
  return true;
}

consteval bool every_target_is_reached() {
  for (int to = 0; to <= static_cast<int>(To::settle); ++to) {
    bool reached = false;
    for (const Row& row : kTable) reached = reached || row.to == static_cast<To>(to);
    if (!reached) return false;
  }
  return true;
}

// The visitor's telephone: only these rows open the gate, and they do so from a screened call.
consteval bool gate_opens_only_when_asked() {
  for (const Row& row : kTable)
    if (row.then.run == a::open_gate && row.when.holds != g::pressed_1 &&
        row.when.holds != g::accepts_unasked)
      return false;
  return true;
}

// Nothing but the claim moves an attempt to `sending`, and the claim starts the doubt timer.
consteval bool only_the_claim_sends() {
  int claims = 0;
  for (const Row& row : kTable)
    if (row.then.run == a::claim)
      claims += row.from == at(queued) && row.on == On::dial_claimed ? 1 : 9;
  return claims == 1;
}

static_assert(over_is_over());
static_assert(routines_are_total());
static_assert(every_target_is_reached());
#ifndef RINGBACK_UBSAN  // g++ 12 cannot compare these functions in a constant expression under
                        // UBSan
static_assert(gate_opens_only_when_asked());
static_assert(only_the_claim_sends());
#endif
static_assert(is_state(To::queued) && !is_state(To::settle));

// The table's rows by event: most events have a handful of the hundred and more.
constexpr std::size_t kEvents = static_cast<std::size_t>(On::text_absent) + 1;
static_assert(kTable.size() <= std::numeric_limits<RowNo>::max());

struct ByEvent {
  std::array<RowNo, kTable.size()> rows{};
  std::array<RowNo, kEvents + 1> begin{};  // and, with the next one's, the end
};

constexpr ByEvent kByEvent = [] {
  ByEvent by;
  std::size_t count = 0;
  for (std::size_t event = 0; event < kEvents; ++event) {
    by.begin[event] = static_cast<RowNo>(count);
    for (std::size_t no = 0; no < kTable.size(); ++no)
      if (static_cast<std::size_t>(kTable[no].on) == event)
        by.rows[count++] = static_cast<RowNo>(no);
  }
  by.begin[kEvents] = static_cast<RowNo>(count);
  return by;
}();
static_assert(kByEvent.begin[kEvents] == kTable.size(), "every row has its event");

}  // namespace

const Row* table_begin() { return kTable.data(); }
const Row* table_end() { return kTable.data() + kTable.size(); }

std::span<const RowNo> rows_on(On event) {
  const auto no = static_cast<std::size_t>(event);
  const std::size_t begin = kByEvent.begin[no];
  return std::span(kByEvent.rows).subspan(begin, kByEvent.begin[no + 1] - begin);
}

}  // namespace ringback::machine
