#include "tests/conformance/store_suite.hpp"
#include "tests/support/catch.hpp"

#include <thread>

namespace ringback::conformance {
namespace {

constexpr BudgetCaps kNoCaps{1'000'000, 1'000'000};

// Runs one work; whether it was kept is up to the work.
template <class F>
Result<void> in_batch(CallbackStore& store, F&& f) {
  const CallbackStore::Work work = std::forward<F>(f);
  return store.batch(std::span(&work, 1));
}

Result<void> commit(CallbackStore& store, const Commit& commit) {
  Result<void> told;
  const auto kept = in_batch(store, [&] {
    told = store.commit(commit);
    return told.has_value();
  });
  return kept ? told : kept;
}

// The same callback one version on, with whatever `edit` does to it.
template <class F>
Callback edited(const Callback& before, F&& edit) {
  Callback after = before;
  ++after.version;
  edit(after);
  return after;
}

template <class F>
Callback committed(CallbackStore& store, const Callback& before, F&& edit) {
  Callback after = edited(before, edit);
  REQUIRE(commit(store, change(before, after)));
  return after;
}

Callback created(CallbackStore& store, const Callback& callback) {
  REQUIRE(commit(store, creation(callback)));
  return callback;
}

std::vector<CallbackId> owners(const std::vector<DueOrder>& orders) {
  std::vector<CallbackId> ids;
  for (const auto& order : orders) ids.push_back(order.callback);
  return ids;
}

// ---- the chapters ----------------------------------------------------------------------------

void keeps_callbacks(CallbackStore& store) {
  SECTION("an unknown callback is not found") {
    CHECK(store.load(callback_id(1)).error().code == Errc::not_found);
    CHECK(store.journal(callback_id(1)).error().code == Errc::not_found);
  }
  SECTION("a callback comes back as it was, every member of it") {
    const auto full = created(store, a_full_callback(1));
    CHECK(store.load(full.id).value() == full);
    const auto plain = created(store, a_callback(2));
    CHECK(store.load(plain.id).value() == plain);
  }
  SECTION("a change comes back, of the row, an attempt, a text and the visitor") {
    auto now = created(store, a_full_callback(1));
    now = committed(store, now, [](Callback& c) {
      c.state = State::queued;
      c.struck.clear();
      c.slot.reset();
      c.verification = {};
    });
    now = committed(store, now, [](Callback& c) {
      c.attempts[1].business_leg.view = View::completed;
      c.attempts.push_back(an_attempt(3, AttemptState::ready));
    });
    now = committed(store, now, [](Callback& c) {
      c.messages[0].state = MessageState::accepted;
      c.visitor.name = "erased";
    });
    CHECK(store.load(now.id).value() == now);
  }
  SECTION("a change may come without the row as it was before") {
    const auto before = created(store, a_full_callback(1));
    auto c = change(before, edited(before, [](Callback& x) { x.attempts[0].polls = 77; }));
    c.before = nullptr;
    REQUIRE(commit(store, c));
    CHECK(store.load(before.id).value() == c.after);
  }
}

void loses_races_cleanly(CallbackStore& store) {
  const auto before = created(store, a_callback(1));
  SECTION("a callback is created once") {
    CHECK(commit(store, creation(a_callback(1))).error().code == Errc::conflict);
  }
  SECTION("a change of what is not there is a conflict") {
    const auto stranger = a_callback(2);
    CHECK(commit(store, change(stranger, edited(stranger, [](Callback&) {}))).error().code ==
          Errc::conflict);
  }
  SECTION("of two changes of one version the second loses, and leaves nothing") {
    const auto winner = committed(store, before, [](Callback& c) { c.state = State::queued; });
    auto late = change(before, edited(before, [](Callback& c) { c.state = State::cancelled; }));
    late.orders = {{OrderKind::poll, 1, at(1)}};
    late.timers = {{TimerKind::code, at(1)}};
    late.delivery = "d1";
    late.budget = {{Budget::calls, 7, 1}};
    late.limits = {{digest(9), "log", at(99)}};
    late.attempt_tokens = {{digest(8), 1, at(99)}};
    CHECK(commit(store, late).error().code == Errc::conflict);
    CHECK(store.load(before.id).value() == winner);
    CHECK(store.journal(before.id).value().size() == 2);
    CHECK(store.due_orders(at(99), 9, {9, 9}).value().empty());
    CHECK(store.due_timers(at(99), 9).value().empty());
    CHECK_FALSE(store.seen("d1").value());
    CHECK(store.budget_used(Budget::calls, 7).value() == 0);
    CHECK(store.limit_log(digest(9)).value().empty());
    CHECK_FALSE(store.find_attempt(digest(8), at(1)).value());
  }
  SECTION("a conflict inside a work leaves the work free to decide again") {
    REQUIRE(in_batch(store, [&] {
      const auto stale = edited(before, [](Callback& c) { c.version = 9; });
      auto wrong = change(before, stale);
      wrong.expected_version = 8;
      CHECK(store.commit(wrong).error().code == Errc::conflict);
      return store.commit(change(before, edited(before, [](Callback& c) { c.proven = true; })))
          .has_value();
    }));
    CHECK(store.load(before.id).value().proven);
  }
  SECTION("an event that changes nothing leaves a journal line and no version") {
    auto stale = change(before, before);
    stale.expected_version = before.version;
    REQUIRE(commit(store, stale));
    CHECK(store.load(before.id).value() == before);
    CHECK(store.journal(before.id).value().size() == 2);
    stale.expected_version = 7;
    CHECK(commit(store, stale).error().code == Errc::conflict);
  }
}

void batches(CallbackStore& store) {
  SECTION("a work that returns false leaves nothing behind, the others stay") {
    const auto first = created(store, a_full_callback(1));
    auto c = change(first, edited(first, [](Callback& x) {
                      x.state = State::queued;
                      x.proven = true;
                      x.attempts.push_back(an_attempt(3, AttemptState::sending));
                      x.messages[0].state = MessageState::sending;
                    }));
    c.orders = {{OrderKind::dial, 3, at(1)}, {OrderKind::poll, 1, at(1)}};
    c.timers = {{TimerKind::doubt, at(1)}};
    c.budget = {{Budget::calls, 7, 1}};
    c.caps = kNoCaps;
    c.delivery = "d1";
    c.attempt_tokens = {{digest(1), 3, at(99)}};
    c.visitor_tokens = {{digest(2), at(99)}};
    c.idempotency = IdempotencyEntry{digest(3), digest(4), at(99)};
    c.limits = {{digest(5), "log", at(99)}};
    c.pace = std::pair(std::string("main"), at(5));
    c.line.at = at(50);
    const auto figures = store.figures().value();
    const auto last = store.last_commit_at().value();
    const std::vector<CallbackStore::Work> works = {
        [&] { return store.commit(creation(a_callback(2))).has_value(); },
        [&] {
          REQUIRE(store.commit(c));
          REQUIRE(store.commit(creation(a_callback(3))));
          REQUIRE(store.prune(at(99), at(99), 9));
          REQUIRE(store.shift_due(Millis(5)));
          return false;
        },
        [&] { return store.commit(creation(a_callback(4))).has_value(); },
    };
    REQUIRE(store.batch(works));
    CHECK(store.load(callback_id(2)));
    CHECK(store.load(callback_id(4)));
    CHECK(store.load(callback_id(3)).error().code == Errc::not_found);
    CHECK(store.load(first.id).value() == first);
    CHECK(store.journal(first.id).value().size() == 1);
    CHECK(store.due_orders(at(999), 9, {9, 9}).value().empty());
    CHECK(store.due_timers(at(999), 9).value().empty());
    CHECK(store.budget_used(Budget::calls, 7).value() == 0);
    CHECK_FALSE(store.seen("d1").value());
    CHECK_FALSE(store.find_attempt(digest(1), at(1)).value());
    CHECK_FALSE(store.find_visitor_token(digest(2), at(1)).value());
    CHECK_FALSE(store.find_idempotent(digest(3), at(1)).value());
    CHECK(store.limit_log(digest(5)).value().empty());
    CHECK_FALSE(store.pace_slot("main").value());
    CHECK(store.last_commit_at().value() == last);
    CHECK(store.live_attempts().value() == figures.live_attempts);
    CHECK(store.open_texts().value().empty());
    auto expected = figures.open;
    expected[State::pending] += 2;
    CHECK(store.figures().value().open == expected);
    // And it can be done again, for good.
    REQUIRE(commit(store, c));
    CHECK(store.load(first.id).value() == c.after);
    CHECK(store.due_orders(at(999), 9, {9, 9}).value().size() == 2);
  }
  SECTION("what a work wrote is seen by the next one") {
    bool seen = false;
    const std::vector<CallbackStore::Work> works = {
        [&] { return store.commit(creation(a_callback(1))).has_value(); },
        [&] {
          seen = store.load(callback_id(1)).has_value();
          return true;
        },
    };
    REQUIRE(store.batch(works));
    CHECK(seen);
  }
  SECTION("a batch of nothing works") { CHECK(store.batch({})); }
}

void claims_once(CallbackStore& store) {
  auto queued = a_callback(1);
  queued.state = State::queued;
  queued.attempts = {an_attempt(1, AttemptState::ready)};
  auto first = creation(queued);
  first.orders = {{OrderKind::dial, 1, at(0)}};
  REQUIRE(commit(store, first));

  // Two claimers that saw the same row: one of them gets the call.
  const auto claim = [&] {
    auto c = change(queued, edited(queued, [](Callback& x) {
                      x.attempts[0].state = AttemptState::sending;
                      x.attempts[0].claimed_at = at(2);
                      ++x.attempts[0].fence;
                    }));
    c.drops = {{OrderKind::dial, 1}};
    return commit(store, c);
  };
  CHECK(claim());
  CHECK(claim().error().code == Errc::conflict);
  CHECK(store.due_orders(at(99), 9, {9, 9}).value().empty());
  CHECK(store.load(queued.id).value().attempts[0].fence == 1);
}

void keeps_orders(CallbackStore& store) {
  const auto first = created(store, a_callback(1));
  auto c = change(first, edited(first, [](Callback&) {}));
  c.orders = {{OrderKind::poll, 1, at(10)}, {OrderKind::look_up, 1, at(5)}};
  REQUIRE(commit(store, c));

  SECTION("orders come when they are due, the oldest first, no more than asked for") {
    CHECK(store.due_orders(at(4), 9, {9, 9}).value().empty());
    CHECK(store.due_orders(at(5), 9, {9, 9}).value().size() == 1);
    const auto both = store.due_orders(at(10), 9, {9, 9}).value();
    REQUIRE(both.size() == 2);
    CHECK(both[0].kind == OrderKind::look_up);
    CHECK(both[0].due == at(5));
    CHECK(both[0].tries == 0);
    CHECK(both[1].item == 1);
    CHECK(store.due_orders(at(10), 1, {9, 1}).value().size() == 1);
    CHECK(store.due_orders(at(10), 0, {0, 0}).value().empty());
    CHECK(store.next_due({1, 1}).value() == at(5));
  }
  SECTION("a leased order comes back when the lease ends, and the try is counted") {
    REQUIRE(in_batch(
        store, [&] { return store.lease(first.id, OrderKind::look_up, 1, at(35)).has_value(); }));
    CHECK(store.due_orders(at(9), 9, {9, 9}).value().empty());
    const auto back = store.due_orders(at(35), 9, {9, 9}).value();
    REQUIRE(back.size() == 2);
    CHECK(back[1].kind == OrderKind::look_up);
    CHECK(back[1].tries == 1);
  }
  SECTION("a postponed order counts no try; one that was withdrawn is not leased") {
    REQUIRE(store.postpone(first.id, OrderKind::poll, 1, at(90)));
    CHECK(store.due_orders(at(90), 9, {9, 9}).value()[1].tries == 0);
    REQUIRE(store.drop_order(first.id, OrderKind::poll, 1));
    CHECK(store.due_orders(at(90), 9, {9, 9}).value().size() == 1);
    CHECK(store.lease(first.id, OrderKind::poll, 1, at(99)).error().code == Errc::not_found);
    CHECK(store.postpone(first.id, OrderKind::poll, 1, at(99)));
    CHECK(store.drop_order(first.id, OrderKind::poll, 1));
    CHECK(store.drop_order(callback_id(77), OrderKind::poll, 1));
    CHECK(store.due_orders(at(99), 9, {9, 9}).value().size() == 1);
  }
  SECTION("an order of the same kind and item replaces; drops come before orders") {
    REQUIRE(store.lease(first.id, OrderKind::poll, 1, at(80)));
    auto again = change(c.after, edited(c.after, [](Callback&) {}));
    again.drops = {{OrderKind::poll, 1}, {OrderKind::look_up, 1}};
    again.orders = {{OrderKind::poll, 1, at(20)}, {OrderKind::poll, 2, at(30)}};
    REQUIRE(commit(store, again));
    const auto due = store.due_orders(at(99), 9, {9, 9}).value();
    REQUIRE(due.size() == 2);
    CHECK(due[0].due == at(20));
    CHECK(due[0].tries == 0);
    CHECK(due[1].item == 2);
  }
  SECTION("dials wait for lines; nothing else waits for them") {
    for (std::uint32_t n = 2; n <= 4; ++n) {
      auto dial = creation(a_callback(n));
      dial.orders = {{OrderKind::dial, 1, at(n)}};
      REQUIRE(commit(store, dial));
    }
    CHECK(store.due_orders(at(99), 9, {9, 9}).value().size() == 5);
    CHECK(owners(store.due_orders(at(99), 9, {0, 9}).value()) == std::vector{first.id, first.id});
    CHECK(owners(store.due_orders(at(99), 9, {1, 9}).value()) ==
          std::vector{callback_id(2), first.id, first.id});
    CHECK(store.next_due({1, 1}).value() == at(2));
    CHECK(store.next_due({0, 1}).value() == at(5));
    CHECK(store.queue_position(callback_id(2)).value() == 0);
    CHECK(store.queue_position(callback_id(4)).value() == 2);
    CHECK(store.queue_position(first.id).value() == 0);
    CHECK(store.queue_position(callback_id(77)).value() == 0);
  }
  SECTION("texts wait for turns; nothing else waits for them") {
    for (std::uint32_t n = 2; n <= 4; ++n) {
      auto text = creation(a_callback(n));
      text.orders = {{OrderKind::send_text, 1, at(n)}};
      REQUIRE(commit(store, text));
    }
    auto dial = creation(a_callback(5));
    dial.orders = {{OrderKind::dial, 1, at(4)}};
    REQUIRE(commit(store, dial));
    CHECK(store.due_orders(at(99), 9, {9, 9}).value().size() == 6);
    CHECK(owners(store.due_orders(at(99), 9, {1, 0}).value()) ==
          std::vector{callback_id(5), first.id, first.id});
    CHECK(owners(store.due_orders(at(99), 9, {1, 2}).value()) ==
          std::vector{callback_id(2), callback_id(3), callback_id(5), first.id, first.id});
    CHECK(owners(store.due_orders(at(99), 2, {0, 1}).value()) ==
          std::vector{callback_id(2), first.id});
    CHECK(store.next_due({1, 1}).value() == at(2));
    CHECK(store.next_due({1, 0}).value() == at(4));
    CHECK(store.next_due({0, 0}).value() == at(5));
    REQUIRE(store.postpone(callback_id(2), OrderKind::send_text, 1, at(50)));
    CHECK(store.next_due({0, 1}).value() == at(3));
    REQUIRE(store.drop_order(callback_id(3), OrderKind::send_text, 1));
    CHECK(store.next_due({0, 1}).value() == at(4));
  }
}

void keeps_timers(CallbackStore& store) {
  const auto first = created(store, a_callback(1));
  auto c = change(first, edited(first, [](Callback&) {}));
  c.timers = {{TimerKind::give_up, at(20)}, {TimerKind::code, at(10)}};
  REQUIRE(commit(store, c));

  SECTION("timers come when they are due, the oldest first") {
    CHECK(store.due_timers(at(9), 9).value().empty());
    const auto due = store.due_timers(at(20), 9).value();
    REQUIRE(due.size() == 2);
    CHECK(due[0].kind == TimerKind::code);
    CHECK(due[0].due == at(10));
    CHECK(due[0].callback == first.id);
    CHECK(store.due_timers(at(20), 1).value().size() == 1);
    CHECK(store.next_due({0, 1}).value() == at(10));
  }
  SECTION("there is one of each kind: it is moved, or taken away") {
    auto moved = change(c.after, edited(c.after, [](Callback&) {}));
    moved.timers = {{TimerKind::give_up, at(5)},
                    {TimerKind::code, std::nullopt},
                    {TimerKind::poll, std::nullopt}};
    REQUIRE(commit(store, moved));
    const auto due = store.due_timers(at(99), 9).value();
    REQUIRE(due.size() == 1);
    CHECK(due[0].due == at(5));
  }
  SECTION("when the clock was wrong, everything due moves, and nothing else") {
    auto dial = creation(a_callback(2));
    dial.orders = {{OrderKind::dial, 1, at(3600)}, {OrderKind::poll, 1, at(3601)}};
    dial.pace = std::pair(std::string("main"), at(3602));
    dial.line.at = at(3600);
    REQUIRE(commit(store, dial));
    REQUIRE(in_batch(store, [&] { return store.shift_due(-Seconds(3600)).has_value(); }));
    CHECK(owners(store.due_orders(at(1), 9, {9, 9}).value()) ==
          std::vector{callback_id(2), callback_id(2)});
    CHECK(store.due_timers(at(20 - 3600), 9).value().size() == 2);
    CHECK(store.pace_slot("main").value() == at(2));
    CHECK(store.last_commit_at().value() == at(0));
    CHECK(store.load(dial.after.id).value() == dial.after);
  }
  SECTION("nothing due, nothing to wait for") {
    auto none = change(c.after, edited(c.after, [](Callback&) {}));
    none.timers = {{TimerKind::give_up, std::nullopt}, {TimerKind::code, std::nullopt}};
    REQUIRE(commit(store, none));
    CHECK_FALSE(store.next_due({1, 1}).value());
  }
}

void lets_in_once(CallbackStore& store) {
  const auto first = created(store, a_callback(1));
  auto hook = change(first, edited(first, [](Callback&) {}));
  hook.delivery = "twilio:CA1:answered";
  hook.line.at = at(100);
  REQUIRE(commit(store, hook));

  SECTION("the same delivery has its effect once") {
    CHECK(store.seen("twilio:CA1:answered").value());
    CHECK_FALSE(store.seen("twilio:CA1:completed").value());
    auto again = change(hook.after, edited(hook.after, [](Callback&) {}));
    again.delivery = hook.delivery;
    CHECK(commit(store, again).error().code == Errc::conflict);
    CHECK(store.load(first.id).value().version == 2);
  }
  SECTION("it is remembered for a week") {
    REQUIRE(store.prune(at(100) + kDeliveryKept - Millis(1), at(-99), 99));
    CHECK(store.seen("twilio:CA1:answered").value());
    CHECK(store.prune(at(100) + kDeliveryKept, at(-99), 99).value() == 1);
    CHECK_FALSE(store.seen("twilio:CA1:answered").value());
  }
  SECTION("one idempotency key makes one callback") {
    auto c = creation(a_callback(2));
    c.idempotency = IdempotencyEntry{digest(1), digest(2), at(50)};
    REQUIRE(commit(store, c));
    const auto answer = store.find_idempotent(digest(1), at(49)).value();
    REQUIRE(answer);
    CHECK(answer->callback == c.after.id);
    CHECK(answer->request_hash == digest(2));
    CHECK_FALSE(store.find_idempotent(digest(7), at(49)).value());

    auto twin = creation(a_callback(3));
    twin.idempotency = IdempotencyEntry{digest(1), digest(2), at(90)};
    twin.line.at = at(49);
    CHECK(commit(store, twin).error().code == Errc::conflict);
    CHECK(store.load(twin.after.id).error().code == Errc::not_found);

    // Run out, it may be used anew.
    CHECK_FALSE(store.find_idempotent(digest(1), at(50)).value());
    twin.line.at = at(50);
    REQUIRE(commit(store, twin));
    CHECK(store.find_idempotent(digest(1), at(60)).value()->callback == twin.after.id);
  }
}

void finds_by_tokens(CallbackStore& store) {
  auto c = creation(a_callback(1));
  c.attempt_tokens = {{digest(1), 2, at(50)}};
  c.visitor_tokens = {{digest(2), at(50)}};
  REQUIRE(commit(store, c));

  SECTION("a token leads to its owner until it runs out") {
    const auto owner = store.find_attempt(digest(1), at(49)).value();
    REQUIRE(owner);
    CHECK(owner->callback == c.after.id);
    CHECK(owner->attempt == 2);
    CHECK(store.find_visitor_token(digest(2), at(49)).value() == c.after.id);
    CHECK_FALSE(store.find_attempt(digest(1), at(50)).value());
    CHECK_FALSE(store.find_visitor_token(digest(2), at(50)).value());
  }
  SECTION("one kind of token does not open the other door") {
    CHECK_FALSE(store.find_attempt(digest(2), at(1)).value());
    CHECK_FALSE(store.find_visitor_token(digest(1), at(1)).value());
  }
  SECTION("a callback may have several visitor tokens") {
    REQUIRE(store.add_visitor_token(c.after.id, {digest(3), at(90)}));
    CHECK(store.find_visitor_token(digest(3), at(89)).value() == c.after.id);
    CHECK(store.find_visitor_token(digest(2), at(49)).value() == c.after.id);
    CHECK(store.add_visitor_token(callback_id(9), {digest(4), at(90)}).error().code ==
          Errc::not_found);
  }
}

void finds_open_proven(CallbackStore& store) {
  const auto make = [&](std::uint32_t n, std::string site, bool proven, State state) {
    auto c = a_callback(n);
    c.site = std::move(site);
    c.proven = proven;
    c.state = state;
    c.phone_hmac = digest(5);
    c.created_at = at(n);
    if (is_final(state)) c.finished_at = at(n);
    return created(store, c);
  };
  make(1, "shop", true, State::completed);
  make(2, "shop", false, State::pending);
  make(3, "other", true, State::queued);
  CHECK_FALSE(store.find_open_proven("shop", digest(5)).value());
  auto younger = make(5, "shop", true, State::queued);
  auto older = make(4, "shop", true, State::queued);
  CHECK(store.find_open_proven("shop", digest(5)).value() == older.id);
  CHECK_FALSE(store.find_open_proven("shop", digest(6)).value());
  older = committed(store, older, [](Callback& c) {
    c.state = State::cancelled;
    c.finished_at = at(9);
  });
  CHECK(store.find_open_proven("shop", digest(5)).value() == younger.id);
  younger = committed(store, younger, [](Callback& c) { c.proven = false; });
  CHECK_FALSE(store.find_open_proven("shop", digest(5)).value());
}

void counts_money(CallbackStore& store) {
  const auto spend = [&](std::uint32_t n, Budget budget, int day) {
    auto c = creation(a_callback(n));
    c.budget = {{budget, day, 1}};
    c.caps = {10, 3};
    return commit(store, c).has_value();
  };
  SECTION("a hundred requests against a cap of ten give ten") {
    int given = 0;
    for (std::uint32_t n = 1; n <= 100; ++n) given += spend(n, Budget::calls, 7) ? 1 : 0;
    CHECK(given == 10);
    CHECK(store.budget_used(Budget::calls, 7).value() == 10);
    CHECK(store.figures().value().open == std::map<State, std::int64_t>{{State::pending, 10}});
  }
  SECTION("in one batch, too") {
    std::vector<CallbackStore::Work> works;
    for (std::uint32_t n = 1; n <= 100; ++n)
      works.emplace_back([&, n] {
        auto c = creation(a_callback(n));
        c.budget = {{Budget::calls, 7, 1}};
        c.caps = {10, 3};
        return store.commit(c).has_value();
      });
    REQUIRE(store.batch(works));
    CHECK(store.budget_used(Budget::calls, 7).value() == 10);
  }
  SECTION("calls and texts, today and tomorrow are counted apart") {
    for (std::uint32_t n = 1; n <= 10; ++n) REQUIRE(spend(n, Budget::calls, 7));
    CHECK_FALSE(spend(11, Budget::calls, 7));
    CHECK(spend(12, Budget::calls, 8));
    CHECK(spend(13, Budget::texts, 7));
    CHECK(store.budget_used(Budget::texts, 7).value() == 1);
  }
  SECTION("what is given back can be spent again, even in the same commit") {
    for (std::uint32_t n = 1; n <= 10; ++n) REQUIRE(spend(n, Budget::calls, 7));
    auto swap = creation(a_callback(20));
    swap.budget = {{Budget::calls, 7, -1}, {Budget::calls, 7, 1}};
    swap.caps = {10, 3};
    CHECK(commit(store, swap));
    auto back = creation(a_callback(21));
    back.budget = {{Budget::calls, 7, -1}, {Budget::texts, 9, -1}};
    REQUIRE(commit(store, back));
    CHECK(store.budget_used(Budget::calls, 7).value() == 9);
    CHECK(store.budget_used(Budget::texts, 9).value() == 0);
    CHECK(spend(22, Budget::calls, 7));
    CHECK_FALSE(spend(23, Budget::calls, 7));
  }
  SECTION("a limit's log and an account's pace are kept") {
    REQUIRE(store.put_limit_log({digest(1), "a", at(50)}));
    auto c = creation(a_callback(1));
    c.limits = {{digest(1), "ab", at(60)}, {digest(2), "x", at(50)}};
    c.pace = std::pair(std::string("main"), at(5));
    REQUIRE(commit(store, c));
    CHECK(store.limit_log(digest(1)).value() == "ab");
    CHECK(store.limit_log(digest(3)).value().empty());
    CHECK(store.pace_slot("main").value() == at(5));
    CHECK_FALSE(store.pace_slot("other").value());
    CHECK(store.prune(at(55), at(-99), 99).value() == 1);
    CHECK(store.limit_log(digest(2)).value().empty());
    CHECK(store.limit_log(digest(1)).value() == "ab");
  }
}

void knows_what_may_be_ringing(CallbackStore& store) {
  const auto business = *PhoneNumber::from_e164("+12025550100");
  const auto with_attempt = [&](std::uint32_t n, AttemptState state, std::string ref,
                                std::int64_t claimed) {
    auto c = a_callback(n);
    c.state = State::calling;
    c.attempts = {an_attempt(1, state)};
    c.attempts[0].ref = std::move(ref);
    c.attempts[0].claimed_at = at(claimed);
    return created(store, c);
  };
  const auto rival = [&](std::uint32_t except) {
    return store.has_rival(0, business, at(5), at(15), callback_id(except), 1).value();
  };

  SECTION("the attempts that only the carrier may know about") {
    with_attempt(1, AttemptState::sending, "", 1);
    with_attempt(2, AttemptState::placed, "CA2", 1);
    with_attempt(3, AttemptState::unknown, "", 1);
    for (std::uint32_t n = 4;
         const auto state :
         {AttemptState::ready, AttemptState::rejected, AttemptState::absent,
          AttemptState::in_doubt_ended, AttemptState::ended, AttemptState::withdrawn})
      with_attempt(n++, state, "", 1);
    const auto open = store.open_attempts().value();
    REQUIRE(open.size() == 3);
    CHECK(open[0].callback == callback_id(1));
    CHECK(open[0].attempt == 1);
    CHECK(open[0].state == AttemptState::sending);
    CHECK(open[2].state == AttemptState::unknown);
    CHECK(store.live_attempts().value() == 3);
    CHECK(store.figures().value().live_attempts == 3);
  }
  SECTION("a text whose sender may have died") {
    auto c = a_full_callback(1);
    c.messages[0].state = MessageState::sending;
    created(store, c);
    const auto open = store.open_texts().value();
    REQUIRE(open.size() == 1);
    CHECK(open[0].callback == c.id);
    CHECK(open[0].attempt == 1);
  }
  SECTION("a reference belongs to one attempt of one account") {
    auto ended = with_attempt(1, AttemptState::placed, "CA1", 1);
    with_attempt(2, AttemptState::placed, "CA2", 1);
    ended = committed(store, ended, [](Callback& c) { c.attempts[0].state = AttemptState::ended; });
    CHECK(store.taken_refs(0, {"CA3", "CA1", "CA2"}).value() ==
          std::vector<std::string>{"CA1", "CA2"});
    CHECK(store.taken_refs(1, {"CA1"}).value().empty());
    CHECK(store.taken_refs(0, {}).value().empty());
  }
  SECTION("another attempt without a reference makes a call ambiguous") {
    auto mine = with_attempt(1, AttemptState::unknown, "", 10);
    CHECK_FALSE(rival(1));
    auto other = with_attempt(2, AttemptState::sending, "", 5);
    CHECK(rival(1));
    CHECK_FALSE(store.has_rival(1, business, at(5), at(15), mine.id, 1).value());
    CHECK_FALSE(
        store.has_rival(0, *PhoneNumber::from_e164("+12025550199"), at(5), at(15), mine.id, 1)
            .value());
    CHECK_FALSE(store.has_rival(0, business, at(6), at(9), mine.id, 1).value());
    other = committed(store, other, [](Callback& c) {
      c.attempts[0].ref = "CA2";
      c.attempts[0].state = AttemptState::placed;
    });
    CHECK_FALSE(rival(1));
    with_attempt(3, AttemptState::in_doubt_ended, "", 15);
    CHECK(rival(1));
    CHECK(rival(99));
  }
  SECTION("only attempts that may have rung are rivals") {
    for (std::uint32_t n = 1; const auto state : {AttemptState::rejected, AttemptState::absent,
                                                  AttemptState::ended, AttemptState::withdrawn})
      with_attempt(n++, state, "", 10);
    CHECK_FALSE(rival(99));
  }
}

void tells_the_story(CallbackStore& store) {
  const Rules rules = some_rules();
  Rules later = rules;
  later.attempts = 9;
  auto c = creation(a_callback(1));
  c.line.actor = "visitor";
  c.line.event = Asked{true, false};
  c.line.situation.now = at(1);
  c.line.situation.call_left = false;
  c.line.situation.rules = &rules;
  REQUIRE(commit(store, c));
  auto next = change(c.after, edited(c.after, [](Callback&) {}));
  next.line.at = at(7);
  next.line.actor = "carrier";
  next.line.event = News{1, "CA1", Side::visitor, View::answered, false, true, false, false, 12};
  next.line.situation.rules = &later;
  REQUIRE(commit(store, next));
  auto third = change(next.after, edited(next.after, [](Callback&) {}));
  third.line.actor = "timer";
  third.line.event = TimerRang{TimerKind::doubt};
  third.line.situation.rules = nullptr;
  REQUIRE(commit(store, third));

  const auto reader = store.open_reader();
  for (CallbackReader* from : {static_cast<CallbackReader*>(&store), reader.get()}) {
    const auto lines = from->journal(c.after.id).value();
    REQUIRE(lines.size() == 3);
    CHECK(lines[0].actor == "visitor");
    CHECK(std::get<Asked>(lines[0].event).proven);
    CHECK(lines[0].situation.now == at(1));
    CHECK_FALSE(lines[0].situation.call_left);
    REQUIRE(lines[0].situation.rules != nullptr);
    CHECK(*lines[0].situation.rules == rules);
    CHECK(lines[1].at == at(7));
    CHECK(std::get<News>(lines[1].event).talk_seconds == 12);
    REQUIRE(lines[1].situation.rules != nullptr);
    CHECK(lines[1].situation.rules->attempts == 9);
    CHECK(std::get<TimerRang>(lines[2].event).kind == TimerKind::doubt);
    CHECK(lines[2].situation.rules == nullptr);
  }
  CHECK(store.last_commit_at().value() == third.line.at);
}

void sums_up(CallbackStore& store) {
  CHECK(store.figures().value().open.empty());
  CHECK_FALSE(store.figures().value().outbox_oldest_due);
  CHECK_FALSE(store.last_commit_at().value());
  auto first = creation(a_callback(1));
  first.orders = {{OrderKind::dial, 1, at(20)}, {OrderKind::send_text, 1, at(10)}};
  first.after.state = State::queued;
  REQUIRE(commit(store, first));
  const auto second = created(store, a_callback(2));
  const auto figures = store.figures().value();
  CHECK(figures.open == std::map<State, std::int64_t>{{State::pending, 1}, {State::queued, 1}});
  CHECK(figures.outbox_pending == 2);
  CHECK(figures.outbox_oldest_due == at(10));
  committed(store, second, [](Callback& c) {
    c.state = State::expired;
    c.finished_at = at(1);
  });
  CHECK(store.figures().value().open == std::map<State, std::int64_t>{{State::queued, 1}});
}

void lists_for_operators(CallbackStore& store) {
  const auto put = [&](std::uint32_t n, State state) {
    auto callback = a_callback(n);
    callback.state = state;
    if (is_final(state)) callback.finished_at = at(1);
    return created(store, callback);
  };
  const auto listed = [&](const CallbackFilter& filter) {
    std::vector<CallbackId> ids;
    for (const auto& callback : store.list(filter).value()) ids.push_back(callback.id);
    return ids;
  };
  using Ids = std::vector<CallbackId>;
  SECTION("nothing is listed of nothing") { CHECK(store.list({}).value().empty()); }
  SECTION("the youngest first, no more than asked for, each as it is") {
    const auto full = created(store, a_full_callback(2));
    put(1, State::pending);
    put(3, State::missed);
    CHECK(listed({}) == Ids{callback_id(3), callback_id(2), callback_id(1)});
    CHECK(listed({.state = {}, .from = {}, .before = {}, .most = 2}) ==
          Ids{callback_id(3), callback_id(2)});
    CHECK(store.list({.state = State::calling, .from = {}, .before = {}}).value() ==
          std::vector{full});
  }
  SECTION("by state: those that are open, and those that are over") {
    put(1, State::missed);
    put(2, State::queued);
    put(3, State::failed);
    put(4, State::missed);
    CHECK(listed({.state = State::missed, .from = {}, .before = {}}) ==
          Ids{callback_id(4), callback_id(1)});
    CHECK(listed({.state = State::queued, .from = {}, .before = {}}) == Ids{callback_id(2)});
    CHECK(listed({.state = State::completed, .from = {}, .before = {}}).empty());
  }
  SECTION("a page goes on where the one before it ended, whatever came meanwhile") {
    for (std::uint32_t n = 1; n <= 5; ++n) put(n, n % 2 == 0 ? State::queued : State::missed);
    CallbackFilter page{.state = State::missed, .from = {}, .before = {}, .most = 2};
    CHECK(listed(page) == Ids{callback_id(5), callback_id(3)});
    put(6, State::missed);
    put(7, State::missed);
    page.before = callback_id(3);
    CHECK(listed(page) == Ids{callback_id(1)});
    page.before = callback_id(1);
    CHECK(listed(page).empty());
  }
  SECTION("between two ids: the first belongs to it, the last does not") {
    for (std::uint32_t n = 1; n <= 5; ++n) put(n, State::queued);
    for (const auto state : {std::optional<State>(), std::optional(State::queued)})
      CHECK(listed({.state = state, .from = callback_id(2), .before = callback_id(4)}) ==
            Ids{callback_id(3), callback_id(2)});
  }
  SECTION("who changed state is found under the new one only") {
    const auto before = put(1, State::queued);
    committed(store, before, [](Callback& c) { c.state = State::missed; });
    CHECK(listed({.state = State::queued, .from = {}, .before = {}}).empty());
    CHECK(listed({.state = State::missed, .from = {}, .before = {}}) == Ids{callback_id(1)});
  }
  SECTION("a reader beside the store lists the same") {
    put(1, State::missed);
    CHECK(store.open_reader()->list({}).value() == store.list({}).value());
  }
}

void forgets_in_time(CallbackStore& store) {
  const auto over = [&](std::uint32_t n, std::int64_t finished, AttemptState state) {
    auto c = a_full_callback(n);
    c.state = State::missed;
    c.finished_at = at(finished);
    c.attempts.back().state = state;
    auto made = creation(c);
    made.visitor_tokens = {{digest(n), at(1'000)}};
    made.attempt_tokens = {{digest(100 + n), 1, at(1'000)}};
    made.idempotency = IdempotencyEntry{digest(200 + n), digest(1), at(1'000)};
    made.orders = {{OrderKind::poll, 1, at(900)}};
    made.timers = {{TimerKind::poll, at(900)}};
    REQUIRE(commit(store, made));
    return c;
  };
  over(1, 10, AttemptState::ended);
  over(2, 20, AttemptState::ended);
  over(3, 30, AttemptState::ended);
  over(4, 10, AttemptState::unknown);  // nobody knows yet
  created(store, a_full_callback(5));  // open, however old

  SECTION("callbacks that are over go when their time has come, in small batches, oldest first") {
    CHECK(store.prune(at(100), at(30), 1).value() == 1);
    CHECK(store.load(callback_id(1)).error().code == Errc::not_found);
    CHECK(store.load(callback_id(2)));
    CHECK(store.prune(at(100), at(30), 9).value() == 1);
    CHECK(store.prune(at(100), at(30), 9).value() == 0);
    CHECK(store.load(callback_id(3)));
    CHECK(store.load(callback_id(4)));
    CHECK(store.journal(callback_id(5)).value().size() == 1);
  }
  SECTION("with all that was theirs") {
    REQUIRE(store.prune(at(100), at(999), 9));
    CHECK(store.journal(callback_id(1)).error().code == Errc::not_found);
    CHECK_FALSE(store.find_visitor_token(digest(1), at(100)).value());
    CHECK_FALSE(store.find_attempt(digest(101), at(100)).value());
    CHECK_FALSE(store.find_idempotent(digest(201), at(100)).value());
    CHECK(owners(store.due_orders(at(999), 9, {9, 9}).value()) == std::vector{callback_id(4)});
    CHECK(store.due_timers(at(999), 9).value().size() == 1);
    CHECK(store.find_visitor_token(digest(4), at(100)).value() == callback_id(4));
  }
  SECTION("tokens and keys go when they have run out") {
    CHECK(store.prune(at(1'000), at(-99), 3).value() == 9);
    CHECK(store.prune(at(1'000), at(-99), 3).value() == 3);
    CHECK(store.prune(at(1'000), at(-99), 3).value() == 0);
  }
}

void reads_beside_the_store(CallbackStore& store) {
  const auto reader = store.open_reader();
  auto c = creation(a_full_callback(1));
  c.visitor_tokens = {{digest(1), at(50)}};
  c.orders = {{OrderKind::dial, 1, at(1)}};
  REQUIRE(commit(store, c));
  CHECK(reader->load(c.after.id).value() == c.after);
  CHECK(reader->find_visitor_token(digest(1), at(1)).value() == c.after.id);
  CHECK(reader->queue_position(c.after.id).value() == 0);
  CHECK(reader->figures().value().outbox_pending == 1);
  CHECK(reader->load(callback_id(9)).error().code == Errc::not_found);

  // From another thread, while the store goes on: each load is one state, never half of two.
  bool torn = false;
  std::thread other([&, own = store.open_reader()] {
    for (std::int64_t version = 0; version < 60;) {
      const auto seen = own->load(c.after.id);
      if (!seen) continue;
      version = seen->version;
      torn |= version > 1 && seen->attempts[0].polls != version;
    }
  });
  Callback now = c.after;
  while (now.version < 60)
    now = committed(store, now,
                    [](Callback& x) { x.attempts[0].polls = static_cast<int>(x.version); });
  other.join();
  CHECK_FALSE(torn);
}

Recording a_recording(std::uint32_t n) {
  Recording recording;
  recording.id = RecordingId(callback_id(n).bytes());
  recording.callback = callback_id(1'000 + n);
  recording.attempt = 2;
  recording.account = "main";
  recording.call = "CA" + std::to_string(n);
  recording.ref = "RE" + std::to_string(n);
  recording.known_at = at(n);
  recording.due = at(n);
  return recording;
}

Recording a_full_recording(std::uint32_t n) {
  Recording recording = a_recording(n);
  recording.state = RecordingState::archived;
  recording.fault = RecordingFault::archive_unavailable;
  recording.tries = 3;
  recording.repeats = 2;
  recording.seconds = 61;
  recording.archived_at = at(99);
  recording.audio = {AudioType::mp3, 123'456'789'012, digest(4)};
  return recording;
}

std::vector<RecordingId> ids_of(const Result<std::vector<Recording>>& found) {
  std::vector<RecordingId> ids;
  for (const auto& recording : found.value()) ids.push_back(recording.id);
  return ids;
}

void keeps_recordings(CallbackStore& store) {
  auto& recordings = store.recordings();
  const auto id = [](std::uint32_t n) { return RecordingId(callback_id(n).bytes()); };
  SECTION("a recording comes back as it was, every member of it") {
    const auto full = a_full_recording(1);
    REQUIRE(recordings.add(full).value());
    CHECK(recordings.find(full.id).value() == full);
    CHECK(recordings.find("main", "RE1").value() == full);
    CHECK_FALSE(recordings.find(id(2)).value());
    CHECK_FALSE(recordings.find("other", "RE1").value());
  }
  SECTION("heard of twice, it is kept once") {
    REQUIRE(recordings.add(a_recording(1)).value());
    auto again = a_recording(2);
    again.ref = "RE1";
    CHECK_FALSE(recordings.add(again).value());
    CHECK_FALSE(recordings.find(id(2)).value());
    again.account = "other";  // another account's names mean nothing here
    CHECK(recordings.add(again).value());
  }
  SECTION("a change comes back; of what is not there it is refused") {
    REQUIRE(recordings.add(a_recording(1)).value());
    auto changed = a_full_recording(1);
    changed.due.reset();
    REQUIRE(recordings.put(changed));
    CHECK(recordings.find(id(1)).value() == changed);
    CHECK(recordings.put(a_recording(2)).error().code == Errc::not_found);
    REQUIRE(recordings.remove(id(1)));
    REQUIRE(recordings.remove(id(1)));
    CHECK_FALSE(recordings.find(id(1)).value());
  }
  SECTION("those that are due come, the longest due first, so many and no more") {
    CHECK_FALSE(recordings.next_due().value());
    for (const std::uint32_t n : {3U, 1U, 2U}) REQUIRE(recordings.add(a_recording(n)).value());
    auto over = a_recording(4);
    over.due.reset();
    over.state = RecordingState::dead;
    REQUIRE(recordings.add(over).value());
    CHECK(ids_of(recordings.due(at(2), 9)) == std::vector{id(1), id(2)});
    CHECK(ids_of(recordings.due(at(99), 2)) == std::vector{id(1), id(2)});
    CHECK(recordings.due(at(0), 9).value().empty());
    CHECK(recordings.next_due().value() == at(1));
    REQUIRE(store.shift_due(Seconds(10)));
    CHECK(recordings.next_due().value() == at(11));
  }
  SECTION("by state and by age, oldest first") {
    for (const std::uint32_t n : {5U, 1U, 3U}) {
      auto dead = a_recording(n);
      dead.state = RecordingState::dead;
      dead.due.reset();
      REQUIRE(recordings.add(dead).value());
    }
    auto fetching = a_recording(2);
    fetching.state = RecordingState::fetching;
    REQUIRE(recordings.add(fetching).value());
    CHECK(ids_of(recordings.in_state(RecordingState::dead, 2)) == std::vector{id(1), id(3)});
    CHECK(ids_of(recordings.in_state(RecordingState::fetching, 9)) == std::vector{id(2)});
    CHECK(recordings.in_state(RecordingState::archived, 9).value().empty());
    CHECK(ids_of(recordings.older_than(at(3), {}, 9)) == std::vector{id(1), id(2)});
    CHECK(ids_of(recordings.older_than(at(99), {}, 1)) == std::vector{id(1)});
  }
  SECTION("whoever walks through the old ones a part at a time meets each once") {
    for (const std::uint32_t n : {4U, 2U, 1U, 3U, 5U}) {
      auto one = a_recording(n);
      one.known_at = at(n / 2);  // 1 | 2 3 | 4 5
      REQUIRE(recordings.add(one).value());
    }
    std::vector<RecordingId> met;
    RecordingPlace place;
    for (;;) {
      const auto part = recordings.older_than(at(99), place, 2).value();
      if (part.empty()) break;
      for (const auto& one : part) met.push_back(one.id);
      place = {part.back().known_at, part.back().id};
    }
    CHECK(met == std::vector{id(1), id(2), id(3), id(4), id(5)});
    CHECK(ids_of(recordings.older_than(at(2), {at(1), id(2)}, 9)) == std::vector{id(3)});
  }
  SECTION("they are counted for whoever watches, from beside the store, too") {
    auto first = a_recording(1);
    first.state = RecordingState::dead;
    first.fault = RecordingFault::not_audio;
    first.due.reset();
    auto second = a_recording(2);
    second.state = RecordingState::dead;
    second.fault = RecordingFault::archive_refused;
    second.due.reset();
    REQUIRE(recordings.add(second).value());
    REQUIRE(recordings.add(first).value());
    REQUIRE(recordings.add(a_recording(4)).value());
    REQUIRE(recordings.add(a_recording(3)).value());
    const auto reader = store.open_reader();
    for (CallbackReader* from : {static_cast<CallbackReader*>(&store), reader.get()}) {
      const auto figures = from->figures().value();
      CHECK(figures.recordings_waiting == 2);
      CHECK(figures.oldest_recording == at(3));
      CHECK(figures.recordings_dead == 2);
      CHECK(figures.newest_fault == RecordingFault::archive_refused);
    }
  }
  SECTION("a work that fails leaves none behind, and takes none away") {
    REQUIRE(recordings.add(a_recording(1)).value());
    REQUIRE(in_batch(store, [&] {
      CHECK(recordings.add(a_recording(2)).value());
      CHECK(recordings.put(a_full_recording(1)));
      CHECK(recordings.remove(id(1)));
      return false;
    }));
    CHECK(recordings.find(id(1)).value() == a_recording(1));
    CHECK_FALSE(recordings.find(id(2)).value());
  }
  SECTION("they outlive their callback") {
    auto c = a_full_callback(1);
    c.state = State::missed;
    c.finished_at = at(1);
    for (auto& attempt : c.attempts) attempt.state = AttemptState::ended;
    REQUIRE(commit(store, creation(c)));
    auto recording = a_recording(1);
    recording.callback = c.id;
    REQUIRE(recordings.add(recording).value());
    REQUIRE(store.prune(at(99), at(99), 9).value() > 0);
    CHECK(store.load(c.id).error().code == Errc::not_found);
    CHECK(recordings.find(recording.id).value() == recording);
  }
}

}  // namespace

void check_store(const MakeStore& make) {
  const auto store = make();
  REQUIRE(store != nullptr);
  SECTION("it keeps callbacks") { keeps_callbacks(*store); }
  SECTION("it loses races cleanly") { loses_races_cleanly(*store); }
  SECTION("it runs works in batches") { batches(*store); }
  SECTION("a dial is claimed once") { claims_once(*store); }
  SECTION("it keeps orders until they are due") { keeps_orders(*store); }
  SECTION("it keeps timers until they are due") { keeps_timers(*store); }
  SECTION("it lets each delivery and each key in once") { lets_in_once(*store); }
  SECTION("tokens lead to their owners") { finds_by_tokens(*store); }
  SECTION("the open, proven callback of a number is found") { finds_open_proven(*store); }
  SECTION("it counts money and limits") { counts_money(*store); }
  SECTION("it knows what may be ringing") { knows_what_may_be_ringing(*store); }
  SECTION("it tells the story") { tells_the_story(*store); }
  SECTION("it lists for operators") { lists_for_operators(*store); }
  SECTION("it sums up what is open") { sums_up(*store); }
  SECTION("it keeps recordings") { keeps_recordings(*store); }
  SECTION("it forgets in time") { forgets_in_time(*store); }
  SECTION("readers work beside it") { reads_beside_the_store(*store); }
}

}  // namespace ringback::conformance
