#include "tests/support/forwarding_store.hpp"
#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

CallbackId asked(Office& office, const std::string& phone = "+12025550123") {
  auto ask = office.asks(phone);
  ask.proven = true;
  return office.request(ask).callback.id;
}

// Claimed, and the answer was lost.
CallbackId in_doubt(Office& office, const std::string& phone = "+12025550123") {
  const auto id = asked(office, phone);
  office.settle(office.take_one(OrderKind::dial), lost());
  REQUIRE(office.at(id).phase == Phase::in_doubt);
  return id;
}

// The look-up that is due once the doubt's timer rang.
Errand look_up(Office& office) {
  office.clock.pass(Seconds(60));
  office.ring();
  auto errands = office.take();
  std::erase_if(errands, [](const Errand& errand) { return errand.kind != OrderKind::look_up; });
  REQUIRE(errands.size() == 1);
  return std::move(errands.front());
}

TEST_CASE("a dial is claimed once and never comes back, whatever happens to its sender") {
  Office office;
  const auto id = asked(office);
  const auto errand = office.take_one(OrderKind::dial);
  CHECK(errand.letters.front().url == "words:ring");
  CHECK(errand.letters.front().body.ends_with(attempt_token(office.keys, id, 1)));
  CHECK(office.take().empty());
  for (int minutes = 0; minutes < 60; ++minutes) {
    office.clock.pass(Minutes(1));
    office.ring();
    for (const auto& later : office.take()) CHECK(later.kind != OrderKind::dial);
  }
}

TEST_CASE("without a free line no dial is claimed") {
  Office office;
  office.policy.max_concurrent = 1;
  asked(office, "+12025550121");
  asked(office, "+12025550122");
  CHECK(office.take().size() == 1);
  CHECK(office.take().empty());
}

TEST_CASE("dials that nobody wants to send stay in the outbox") {
  Office office;
  asked(office);
  CHECK(office.take(false).empty());
  CHECK(office.take(true).size() == 1);
}

TEST_CASE("an account's pace lets one dial through and the others wait for its turn") {
  Office office;
  office.carrier->wanted.calls_per_second = 0.5;
  asked(office, "+12025550121");
  asked(office, "+12025550122");
  CHECK(office.take().size() == 1);
  office.clock.pass(Millis(1999));
  CHECK(office.take().empty());
  CHECK(next_work(office.board, 64, {}).value() == office.clock.now() + Millis(1));
  office.clock.pass(Millis(1));
  CHECK(*next_work(office.board, 64, {}).value() <= office.clock.now());
  CHECK(office.take().size() == 1);
}

// So many turns of the account that calls and texts share; more in four seconds.
Paces paces_of(const Office& office, int left) {
  return {{"words", {.left = left, .more_at = office.clock.now() + Seconds(4)}}};
}
std::vector<Errand> take_with(Office& office, const Paces& paces) {
  auto errands = office.in_batch([&] { return take_due_orders(office.board, 64, 64, paces); });
  REQUIRE(errands.has_value());
  return std::move(*errands);
}

TEST_CASE("what has no turn is not claimed, and nothing of that is in its story") {
  Office office;
  const auto dial = asked(office, "+12025550121");
  const auto text = office.request(office.asks("+12025550122")).callback.id;
  const auto dial_before = office.at(dial);
  const auto text_before = office.at(text);
  const auto story = office.journal_length(dial) + office.journal_length(text);
  for (int i = 0; i < 10; ++i) {
    CHECK(take_with(office, paces_of(office, 0)).empty());
    CHECK(*next_work(office.board, 64, paces_of(office, 0)).value() ==
          office.clock.now() + Seconds(4));
    office.clock.pass(Seconds(4));
  }
  CHECK(office.at(dial) == dial_before);
  CHECK(office.at(text) == text_before);
  CHECK(office.journal_length(dial) + office.journal_length(text) == story);

  // With a turn it goes, as if it had never waited.
  const auto errands = take_with(office, paces_of(office, 2));
  CHECK(errands.size() == 2);
  for (const Errand& errand : errands) CHECK(errand.fence == 1);
}

TEST_CASE("calls and texts of one account share its turns, the oldest first") {
  Office office;
  const auto first = asked(office, "+12025550121");
  office.clock.pass(Millis(10));
  const auto second = office.request(office.asks("+12025550122")).callback.id;
  office.clock.pass(Millis(10));
  const auto third = asked(office, "+12025550123");
  const auto owners = [&] {
    std::vector<CallbackId> all;
    for (const Errand& errand : take_with(office, paces_of(office, 1)))
      all.push_back(errand.callback);
    return all;
  };
  CHECK(owners() == std::vector{first});
  CHECK(owners() == std::vector{second});
  CHECK(owners() == std::vector{third});
  CHECK(owners().empty());
}

