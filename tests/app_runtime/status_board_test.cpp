#include "app/runtime/status_board.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <future>

#include "tests/conformance/store_samples.hpp"
#include "tests/support/catch.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
using conformance::callback_id;
using conformance::digest;

SharedStatus version(std::int64_t number) {
  auto document = std::make_shared<StatusDocument>();
  document->version = number;
  return document;
}

// Has it been rung? Takes the ring.
bool rung(asio::io_context& context, http::Wakeup& bell) {
  auto answer = asio::co_spawn(context, bell.wait(Millis(0)), asio::use_future);
  context.restart();
  context.run();
  return answer.get();
}

TEST_CASE("an older document never replaces a newer one") {
  StatusBoard board;
  board.publish(callback_id(1), version(2));
  board.publish(callback_id(1), version(1));
  CHECK(board.find(callback_id(1))->version == 2);
}

TEST_CASE("a reader that was slower than a commit does not bring the past back") {
  StatusBoard board;
  const auto id = callback_id(1);
  board.expect(id);
  const auto read = version(1);
  REQUIRE(board.knows(id));  // so the commit below is published
  board.publish(id, version(2));
  CHECK(board.offer(id, read)->version == 2);
  CHECK(board.find(id)->version == 2);
}

TEST_CASE("what was read is kept for the next, unless it was forgotten meanwhile") {
  StatusBoard board(1);
  board.expect(callback_id(1));
  CHECK(board.offer(callback_id(1), version(1))->version == 1);
  CHECK(board.find(callback_id(1))->version == 1);
  board.expect(callback_id(2));  // takes the only place
  CHECK(board.offer(callback_id(1), version(1))->version == 1);
  CHECK(board.find(callback_id(1)) == nullptr);
}

TEST_CASE(
    "the same version read again is the fresher one: places in a queue move without commits") {
  StatusBoard board;
  board.publish(callback_id(1), version(1));
  board.expect(callback_id(1));
  const auto read = version(1);
  CHECK(board.offer(callback_id(1), read) == read);
}

TEST_CASE("a bell rings with each new version, and not with an old one") {
  asio::io_context context;
  StatusBoard board;
  const auto bell = http::Wakeup::make(context.get_executor());
  board.watch(callback_id(1), bell);
  CHECK_FALSE(rung(context, *bell));
  board.publish(callback_id(1), version(1));
  CHECK(rung(context, *bell));
  board.publish(callback_id(1), version(1));
  CHECK_FALSE(rung(context, *bell));
  board.publish(callback_id(2), version(9));
  CHECK_FALSE(rung(context, *bell));
}

TEST_CASE("a ring that comes before anybody waits is not lost") {
  asio::io_context context;
  StatusBoard board;
  const auto bell = http::Wakeup::make(context.get_executor());
  board.watch(callback_id(1), bell);
  board.publish(callback_id(1), version(1));
  board.publish(callback_id(1), version(2));
  CHECK(rung(context, *bell));
  CHECK(board.find(callback_id(1))->version == 2);
}

TEST_CASE("whoever hangs up is no watcher any more") {
  asio::io_context context;
  StatusBoard board;
  auto bell = http::Wakeup::make(context.get_executor());
  board.watch(callback_id(1), bell);
  CHECK(board.watchers() == 1);
  bell.reset();
  CHECK(board.watchers() == 0);
  board.publish(callback_id(1), version(1));  // rings nobody, and does not fall over
}

TEST_CASE("the least recently used is forgotten first; what is watched stays") {
  asio::io_context context;
  StatusBoard board(3);
  const auto bell = http::Wakeup::make(context.get_executor());
  board.watch(callback_id(1), bell);
  board.publish(callback_id(2), version(1));
  board.publish(callback_id(3), version(1));
  CHECK(board.find(callback_id(2)) != nullptr);
  board.publish(callback_id(4), version(1));
  CHECK(board.knows(callback_id(1)));
  CHECK(board.knows(callback_id(2)));
  CHECK_FALSE(board.knows(callback_id(3)));
}

TEST_CASE("a token opens its own callback only") {
  StatusBoard board;
  board.remember_token(digest(1), callback_id(1));
  CHECK(board.knows_token(digest(1), callback_id(1)));
  CHECK_FALSE(board.knows_token(digest(1), callback_id(2)));
  CHECK_FALSE(board.knows_token(digest(2), callback_id(1)));
}

TEST_CASE("tokens are bounded, too") {
  StatusBoard board(2);
  for (std::uint32_t n = 1; n <= 3; ++n) board.remember_token(digest(n), callback_id(n));
  CHECK(board.knows_token(digest(3), callback_id(3)));
  CHECK_FALSE(board.knows_token(digest(1), callback_id(1)));
}

}  // namespace
}  // namespace ringback
