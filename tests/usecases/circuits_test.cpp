// Accounts that fail or refuse us, from the answer that says so to the orders that wait for it.
#include "core/usecases/circuits.hpp"

#include <numeric>

#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

constexpr int kMany = 64;

CallbackId asked(Office& office, const std::string& phone) {
  auto ask = office.asks(phone);
  ask.proven = true;
  return office.request(ask).callback.id;
}

// An office whose orders go out as the shell lets them: only what the circuits allow.
struct Shell {
  Office office;
  Circuits circuits;

  explicit Shell(int accounts = 1) : circuits(voices(office, accounts), office.texts) {}

  static const std::vector<VoiceAccount>& voices(Office& office, int accounts) {
    for (int i = 1; i < accounts; ++i) {
      office.voices.push_back({"words " + std::to_string(i), office.carrier, {}});
      auto rules = office.policy.rules.accounts.front();
      rules.name = office.voices.back().name;
      office.policy.rules.accounts.push_back(rules);
    }
    return office.voices;
  }

  std::vector<Errand> take(const Admission& admitted, int dials) {
    office.board.admission = admitted;
    auto errands = office.in_batch([&] { return take_due_orders(office.board, kMany, dials); });
    REQUIRE(errands.has_value());
    return std::move(*errands);
  }
  std::vector<Errand> pass() {
    const Admission admitted = circuits.admission(office.clock.now(), kMany);
    const int dials = std::accumulate(admitted.dials.begin(), admitted.dials.end(), 0);
    auto errands = take(admitted, dials);
    for (const auto& errand : errands) circuits.begin(errand, office.clock.now());
    return errands;
  }
  Errand pass_one(OrderKind kind) {
    auto errands = pass();
    REQUIRE(errands.size() == 1);
    REQUIRE(errands.front().kind == kind);
    return std::move(errands.front());
  }
  std::string settle(const Errand& errand, Reply reply) {
    const std::vector<Reply> replies{std::move(reply)};
    const auto settled =
        office.in_batch([&] { return settle_order(office.board, errand, replies); });
    REQUIRE(settled.has_value());
    circuits.settled(errand, *settled, office.clock.now());
    return std::string(settled->word);
  }
  void wait_for(const Circuit& circuit) {
    office.clock.pass(*circuit.open_until() - office.clock.now());
  }
  const Circuit& calls(std::size_t account = 0) const { return circuits.all()[account].circuit; }
  const Circuit& texts() const { return circuits.all().back().circuit; }
  Circuit::State state_of_calls() const { return calls().state(office.clock.now()); }
};

TEST_CASE("an account that refuses us is asked once; what waits is not burnt", "[refused]") {
  Shell shell;
  const auto first = asked(shell.office, "+12025550121");
  CHECK(shell.settle(shell.pass_one(OrderKind::dial), says("no account")) == "refused_account");
  CHECK(shell.calls().refusal() == "wrong token");

  const auto second = asked(shell.office, "+12025550122");
  const auto third = asked(shell.office, "+12025550123");
  const int length = shell.office.journal_length(second);
  for (int i = 0; i < 10; ++i) {
    CHECK(shell.pass().empty());
    shell.office.clock.pass(Seconds(20));
  }
  CHECK(shell.office.at(first).attempts.front().state == AttemptState::rejected);
  for (const auto& id : {second, third}) {
    CHECK(shell.office.at(id).state == State::queued);
    CHECK(shell.office.at(id).attempts.front().state == AttemptState::ready);
  }
  CHECK(shell.office.journal_length(second) == length);

  SECTION("refused still: one more was asked, and it takes longer") {
    shell.wait_for(shell.calls());
    CHECK(shell.settle(shell.pass_one(OrderKind::dial), says("no account")) == "refused_account");
    CHECK(*shell.calls().open_until() - shell.office.clock.now() == 2 * kRefusedPause);
    CHECK(shell.pass().empty());
  }
  SECTION("put right: one goes to see, then the others, each once") {
    shell.wait_for(shell.calls());
    const auto probe = shell.pass_one(OrderKind::dial);
    CHECK(shell.pass().empty());
    CHECK(shell.settle(probe, says("ok C1")) == "accepted");
    CHECK(shell.state_of_calls() == Circuit::State::closed);
    const auto rest = shell.pass();
    REQUIRE(rest.size() == 1);
    CHECK_FALSE(rest.front().callback == probe.callback);
    CHECK(shell.pass().empty());
  }
  SECTION("never put right: they end by their own rules, and the business is told") {
    shell.office.clock.pass(Minutes(120));
    shell.office.ring();
    CHECK(shell.office.at(second).state == State::expired);
    CHECK(shell.office.at(second).reason == Reason::too_old);
    CHECK(shell.office.at(second).messages.size() == 1);
  }
}