TEST_CASE("orders that need no turn go out without one") {
  Office office;
  const auto id = office.placed("C1");
  office.clock.pass(Minutes(2));
  office.ring();
  const auto errands = take_with(office, paces_of(office, 0));
  REQUIRE(errands.size() == 1);
  CHECK(errands.front().callback == id);
  CHECK(errands.front().kind == OrderKind::poll);
}

TEST_CASE("dials of an account without a turn step aside for those of another") {
  Office office;
  office.policy.rules.accounts.push_back(office.policy.rules.accounts.front());
  office.voices.push_back({.name = "other", .carrier = office.carrier, .caller_id = {}});
  const auto waiting = asked(office, "+12025550121");
  asked(office, "+12025550122");
  // This one was refused by the first account, and goes through the other.
  const auto moved = office.take();
  REQUIRE(moved.size() == 2);
  for (const Errand& errand : moved)
    office.settle(errand, says(errand.callback == waiting ? "wait" : "no account"));
  office.clock.pass(Seconds(3));
  const auto throttles = office.at(waiting).attempts.back().throttled;
  std::vector<std::string> accounts;
  for (int i = 0; i < 2; ++i)
    for (const Errand& errand : take_with(office, paces_of(office, 0)))
      accounts.push_back(errand.account);
  CHECK(accounts == std::vector<std::string>{"other"});
  CHECK(office.at(waiting).attempts.back().throttled == throttles);
  office.clock.pass(Seconds(4));
  const auto back = take_with(office, paces_of(office, 1));
  REQUIRE(back.size() == 1);
  CHECK(back.front().callback == waiting);
}

TEST_CASE("two accounts of one owner keep one pace") {
  Office office;
  office.carrier->wanted.owner = "somebody";
  office.carrier->wanted.calls_per_second = 0.5;
  office.messenger->wanted.owner = "somebody";
  office.policy.rules.accounts.push_back(office.policy.rules.accounts.front());
  office.voices.push_back({.name = "other", .carrier = office.carrier, .caller_id = {}});
  asked(office, "+12025550121");
  asked(office, "+12025550122");
  SECTION("of calls") {
    CHECK(office.take().size() == 1);
    CHECK(office.take().empty());
    CHECK(*next_work(office.board, 64, {}).value() == office.clock.now() + Seconds(2));
  }
  SECTION("of all requests") {
    const auto more_at = office.clock.now() + Seconds(4);
    CHECK(take_with(office, {{"somebody", {.left = 0, .more_at = more_at}}}).empty());
    CHECK(take_with(office, {{"somebody", {.left = 1, .more_at = more_at}}}).size() == 1);
  }
}

TEST_CASE("a pace of several calls a second is used, not only kept") {
  Office office;
  office.carrier->wanted.calls_per_second = 10;
  for (int i = 0; i < 9; ++i) asked(office, "+1202555012" + std::to_string(i));
  int sent = 0;
  for (int i = 0; i < 9; ++i) {
    sent += static_cast<int>(office.take().size());
    office.clock.pass(Millis(100));
  }
  CHECK(sent == 9);
}

TEST_CASE("an accepted dial is bound; its answer, told twice, changes nothing") {
  Office office;
  const auto id = asked(office);
  const auto errand = office.take_one(OrderKind::dial);
  CHECK(office.settle(errand, says("ok C1")) == "accepted");
  const auto before = office.at(id);
  CHECK(before.attempts.front().ref == "C1");
  CHECK(office.settle(errand, says("ok C1")) == "accepted");
  CHECK(office.at(id) == before);
}

