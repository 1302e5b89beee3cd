#include "app/runtime/publisher.hpp"

#include "tests/conformance/store_samples.hpp"
#include "tests/support/catch.hpp"

namespace ringback {
namespace {

using conformance::a_callback;
using conformance::an_attempt;

struct Desk {
  Metrics metrics{"test"};
  StatusBoard board;
  Publisher publisher{metrics, board, {"simulator"}};
  int rendered = 0;
  int woken = 0;

  Desk() {
    publisher.render_with([this](Callback&& callback) {
      ++rendered;
      auto document = std::make_shared<StatusDocument>();
      document->version = callback.status_version;
      return SharedStatus(document);
    });
    publisher.wake_with([this] { ++woken; });
  }
  void tell(Change change) { publisher.publish(0.001, 1, {std::move(change)}); }
  bool counts(const std::string& line) const {
    return metrics.serialize().find(line) != std::string::npos;
  }
};

Change changed(const Callback& before, Callback after) {
  after.version = before.version + 1;
  after.status_version = before.status_version + 1;
  Change change;
  change.before = before;
  change.after = std::move(after);
  return change;
}

TEST_CASE("what changed nothing is not published and not counted") {
  Desk desk;
  Change stale;
  stale.before = a_callback(1);
  stale.after = a_callback(1);
  desk.tell(stale);
  CHECK(desk.rendered == 0);
  CHECK(desk.counts("ringback_callbacks_total{state=\"pending\"} 0"));
}

TEST_CASE("a new callback is known at once; a changed one only if somebody is interested") {
  Desk desk;
  Change created;
  created.after = a_callback(1);
  desk.tell(created);
  CHECK(desk.board.find(created.after.id)->version == 1);
  auto after = a_callback(2);
  desk.tell(changed(a_callback(2), after));
  CHECK(desk.board.find(after.id) == nullptr);
  CHECK(desk.rendered == 1);
}

TEST_CASE("what became of a code's text is not told to who watches the callback") {
  Desk desk;
  Change created;
  created.after = a_callback(1);
  desk.tell(created);
  auto texted = changed(created.after, created.after);
  texted.after.status_version = created.after.status_version;
  desk.tell(texted);
  CHECK(desk.rendered == 1);
}

TEST_CASE("a state is counted when it is entered, not while it lasts") {
  Desk desk;
  auto before = a_callback(1);
  auto after = before;
  after.state = State::queued;
  desk.tell(changed(before, after));
  before = after;
  after.too_old = true;
  desk.tell(changed(before, after));
  CHECK(desk.counts("ringback_callbacks_total{state=\"queued\"} 1"));
}

TEST_CASE("an attempt is counted once, when it ends, by its outcome") {
  Desk desk;
  auto before = a_callback(1);
  before.attempts = {an_attempt(1, AttemptState::placed)};
  auto after = before;
  after.attempts.front().state = AttemptState::ended;
  after.attempts.front().outcome = Reason::business_busy;
  desk.tell(changed(before, after));
  desk.tell(changed(after, after));
  CHECK(desk.counts("ringback_attempts_total{carrier=\"simulator\",outcome=\"business_busy\"} 1"));
}

TEST_CASE("a code's text counts as sent when the carrier took it") {
  Desk desk;
  auto before = a_callback(1);
  Message code;
  code.no = 1;
  code.purpose = MessagePurpose::code;
  code.state = MessageState::sending;
  before.messages = {code};
  auto after = before;
  after.messages.front().state = MessageState::accepted;
  desk.tell(changed(before, after));
  desk.tell(changed(after, after));
  CHECK(desk.counts("ringback_verifications_total{result=\"sent\"} 1"));
}

TEST_CASE("the runner is woken when there is something to do, once for a batch") {
  Desk desk;
  desk.tell(changed(a_callback(1), a_callback(1)));
  CHECK(desk.woken == 0);
  auto order = changed(a_callback(1), a_callback(1));
  order.orders = true;
  desk.publisher.publish(0.001, 2, {order, order});
  CHECK(desk.woken == 1);
}

}  // namespace
}  // namespace ringback
