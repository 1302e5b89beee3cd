#include "core/domain/rate_limit.hpp"

#include <random>

#include "core/domain/client_key.hpp"
#include "core/domain/limit_table.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;

namespace {

const TimePoint kStart{Millis{1'800'000'000'000}};
const Limit kFivePerMinute{{5, Seconds{60}}};

// What a limit means, in the words of its definition: after admitting `now`, does any stretch of a
// window's length that ends now hold more than its count?
bool oracle_admits(const std::vector<TimePoint>& admitted, const Limit& limit, TimePoint now) {
  for (const Window& window : limit) {
    std::size_t inside = 1;
    for (const TimePoint at : admitted) inside += at > now - window.span ? 1 : 0;
    if (inside > window.count) return false;
  }
  return true;
}

}  // namespace

TEST_CASE("a limit that cannot be read is refused", "[limit]") {
  for (const auto* text : {"", "5", "5/", "/1m", "5/m", "0/1m", "5/0m", "-5/1m", "5/1w", "5/1m ",
                           "5 / 1m", "10001/1h", "5/32d", "99999999999999999999/1m",
                           "5/99999999999999999999s", "5/1m/1h", "+5/1m", "5/1\xC2\xB5"}) {
    INFO(text);
    CHECK_FALSE(parse_window(text));
  }
  CHECK_FALSE(parse_limit({"5/1m", "fifty an hour"}));
  CHECK_FALSE(parse_limit(std::vector<std::string>(9, "5/1m")));
}

TEST_CASE("limits are read and written in the configuration's words", "[limit]") {
  CHECK(*parse_window("5/1m") == Window{5, Seconds{60}});
  CHECK(*parse_window("3/15m") == Window{3, Seconds{900}});
  CHECK(*parse_window("200/1d") == Window{200, Seconds{86400}});
  CHECK(parse_limit({})->empty());
  for (const auto* text : {"5/1m", "90/45s", "3/15m", "20/1h", "10/2d"})
    CHECK(window_text(*parse_window(text)) == text);
}

TEST_CASE("the sixth in a minute is refused and told when to come back", "[limit]") {
  Log log;
  for (int i = 0; i < 5; ++i) {
    auto taken = take(log, kFivePerMinute, kStart + Seconds{i});
    CHECK(taken.allowance.allowed);
    CHECK(taken.allowance.remaining == static_cast<unsigned>(4 - i));
    log = std::move(taken.log);
  }
  const auto refused = take(log, kFivePerMinute, kStart + Seconds{10});
  CHECK_FALSE(refused.allowance.allowed);
  CHECK(refused.allowance.remaining == 0);
  CHECK(refused.allowance.retry_after == Seconds{50});
  CHECK(refused.log == log);
  CHECK_FALSE(peek(log, kFivePerMinute, kStart + Seconds{60} - Millis{1}).allowed);
  CHECK(take(log, kFivePerMinute, kStart + Seconds{60}).allowance.allowed);
}

TEST_CASE("one window's refusal consumes nothing of another", "[limit]") {
  const Limit limit{{1, Seconds{10}}, {3, Seconds{3600}}};
  Log log = take({}, limit, kStart).log;
  for (int i = 1; i < 10; ++i) {
    auto refused = take(log, limit, kStart + Seconds{i});
    CHECK_FALSE(refused.allowance.allowed);
    log = std::move(refused.log);
  }
  CHECK(log.taken.size() == 1);
  log = take(log, limit, kStart + Seconds{10}).log;
  log = take(log, limit, kStart + Seconds{20}).log;
  const auto refused = peek(log, limit, kStart + Seconds{25});
  CHECK_FALSE(refused.allowed);
  CHECK(refused.retry_after == Seconds{3600 - 25});  // the longest of the waits
}

TEST_CASE("no limit admits everything and remembers nothing", "[limit]") {
  const auto taken = take({}, {}, kStart);
  CHECK(taken.allowance.allowed);
  CHECK(taken.log.taken.empty());
}

TEST_CASE("a clock that was wrong for a moment locks nobody out for long", "[limit]") {
  Log log;
  for (int i = 0; i < 5; ++i) log = take(log, kFivePerMinute, kStart + std::chrono::days{365}).log;
  const auto back = take(log, kFivePerMinute, kStart);
  CHECK_FALSE(back.allowance.allowed);
  CHECK(back.allowance.retry_after == Seconds{60});
  CHECK(take(back.log, kFivePerMinute, kStart + Seconds{60}).allowance.allowed);
}