TEST_CASE("what was not sent is claimed anew, later; a garbled or lost reply never is") {
  Office office;
  SECTION("refused connection") {
    const auto id = asked(office);
    CHECK(office.settle(office.take_one(OrderKind::dial), unsent()) == "not_sent");
    CHECK(office.at(id).state == State::queued);
    CHECK(office.take().empty());
    office.clock.pass(Seconds(3));
    CHECK(office.take_one(OrderKind::dial).fence == 2);
  }
  SECTION("throttled") {
    asked(office);
    CHECK(office.settle(office.take_one(OrderKind::dial), says("wait")) == "throttled");
    office.clock.pass(Seconds(3));
    CHECK(office.take_one(OrderKind::dial).fence == 2);
  }
  SECTION("lost") {
    const auto id = asked(office);
    CHECK(office.settle(office.take_one(OrderKind::dial), lost()) == "unknown");
    CHECK(office.at(id).phase == Phase::in_doubt);
  }
  SECTION("garbled") {
    const auto id = asked(office);
    CHECK(office.settle(office.take_one(OrderKind::dial), says("<html>")) == "unknown");
    CHECK(office.at(id).phase == Phase::in_doubt);
  }
  SECTION("no reply at all") {
    const auto id = asked(office);
    const auto errand = office.take_one(OrderKind::dial);
    const auto word = office.in_batch([&] { return settle_order(office.board, errand, {}); });
    CHECK(word->word == "unknown");
    CHECK(office.at(id).phase == Phase::in_doubt);
  }
}

TEST_CASE("an answer of an earlier claim does not touch a later one") {
  Office office;
  const auto id = asked(office);
  const auto first = office.take_one(OrderKind::dial);
  office.settle(first, says("wait"));
  office.clock.pass(Seconds(3));
  office.take_one(OrderKind::dial);
  office.settle(first, says("no number"));
  CHECK(office.at(id).attempts.front().state == AttemptState::sending);
}

TEST_CASE("a refused number ends the callback with a text, and the day's money is back") {
  Office office;
  office.policy.rules.attempts = 1;
  const auto id = asked(office);
  CHECK(office.settle(office.take_one(OrderKind::dial), says("no number")) == "refused_number");
  CHECK(office.at(id).state == State::failed);
  CHECK(office.at(id).reason == Reason::carrier_refused);
  CHECK(*office.store->budget_used(Budget::calls, office.board.day_of(office.clock.now())) == 0);
  const auto text = office.take_one(OrderKind::send_text);
  CHECK(text.letters.front().url == "words:text +12025550100");
  CHECK(text.letters.front().body.find(text_reference(office.keys, id, 1)) != std::string::npos);
}

TEST_CASE("a look-up comes back later and later until somebody can read its answer") {
  Office office;
  const auto id = in_doubt(office);
  const auto first = look_up(office);
  CHECK(office.take().empty());
  CHECK(office.settle(first, says("<html>")) == "failed");
  CHECK(office.settle(first, unsent()) == "failed");
  office.clock.pass(Seconds(29));
  CHECK(office.take().empty());
  office.clock.pass(Seconds(9));  // at most a quarter later
  const auto second = office.take_one(OrderKind::look_up);
  office.clock.pass(Seconds(59));
  CHECK(office.take().empty());
  CHECK(office.settle(second, says("calls C7")) == "found");
  CHECK(office.at(id).attempts.front().ref == "C7");
}

TEST_CASE("a call in the list that another attempt has is not ours") {
  Office office;
  office.placed("C1", "+12025550121");
  const auto id = in_doubt(office, "+12025550122");
  CHECK(office.settle(look_up(office), says("calls C1")) == "empty");
  CHECK(office.at(id).attempts.front().ref.empty());
}

TEST_CASE("what was free when the list was fetched may be taken when it is read") {
  Office office;
  const auto other = in_doubt(office, "+12025550121");
  const auto id = in_doubt(office, "+12025550122");
  office.clock.pass(Seconds(60));
  office.ring();
  auto errands = office.take();
  REQUIRE(errands.size() == 2);
  office.hear(other, 1, news("C1", Side::business, View::ringing));
  for (const auto& errand : errands)
    if (errand.callback == id) CHECK(office.settle(errand, says("calls C1")) == "empty");
  CHECK(office.at(id).attempts.front().ref.empty());
}

TEST_CASE("one call and two attempts it may be of: it is nobody's") {
  Office office;
  const auto rival = in_doubt(office, "+12025550121");
  const auto id = in_doubt(office, "+12025550122");
  office.clock.pass(Seconds(60));
  office.ring();
  for (const auto& errand : office.take()) office.settle(errand, says("calls C1"));
  CHECK(office.at(id).attempts.front().ref.empty());
  CHECK(office.at(rival).attempts.front().ref.empty());
}

TEST_CASE(
    "a rival is one whose request the carrier may still take, also if it was claimed before") {
  Office office;
  const auto rival = in_doubt(office, "+12025550121");
  office.clock.pass(Seconds(200));  // out of the list's window, within the quarantine
  const auto id = in_doubt(office, "+12025550122");
  office.clock.pass(Seconds(60));
  office.ring();
  for (const auto& errand : office.take())
    if (errand.callback == id) office.settle(errand, says("calls C1"));
  CHECK(office.at(id).attempts.front().ref.empty());
  CHECK(office.at(rival).attempts.front().ref.empty());
}