TEST_CASE("what is said of one order stops no other", "[refused]") {
  Shell shell;
  int number = 0;
  for (const std::string answer : {"no number", "no content", "wait"}) {
    asked(shell.office, "+1202555013" + std::to_string(number++));
    for (const auto& errand : shell.pass())
      if (errand.kind == OrderKind::dial) shell.settle(errand, says(answer));
    CHECK(shell.state_of_calls() == Circuit::State::closed);
  }
}

TEST_CASE("an answered question does not make a refused account good, a lost one no worse",
          "[refused]") {
  Shell shell;
  const auto call = asked(shell.office, "+12025550121");
  shell.settle(shell.pass_one(OrderKind::dial), says("ok C1"));
  asked(shell.office, "+12025550122");
  shell.settle(shell.pass_one(OrderKind::dial), says("no account"));
  const auto until = shell.calls().open_until();

  shell.office.clock.pass(Minutes(2));
  shell.office.ring();
  int polls = 0;
  for (const auto& errand : shell.pass()) {
    REQUIRE(errand.kind == OrderKind::poll);
    CHECK(errand.callback == call);
    for (int i = 0; i < kFailuresToOpen; ++i) shell.settle(errand, lost());
    shell.settle(errand, says("ringing"));
    ++polls;
  }
  CHECK(polls == 1);
  CHECK(shell.calls().open_until() == until);
  CHECK(shell.calls().refusal() == "wrong token");
}

TEST_CASE("calls that are refused keep no text back, and texts no call", "[refused]") {
  Shell shell;
  asked(shell.office, "+12025550121");
  shell.settle(shell.pass_one(OrderKind::dial), says("no account"));
  shell.office.request(shell.office.asks("+12025550125"));
  shell.settle(shell.pass_one(OrderKind::send_text), says("ok T1"));
  CHECK_FALSE(shell.calls().refusal().empty());

  Shell other;
  other.office.request(other.office.asks("+12025550125"));
  other.settle(other.pass_one(OrderKind::send_text), says("no account"));
  CHECK(other.texts().refusal() == "wrong token");
  asked(other.office, "+12025550121");
  CHECK(other.pass_one(OrderKind::dial).kind == OrderKind::dial);
}

TEST_CASE("with another account, one that refuses us is passed over until it is good again",
          "[refused]") {
  Shell shell(2);
  const auto first = asked(shell.office, "+12025550121");
  shell.settle(shell.pass_one(OrderKind::dial), says("no account"));
  const auto id = asked(shell.office, "+12025550122");
  std::vector<Errand> gone;
  for (int i = 0; i < 3; ++i)
    for (auto& errand : shell.pass()) gone.push_back(std::move(errand));
  REQUIRE(gone.size() == 2);
  for (const auto& errand : gone) {
    CHECK(errand.account == "words 1");
    CHECK(shell.settle(errand, says("ok " + errand.callback.text())) == "accepted");
  }
  CHECK(shell.office.at(first).attempts.size() == 2);
  CHECK(shell.office.at(id).attempts.front().state == AttemptState::withdrawn);

  SECTION("the pause is over: one order goes to see, the others past it") {
    shell.wait_for(shell.calls());
    asked(shell.office, "+12025550123");
    asked(shell.office, "+12025550124");
    std::map<std::string, int> through;
    for (int i = 0; i < 3; ++i)
      for (const auto& errand : shell.pass())
        if (errand.kind == OrderKind::dial) ++through[errand.account];
    CHECK(through == std::map<std::string, int>{{"words", 1}, {"words 1", 1}});
  }
  SECTION("whoever was passed on and finds the last one closed waits, and its journal is silent") {
    const auto late = asked(shell.office, "+12025550123");
    REQUIRE(shell.pass().empty());  // passed over the first
    const auto length = shell.office.journal_length(late);
    const Admission only_the_first{.dials = {kMany, 0}};
    for (int i = 0; i < 4; ++i) {
      CHECK(shell.take(only_the_first, kMany).empty());
      shell.office.clock.pass(Seconds(20));
    }
    CHECK(shell.office.journal_length(late) == length);
    const auto errands = shell.pass();
    REQUIRE(errands.size() == 1);
    CHECK(errands.front().callback == late);
    CHECK(errands.front().account == "words 1");
  }
}

