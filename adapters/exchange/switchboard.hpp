// The calls: telephones that ring, are answered, asked, joined and hung up, and the letters that
// tell the program of it. A call is a business leg and at most one visitor leg, which lives no
// longer than the business leg does.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/exchange/agenda.hpp"
#include "adapters/exchange/instruction_json.hpp"
#include "adapters/exchange/postman.hpp"
#include "adapters/exchange/records.hpp"
#include "adapters/exchange/telephone.hpp"

namespace ringback::exchange {

struct CallOrder {
  PhoneNumber to;
  PhoneNumber from;
  std::string hook;      // webhooks go to {hook}/{point}
  std::string sign_key;  // and are signed with this
  Seconds ring{25};
};

struct Call {
  std::uint64_t business = 0;  // numbers of legs
  std::optional<std::uint64_t> visitor;
  std::string hook;
  std::string sign_key;
  std::uint64_t log = 0;
  std::uint64_t step = 0;  // rises with each turn of the conversation: older timers are void
  int asking = 0;          // the round of the prompt that waits for a key; 0: none
  Seconds talk{3600};
  std::optional<TimePoint> joined_at;
  int talk_seconds = 0;
  std::string announce;  // not empty: the talk is recorded
};

struct Tape {
  std::string id;
  std::string call;
  int seconds = 0;
};

enum class Act : std::uint8_t { answer, decline, busy, no_answer, machine, hang_up, digits };
std::optional<Act> act_named(std::string_view name);

enum class ActResult : std::uint8_t { done, no_such_leg, not_now, bad_digits };

struct Manners {
  bool automatic = false;         // numbers act by their last digits
  Millis automatic_talk{60'000};  // so long two automatic people talk
  std::size_t most_ended = 10'000;
  std::size_t most_tapes = 10'000;
};

class Switchboard {
 public:
  Switchboard(std::string boot, const Manners& manners, Agenda& agenda, Postman& postman,
              Records& records)
      : boot_(std::move(boot)),
        manners_(manners),
        agenda_(agenda),
        postman_(postman),
        records_(records) {}

  bool automatic() const { return manners_.automatic; }
  std::string place(const CallOrder& order, TimePoint now);  // the business leg's id
  bool hang_up(std::string_view id, TimePoint now);  // of a business leg; false: no such call
  ActResult act(std::string_view leg, Act act, std::string_view digits, TimePoint now);

  const Call* find(std::string_view id) const;  // by its business leg
  const Tape* tape(std::string_view id) const;
  void erase_tape(std::string_view id);
  const Leg& leg(std::uint64_t no) const { return legs_.at(no); }
  const std::map<std::uint64_t, Leg>& legs() const { return legs_; }
  std::size_t live() const { return calls_.size() - ended_.size(); }

 private:
  struct NewLeg {
    Side role = Side::business;
    PhoneNumber from;
    PhoneNumber to;
    Seconds ring{25};
    std::uint64_t call = 0;  // 0: it begins one
  };
  Leg& add_leg(const NewLeg& what, TimePoint now);
  void ring(std::uint64_t no, TimePoint now);
  void react(std::uint64_t no, TimePoint now);
  void pick_up(Leg& leg, bool machine, TimePoint now);
  void end(Leg& leg, Cause cause, TimePoint now);
  void end_business(Call& call, TimePoint now);
  void end_visitor(Call& call, TimePoint now);
  void press(Leg& leg, std::string_view digits, TimePoint now);

  void obey(Call& call, const Command& command, TimePoint now);
  void obey(Call& call, Leg& leg, const Ask& ask, TimePoint now);
  void obey(Call& call, Leg& leg, const Dial& dial, TimePoint now);
  void obey(Call& call, Leg& leg, const Say& say, TimePoint now);
  void obey(Call& call, Leg& leg, const End& end, TimePoint now);
  void take_key(Call& call, Leg& leg, TimePoint now);

  void tell_status(Call& call, const Leg& leg, TimePoint now);
  void keep_tape(Call& call, TimePoint now);
  void tell_tape(std::uint64_t business, const Tape& tape, TimePoint now);
  void ask_program(Call& call, std::string_view point, int round, std::string_view digits,
                   TimePoint now);

  Leg* leg_by_id(std::string_view id);
  Call& call_of(const Leg& leg) { return calls_.at(leg.call); }
  LogEntry* entry_of(const Call& call) { return records_.entry(call.log); }
  // Takes the next turn of this conversation, unless it took another one before.
  void in_turn(const Call& call, TimePoint due, void (Switchboard::*turn)(Call&, TimePoint));
  void silence(Call& call, TimePoint now);
  void press_one(Call& call, TimePoint now);
  void said(Call& call, TimePoint now);
  void forget_old();

  std::string boot_;  // part of each id, so that none is used again after a restart
  Manners manners_;
  Agenda& agenda_;
  Postman& postman_;
  Records& records_;
  std::uint64_t last_leg_ = 0;
  std::uint64_t last_letter_ = 0;
  std::map<std::uint64_t, Leg> legs_;
  std::map<std::uint64_t, Call> calls_;  // by the business leg's number
  std::deque<Tape> tapes_;               // oldest first
  std::uint64_t last_tape_ = 0;
  std::deque<std::uint64_t> ended_;  // calls, in the order in which they ended
};

}  // namespace ringback::exchange