TEST_CASE(
    "two empty looks after the quarantine prove a call absent; before it they prove nothing") {
  Office office;
  office.policy.rules.attempts = 1;
  const auto id = in_doubt(office);
  for (int seconds = 0; seconds < 180; seconds += 60)
    CHECK(office.settle(look_up(office), says("calls")) == "empty");
  CHECK(office.at(id).attempts.front().state == AttemptState::unknown);
  office.settle(look_up(office), says("calls"));
  CHECK(office.at(id).attempts.front().state == AttemptState::unknown);
  office.settle(look_up(office), says("calls"));
  CHECK(office.at(id).attempts.front().state == AttemptState::absent);
}

TEST_CASE(
    "an empty list that leaves out calls under way proves nothing, however often it is empty") {
  Office office;
  office.carrier->wanted.lists_live_calls = false;
  const auto id = in_doubt(office);
  office.placed("C1", "+12025550121");
  for (int looks = 0; looks < 12; ++looks)
    CHECK(office.settle(look_up(office), says(looks % 2 == 0 ? "calls" : "calls C1")) == "empty");
  CHECK(office.at(id).attempts.front().state == AttemptState::unknown);
  CHECK(office.at(id).attempts.size() == 1);
  // Over at last, and in the list.
  CHECK(office.settle(look_up(office), says("calls C7")) == "found");
  CHECK(office.at(id).attempts.front().ref == "C7");
}

TEST_CASE("a wall that jumps does not shorten the quarantine") {
  Office office;
  const auto id = in_doubt(office);
  for (int i = 0; i < 4; ++i) {
    office.clock.wall += Minutes(5);
    office.ring();
    for (const auto& errand : office.take()) office.settle(errand, says("calls"));
  }
  CHECK(office.at(id).attempts.front().state == AttemptState::unknown);
}

TEST_CASE("a poll's answer settles its order; a garbled one leaves it") {
  Office office;
  const auto id = office.placed("C1");
  office.clock.pass(Seconds(40));
  REQUIRE(office.ring() == 1);
  const auto errand = office.take_one(OrderKind::poll);
  CHECK(errand.letters.front().body == "C1");
  CHECK(office.settle(errand, says("?")) == "failed");
  CHECK(office.settle(errand, says("ringing")) == "accepted");
  CHECK(office.at(id).attempts.front().business_leg.view == View::ringing);
  // Longer than any lease: only its timer, which does not ring here, may order the next one.
  office.clock.pass(Minutes(10));
  CHECK(office.take().empty());
}

TEST_CASE("a cancelled call is hung up until the carrier says that it is") {
  Office office;
  const auto id = office.placed("C1");
  REQUIRE(office.cancel(id).kind == CancelAnswer::Kind::cancelled);
  auto errand = office.take_one(OrderKind::hang_up);
  CHECK(office.settle(errand, lost()) == "failed");
  office.clock.pass(Seconds(38));
  errand = office.take_one(OrderKind::hang_up);
  CHECK(office.settle(errand, says("done")) == "accepted");
  office.clock.pass(Minutes(5));
  CHECK(office.take().empty());
}

TEST_CASE("a cancelled callback whose call turns up later is hung up then") {
  Office office;
  const auto id = asked(office);
  const auto dial = office.take_one(OrderKind::dial);
  REQUIRE(office.cancel(id).kind == CancelAnswer::Kind::cancelled);
  office.settle(dial, says("ok C1"));
  CHECK(office.at(id).state == State::cancelled);
  CHECK(office.take_one(OrderKind::hang_up).letters.front().body == "C1");
}

TEST_CASE("a text is sent once; a lost reply is looked up by its reference, a code's never") {
  Office office;
  SECTION("alert") {
    office.policy.rules.attempts = 1;
    const auto id = office.placed("C1");
    office.hear(id, 1, news("C1", Side::business, View::no_answer));
    office.settle(office.take_one(OrderKind::send_text), lost());
    office.clock.pass(Seconds(60));
    office.ring();
    const auto found = office.take_one(OrderKind::look_up_text);
    const auto reference = text_reference(office.keys, id, 1);
    CHECK(office.settle(found, says("garbled")) == "failed");
    CHECK(office.settle(found, says("texts about " + reference)) == "found");
    CHECK(office.at(id).messages.front().state == MessageState::accepted);
  }
  SECTION("code") {
    const auto id = office.request(office.asks()).callback.id;
    office.settle(office.take_one(OrderKind::send_text), lost());
    office.clock.pass(Seconds(120));
    office.ring();
    CHECK(office.take().empty());
    CHECK(office.at(id).messages.front().state == MessageState::unknown);
  }
}

