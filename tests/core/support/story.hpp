// Story: one callback, told event by event. It plays the shell's book-keeping (outbox, timers,
// money) and remembers nothing else, so a test reads like what happened.
#pragma once

#include <map>
#include <string>
#include <utility>

#include "core/domain/machine.hpp"

namespace ringback::test {

inline PhoneNumber number(int n) {
  return *PhoneNumber::from_e164("+1202555010" + std::to_string(n));
}

inline AccountRules account(std::string name = "one") {
  AccountRules rules;
  rules.name = std::move(name);
  return rules;
}

inline Rules ordinary_rules() {
  Rules rules;
  rules.numbers = {number(0)};
  rules.accounts = {account()};
  return rules;
}

struct Story {
  Rules rules = ordinary_rules();
  Callback c;
  Situation world;
  Decision last;
  std::map<std::pair<OrderKind, int>, TimePoint> outbox;
  std::map<TimerKind, TimePoint> timers;
  std::map<std::pair<Budget, int>, int> spent;  // by day
  bool shut = false;

  static constexpr int kToday = 20000;

  Story() {
    world.now = TimePoint{Minutes(60 * 24 * 365)};
    world.today = world.first_due_day = kToday;
    world.steady_since_claim = Minutes(60 * 24);
  }

  TimePoint now() const { return world.now; }

  Verdict feed(const Event& event) {
    world.rules = &rules;
    if (!shut) world.next_opening = world.now;
    last = decide(c, event, world);
    c = last.after;
    for (const auto& drop : last.drops) outbox.erase({drop.kind, drop.item});
    for (const auto& order : last.orders) outbox[{order.kind, order.item}] = order.due;
    for (const auto& timer : last.timers) {
      if (timer.due)
        timers[timer.kind] = *timer.due;
      else
        timers.erase(timer.kind);
    }
    for (const auto& move : last.budget) spent[{move.budget, move.day}] += move.delta;
    return last.verdict;
  }

  // The world.
  void wait(Millis time) { world.now += time; }
  void shut_until(TimePoint opening) {
    shut = true;
    world.next_opening = opening;
  }
  void shut_for_good() {
    shut = true;
    world.next_opening.reset();
  }
  void open_again() { shut = false; }

  // Rings the timer when it is due.
  Verdict ring(TimerKind kind) {
    const auto timer = timers.find(kind);
    if (timer == timers.end()) return Verdict::stale;
    world.now = std::max(world.now, timer->second);
    return feed(TimerRang{kind});
  }

  // What happens, in the words of the product.
  Verdict ask() { return feed(Asked{.proven = true}); }
  Verdict ask_unproven() { return feed(Asked{}); }
  Verdict claim() { return feed(DialClaimed{newest()}); }
  Verdict reply(Taken taken, const std::string& ref = "", Millis retry_after = Millis{0}) {
    return feed(DialAnswered{newest(), attempt().fence, Outcome{taken, ref, retry_after, ""}});
  }
  Verdict placed() { return reply(Taken::accepted, ref()); }
  // From nothing to a call that the carrier knows.
  void call() {
    if (c.attempts.empty()) ask();
    claim();
    placed();
  }
  Verdict news(Side side, View view, bool declined = false) {
    return feed(
        News{.attempt = newest(), .ref = ref(), .side = side, .view = view, .declined = declined});
  }
  Verdict business(View view, bool declined = false) {
    return news(Side::business, view, declined);
  }
  Verdict visitor(View view, bool declined = false) { return news(Side::visitor, view, declined); }
  Verdict hint() {
    News news{.attempt = newest(), .ref = ref()};
    news.hint = true;
    return feed(news);
  }
  Verdict question(Point point, const std::string& digits = "", int round = 1) {
    return feed(Questioned{newest(), ref(), point, round, digits, false});
  }
  Verdict press(const std::string& digits, int round = 1) {
    return question(Point::key, digits, round);
  }
  Verdict snapshot(View business_view, View visitor_view, bool never_joined = false) {
    Snapshot shot;
    shot.attempt = newest();
    shot.ref = ref();
    shot.business = business_view;
    shot.visitor = visitor_view;
    shot.never_joined = never_joined;
    shot.asked_at = now();
    return feed(shot);
  }
  Verdict gone() {
    Snapshot shot;
    shot.attempt = newest();
    shot.ref = ref();
    shot.gone = true;
    shot.asked_at = now();
    return feed(shot);
  }
  Verdict look(int candidates, bool rival = false) {
    return feed(LookedUp{newest(), candidates, rival, candidates == 1 ? ref() : "", now()});
  }
  // The business accepted: the visitor's telephone rings.
  void accepted() {
    call();
    question(Point::answered);
    press("1");
  }
  void connected() {
    accepted();
    visitor(View::answered);
  }
  void in_doubt() {
    if (c.attempts.empty()) ask();
    claim();
    reply(Taken::unknown);
  }
  // The carrier's list is empty, twice, after the quarantine.
  void proven_absent() {
    in_doubt();
    wait(Seconds(211));
    look(0);
    wait(Seconds(60));
    look(0);
  }
  void given_up_in_doubt() {
    in_doubt();
    wait(Minutes(30));
    feed(TimerRang{TimerKind::doubt});
  }
  // The business was not reached; the round is over.
  void missed_call() {
    call();
    business(View::no_answer);
  }

  // What is.
  int newest() const { return static_cast<int>(c.attempts.size()); }
  std::string ref() const { return "CA" + std::to_string(newest()); }
  Attempt& attempt(int no = 0) {
    return c.attempts.at(static_cast<std::size_t>((no == 0 ? newest() : no) - 1));
  }
  Message& message(int no = 0) {
    return no == 0 ? c.messages.back() : c.messages.at(static_cast<std::size_t>(no - 1));
  }
  bool is(State state, Phase phase = Phase::none) const {
    return c.state == state && c.phase == phase;
  }
  bool ended(State state, Reason reason) const { return c.state == state && c.reason == reason; }
  bool ordered(OrderKind kind, int item = 0) const {
    return outbox.count({kind, item == 0 ? newest() : item}) != 0;
  }
  TimePoint order_due(OrderKind kind, int item = 0) const {
    return outbox.at({kind, item == 0 ? newest() : item});
  }
  bool timer(TimerKind kind) const { return timers.count(kind) != 0; }
  TimePoint timer_due(TimerKind kind) const { return timers.at(kind); }
  bool nothing_ordered() const { return last.orders.empty() && last.timers.empty(); }
  int calls() const { return total(Budget::calls); }
  int texts() const { return total(Budget::texts); }
  int alerts() const {
    int n = 0;
    for (const auto& m : c.messages) n += m.purpose == MessagePurpose::alert ? 1 : 0;
    return n;
  }
  int total(Budget what) const {
    int n = 0;
    for (const auto& [key, value] : spent) n += key.first == what ? value : 0;
    return n;
  }

  // Texts.
  Verdict claim_text(int no = 0) {
    return feed(TextClaimed{no == 0 ? message().no : no, Digest{1}});
  }
  Verdict text_reply(Taken taken, int no = 0) {
    const auto& m = message(no);
    return feed(TextAnswered{m.no, m.fence, Outcome{taken, "SM1", Millis{0}, ""}});
  }
};

}  // namespace ringback::test
