#include "tests/usecases/support/office.hpp"

namespace ringback::office {
namespace {

TEST_CASE("timers that are not due do not ring, and one that rang is gone") {
  Office office;
  const auto id = office.pending("123456");
  CHECK(office.ring() == 0);
  office.clock.pass(Seconds(300));
  CHECK(office.ring() > 0);
  CHECK(office.at(id).state == State::expired);
  CHECK(office.ring() == 0);
}

TEST_CASE("no more timers ring at once than were asked for") {
  Office office;
  for (int i = 0; i < 3; ++i) office.request(office.asks("+1202555012" + std::to_string(i)));
  office.clock.pass(Seconds(300));
  CHECK(*office.in_batch([&] { return ring_due_timers(office.board, 2); }) == 2);
  CHECK(office.ring() == 1);
}

TEST_CASE("a callback that waited too long ends with a text and never rings") {
  Office office;
  auto ask = office.asks();
  ask.proven = true;
  const auto id = office.request(ask).callback.id;
  office.clock.pass(office.policy.rules.give_up);
  office.ring();
  CHECK(office.at(id).state == State::expired);
  CHECK(office.take_one(OrderKind::send_text).callback == id);
}

TEST_CASE("after a start every open call is asked about, and what was being sent is in doubt") {
  Office office;
  const auto placed = office.placed("C1", "+12025550121");
  auto ask = office.asks("+12025550122");
  ask.proven = true;
  const auto sending = office.request(ask).callback.id;
  office.take_one(OrderKind::dial);
  const auto text = office.request(office.asks("+12025550124")).callback.id;
  office.take_one(OrderKind::send_text);

  const auto asked = office.in_batch([&] { return recover(office.board); });
  CHECK(*asked == 1);
  CHECK(office.take_one(OrderKind::poll).callback == placed);
  CHECK(office.at(sending).phase == Phase::in_doubt);
  CHECK(office.at(text).messages.front().state == MessageState::unknown);
}

TEST_CASE("a second start right after the first changes nothing but to ask again") {
  Office office;
  auto ask = office.asks();
  ask.proven = true;
  const auto id = office.request(ask).callback.id;
  office.take_one(OrderKind::dial);
  office.in_batch([&] { return recover(office.board); });
  const auto before = office.at(id);
  CHECK(*office.in_batch([&] { return recover(office.board); }) == 1);
  CHECK(office.at(id) == before);
  CHECK(office.take_one(OrderKind::look_up).callback == id);
}

}  // namespace
}  // namespace ringback::office