TEST_CASE("who texts registered words is told by name what the text says") {
  Office office;
  const auto value = [&](std::string_view name) -> std::string {
    for (const auto& [key, value] : office.messenger->last.variables)
      if (key == name) return value;
    return "missing";
  };
  office.pending("123456");
  CHECK(office.messenger->last.purpose == MessagePurpose::code);
  CHECK(value("code") == "123456");
  CHECK(value("minutes") == "5");
  CHECK(value("business") == office.policy.business_name);

  office.policy.rules.attempts = 1;
  const auto id = office.placed("C1", "+12025550121");
  office.hear(id, 1, news("C1", Side::business, View::no_answer));
  office.take_one(OrderKind::send_text);
  CHECK(office.messenger->last.purpose == MessagePurpose::alert);
  CHECK(value("phone") == "+12025550121");
  CHECK(value("reason") == "You did not answer.");
  CHECK(value("reference") == text_reference(office.keys, id, 1));
  CHECK(value("code") == "missing");
}

TEST_CASE("a code's text that the carrier refuses ends the callback and tells nobody") {
  Office office;
  const auto id = office.request(office.asks()).callback.id;
  CHECK(office.settle(office.take_one(OrderKind::send_text), says("no number")) ==
        "refused_number");
  CHECK(office.at(id).state == State::failed);
  CHECK(office.take().empty());
}

// Reads one callback badly, as a damaged row is read.
class DamagedStore final : public test::ForwardingStore {
 public:
  DamagedStore(CallbackStore& inner, CallbackId damaged)
      : ForwardingStore(inner), damaged_(damaged) {}

  Result<Callback> load(const CallbackId& id) override {
    if (id == damaged_) return Error{Errc::storage_failed, "damaged"};
    return inner_.load(id);
  }

 private:
  CallbackId damaged_;
};

TEST_CASE("one callback that cannot be read keeps nobody else waiting") {
  Office office;
  const auto timed = office.placed("C1", "+12025550123");
  const auto damaged = asked(office, "+12025550121");
  const auto sound = asked(office, "+12025550122");
  REQUIRE(office.take().size() == 2);  // both are being sent when the process dies
  DamagedStore store(*office.store, damaged);
  Switchboard board{.store = store,
                    .clock = office.clock,
                    .ids = office.ids,
                    .keys = office.keys,
                    .policy = office.policy,
                    .voices = office.voices,
                    .texts = office.texts,
                    .observer = office.listener,
                    .claims = {},
                    .openings = {}};
  const auto recovered = office.in_batch([&] { return recover(board); });
  REQUIRE(recovered.has_value());
  CHECK(office.at(sound).phase == Phase::in_doubt);
  CHECK(office.listener.troubled == std::vector{damaged});
  office.clock.pass(Minutes(3));
  CHECK(office.in_batch([&] { return ring_due_timers(board, 100); }).has_value());
  const auto errands = office.in_batch([&] { return take_due_orders(board, 64, 64); });
  REQUIRE(errands.has_value());
  std::vector<CallbackId> served;
  for (const auto& errand : *errands) served.push_back(errand.callback);
  CHECK(std::find(served.begin(), served.end(), timed) != served.end());
  CHECK(std::find(served.begin(), served.end(), sound) != served.end());
}

TEST_CASE("an order whose callback cannot be read is put off, and the next is taken") {
  Office office;
  const auto damaged = asked(office, "+12025550121");
  const auto sound = asked(office, "+12025550122");
  DamagedStore store(*office.store, damaged);
  Switchboard board{.store = store,
                    .clock = office.clock,
                    .ids = office.ids,
                    .keys = office.keys,
                    .policy = office.policy,
                    .voices = office.voices,
                    .texts = office.texts,
                    .observer = office.listener,
                    .claims = {},
                    .openings = {}};
  const auto errands = office.in_batch([&] { return take_due_orders(board, 64, 64); });
  REQUIRE(errands.has_value());
  REQUIRE(errands->size() == 1);
  CHECK(errands->front().callback == sound);
  CHECK(office.in_batch([&] { return take_due_orders(board, 64, 64); })->empty());
  CHECK(office.listener.troubled.size() == 1);  // not looked at again at once
}

}  // namespace
}  // namespace ringback::office