TEST_CASE("what is admitted is exactly what the definition admits", "[limit][property]") {
  std::mt19937 random(20261121);
  for (int story = 0; story < 60; ++story) {
    Limit limit;
    for (unsigned i = 0, n = 1 + random() % 3; i < n; ++i)
      limit.push_back({static_cast<unsigned>(1 + random() % 7), Seconds{1 + random() % 40}});
    Log log;
    std::vector<TimePoint> admitted;
    TimePoint now = kStart;
    for (int step = 0; step < 300; ++step) {
      // Often exactly on a window's edge, where mistakes live.
      now += random() % 3 == 0 ? Millis{random() % 3} : Millis{(random() % 8) * 500};
      const bool expected = oracle_admits(admitted, limit, now);
      const Allowance before = peek(log, limit, now);
      auto taken = take(std::move(log), limit, now);
      log = std::move(taken.log);
      REQUIRE(taken.allowance.allowed == expected);
      REQUIRE(before.allowed == expected);
      if (expected) {
        admitted.push_back(now);
      } else {
        const Millis wait = taken.allowance.retry_after;
        REQUIRE(oracle_admits(admitted, limit, now + wait));
        REQUIRE_FALSE(oracle_admits(admitted, limit, now + wait - Millis{1}));
      }
      std::uint32_t most = 0;
      for (const auto& window : limit) most = std::max(most, window.count);
      REQUIRE(log.taken.size() <= most);
      REQUIRE(log_from_bytes(log_bytes(log)) == log);
    }
  }
}

TEST_CASE("bytes that are not a log are nothing", "[limit]") {
  const Log log{{kStart, kStart, kStart + Seconds{1}}};
  const std::string good = log_bytes(log);
  CHECK(good.size() < 16);
  CHECK(log_from_bytes(good) == log);
  CHECK(log_from_bytes(log_bytes({})) == Log{});
  CHECK_FALSE(log_from_bytes(""));
  CHECK_FALSE(log_from_bytes("\x02"));
  CHECK_FALSE(log_from_bytes(good.substr(0, 4)));
  CHECK_FALSE(log_from_bytes("\x01" + std::string(20, '\xff')));
  CHECK_FALSE(log_from_bytes("\x01" + std::string(20'000, '\x00')));
  std::mt19937 random(7);
  for (int i = 0; i < 20'000; ++i) {
    std::string bytes(random() % 24, '\0');
    for (char& byte : bytes) byte = static_cast<char>(random());
    if (!bytes.empty()) bytes[0] = 1;
    if (const auto read = log_from_bytes(bytes)) {
      REQUIRE(std::is_sorted(read->taken.begin(), read->taken.end()));
      REQUIRE(take(*read, kFivePerMinute, kStart).log.taken.size() <= 5);
    }
  }
}

TEST_CASE("a table of limits stays within its bounds and forgets the oldest", "[limit]") {
  LimitTable table(100, 150);
  for (int i = 0; i < 5'000; ++i) {
    table.take("client-" + std::to_string(i), kFivePerMinute, kStart);
    table.take("faithful", kFivePerMinute, kStart);
    REQUIRE(table.keys() <= 100);
    REQUIRE(table.instants() <= 150);
  }
  CHECK_FALSE(table.peek("faithful", kFivePerMinute, kStart).allowed);
  CHECK(table.peek("client-0", kFivePerMinute, kStart).remaining == 5);
  CHECK(table.peek("client-4999", kFivePerMinute, kStart).remaining == 4);
  table.forget("faithful");
  CHECK(table.peek("faithful", kFivePerMinute, kStart).remaining == 5);
  table.forget("nobody");
}

TEST_CASE("endless keys are one key", "[limit]") {
  LimitTable table;
  table.take(std::string(1'000'000, 'x'), kFivePerMinute, kStart);
  table.take(std::string(129, 'y'), kFivePerMinute, kStart);
  CHECK(table.keys() == 1);
}

TEST_CASE("what is not an address has no key", "[limit]") {
  for (const auto* text : {"",
                           "1.2.3",
                           "1.2.3.4.5",
                           "1.2.3.256",
                           "01.2.3.4",
                           "1.2.3.4 ",
                           "1..2.3",
                           ":",
                           ":::",
                           "1::2::3",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1:2:3:4:5:6:7:8::",
                           "12345::",
                           "g::",
                           "::1.2.3",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "[::1]",
                           "localhost",
                           "1:"})
    CHECK_FALSE(client_key(text));
  CHECK_FALSE(client_key(std::string(100'000, ':')));
}

TEST_CASE("one client has one key", "[limit]") {
  CHECK(client_key("192.0.2.1") == "192.0.2.1");
  CHECK(client_key("::ffff:192.0.2.1") == "192.0.2.1");
  CHECK(client_key("::FFFF:c000:0201") == "192.0.2.1");
  CHECK(client_key("2001:db8:0:1::1") == "2001:db8:0:1::/64");
  CHECK(client_key("2001:0DB8:0000:0001:ffff:ffff:ffff:ffff") == "2001:db8:0:1::/64");
  CHECK(client_key("2001:db8:0:2::1") == "2001:db8:0:2::/64");
  CHECK(client_key("fe80::1%eth0") == "fe80:0:0:0::/64");
  CHECK(client_key("::1") == "0:0:0:0::/64");
  CHECK(client_key("::") == "0:0:0:0::/64");
  CHECK(client_key("1:2:3:4:5:6:7:8") == "1:2:3:4::/64");
}
