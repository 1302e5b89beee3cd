// World: a callback between a small shell and an adversarial exchange. Every choice that the world
// has is a Move; a random walk (property test) and a breadth-first search (model test) take the
// same moves.
//
// The exchange knows the truth: which calls exist, whose telephone rang, who talked. check()
// compares it with what decide() believes, and looks at each decision by itself.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/core/support/story.hpp"

namespace ringback::test {

// One call as it really is.
struct Call {
  int attempt = 0;
  View business = View::queued;
  View visitor = View::none;
  bool asked = false;    // the answer question was put
  bool pressed = false;  // the key question was put
  bool talked = false;
  TimePoint visitor_shows_at{};  // a snapshot before this does not show the visitor leg yet
  bool over() const { return is_final(business) && (visitor == View::none || is_final(visitor)); }
};

struct Request {
  int attempt = 0;
  int fence = 0;
  TimePoint claimed{};
};

enum class Do : std::uint8_t {
  run_order,      // what: index into the outbox
  ring_timer,     // the earliest
  take,           // the exchange takes the request, and its answer is on the way
  take_silently,  // taken, the answer is lost
  lose,           // never taken, no answer
  throttle,
  refuse_number,
  refuse_account,
  die,      // the sender dies; what it sent may be taken later
  deliver,  // what: index into the mail
  repeat,   // delivered, and delivered again later
  drop,
  answer,  // what: index of the call; the business
  ignore,
  decline,
  press,
  press_other,
  visitor_answers,
  visitor_ignores,
  hang_up_both,
  hang_up_business,
  cancel,
  retry,
};

struct Move {
  Do what{};
  int which = 0;
};

struct World {
  Story story;
  std::vector<Call> calls;
  std::vector<Request> requests;  // on their way
  std::vector<Request> orphans;   // their sender is dead; may still be taken in the quarantine
  std::vector<Event> mail;        // on its way to us
  int deaths = 0, repeats = 0, drops = 0;  // that the world may still do
  int cancels = 1, retries = 0, losses = 99;
  bool cancel_accepted = false;
  std::string fault;  // the first broken promise

  void fail_if(const std::string& broken) {
    if (!broken.empty()) fail(broken);
  }
  void fail(const std::string& what) {
    if (fault.empty()) fault = what;
  }

  // All that can happen now.
  std::vector<Move> moves() const;
  void take_move(const Move& move);
  // The world becomes kind: everything arrives, everybody hangs up, time goes on. How many moves
  // until the callback is final and nothing is under way; -1: never.
  int run_to_end(int most);
  void check_end();
  std::uint64_t fingerprint() const;

  Verdict feed(const Event& event);

 private:
  void run(OrderKind kind, int item);
  void deliver(std::size_t index, bool again);
  void news(const Call& call, Side side, View view, bool declined = false);
  void end_call(Call& call);
  void take(const Request& request, bool answered);
  std::string ref_of(const Call& call) const;
  std::optional<Move> kind_move() const;
  bool bridges() const { return story.rules.accounts[0].bridges_itself; }
  void ring_visitor(Call& call);
};

}  // namespace ringback::test