TEST_CASE("texts that are refused for good: nobody waits for a code in vain, alerts are kept",
          "[refused][texts]") {
  Shell shell;
  Office& office = shell.office;
  // Two ask at once; the first text is refused.
  const auto first = office.request(office.asks("+12025550121")).callback.id;
  const auto second = office.request(office.asks("+12025550122")).callback.id;
  office.board.admission = {};
  auto errands = office.in_batch([&] { return take_due_orders(office.board, 1, 0); });
  REQUIRE(errands.value().size() == 1);
  shell.settle(errands->front(), says("no account"));
  const auto refused = errands->front().callback;
  CHECK(office.at(refused).reason == Reason::carrier_refused);

  const auto other = refused == first ? second : first;
  CHECK(shell.pass().empty());
  CHECK(office.at(other).state == State::failed);
  CHECK(office.at(other).reason == Reason::carrier_unavailable);

  SECTION("who asks now is told, and nothing is stored, not even a limit") {
    const auto commits = office.listener.committed.size();
    const auto answer = office.request(office.asks("+12025550123"));
    CHECK(answer.kind == RequestAnswer::Kind::no_texts);
    CHECK(answer.retry_after == kRefusedPause);
    CHECK(office.listener.committed.size() == commits);
    auto proven = office.asks("+12025550124");
    proven.proven = true;
    CHECK(office.request(proven).kind == RequestAnswer::Kind::created);
  }
  SECTION("half a minute before the account is tried again, a code may wait for it") {
    office.clock.pass(kRefusedPause - kPatienceForCode);
    const auto answer = office.request(office.asks("+12025550123"));
    REQUIRE(answer.kind == RequestAnswer::Kind::created);
    CHECK(shell.pass().empty());
    CHECK(office.at(answer.callback.id).state == State::pending);
    office.clock.pass(kPatienceForCode);
    CHECK(shell.settle(shell.pass_one(OrderKind::send_text), says("ok T1")) == "accepted");
    CHECK(shell.texts().state(office.clock.now()) == Circuit::State::closed);
  }
  SECTION("the text to the business waits, and goes out once when it may") {
    const auto missed = asked(office, "+12025550124");
    const auto dial = shell.pass_one(OrderKind::dial);
    shell.settle(dial, says("no number"));
    REQUIRE(office.at(missed).state == State::failed);
    const int length = office.journal_length(missed);
    for (int i = 0; i < 10; ++i) {
      CHECK(shell.pass().empty());
      office.clock.pass(Seconds(20));
    }
    CHECK(office.journal_length(missed) == length);
    shell.wait_for(shell.texts());
    office.clock.pass(Seconds(15));
    const auto text = shell.pass_one(OrderKind::send_text);
    CHECK(text.callback == missed);
    CHECK(shell.pass().empty());
    CHECK(shell.settle(text, says("ok T1")) == "accepted");
    office.clock.pass(Minutes(30));
    CHECK(shell.pass().empty());
  }
}

TEST_CASE("no other code is promised while none can be sent; the one that was sent stays good",
          "[refused][texts]") {
  Office office;
  const auto id = office.pending("123456");
  office.clock.pass(Seconds(61));
  office.board.admission.texts = 0;
  office.board.admission.texts_at = office.clock.now() + Minutes(5);
  const auto answer = office.resend(id);
  CHECK(answer.kind == ResendAnswer::Kind::no_texts);
  CHECK(answer.retry_after == Minutes(5));
  CHECK(office.at(id).verification.sends == 1);
  CHECK(office.enter(id, "123456").kind == CodeAnswer::Kind::verified);
}

TEST_CASE("a carrier's worst circuit is what is shown of it") {
  Shell shell(2);
  const auto now = shell.office.clock.now();
  const auto worst = [&] { return worst_state(shell.circuits.all(), "words", now); };
  CHECK(worst() == Circuit::State::closed);
  asked(shell.office, "+12025550121");
  shell.settle(shell.pass_one(OrderKind::dial), says("no account"));
  CHECK(worst() == Circuit::State::open);
  CHECK(worst_state(shell.circuits.all(), "others", now) == Circuit::State::closed);
}

}  // namespace
}  // namespace ringback::office
