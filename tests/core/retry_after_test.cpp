#include "core/ports/retry_after.hpp"

#include <catch2/catch.hpp>
#include <string>

using namespace ringback;

namespace {

constexpr const char* kNow = "Sat, 21 Nov 2026 17:05:00 GMT";

Millis wait_of(const std::string& value, const std::string& date = kNow) {
  HttpResponse response{429, {}, ""};
  if (!date.empty()) response.headers.emplace_back("date", date);
  response.headers.emplace_back("retry-after", value);
  return retry_after(response);
}

}  // namespace

TEST_CASE("what is no Retry-After is no wait", "[retry_after]") {
  CHECK(retry_after({429, {}, ""}) == Millis{0});
  for (const char* text : {"",
                           " ",
                           "-1",
                           "+5",
                           "1.5",
                           "5s",
                           "0x10",
                           "soon",
                           "Sat",
                           "Sat,",
                           "Sat, 21 Nov 2026",
                           "Sat, 21 Nov 2026 17:06:00",
                           "Sat, 21 Nov 2026 17:06:00 PST",
                           "Sat, 21 Nov 2026 17:06:00 GXT",
                           "Sat, 21 Nov 2026 17:06:00 GMT ",
                           "Sat, 21 nov 2026 17:06:00 GMT",
                           "Sat, 21 anF 2026 17:06:00 GMT",
                           "Sat, 32 Nov 2026 17:06:00 GMT",
                           "Sat, 00 Nov 2026 17:06:00 GMT",
                           "Sat, 31 Nov 2026 17:06:00 GMT",
                           "Sat, 21 Nov 2026 24:06:00 GMT",
                           "Sat, 21 Nov 2026 17:60:00 GMT",
                           "Sat, 21 Nov 2026 17:06:61 GMT",
                           "Sat, 1 Nov 2026 17:06:00 GMT",
                           "Sa, 21 Nov 2026 17:06:00 GMT",
                           ", 21 Nov 2026 17:06:00 GMT",
                           "Saturday, 21-Nov-2026 17:06:00 GMT",
                           "2026-11-21T17:06:00Z",
                           "Sat Nov 21 17:06:00 2026 GMT",
                           "Sat Nov x1 17:06:00 2026"}) {
    INFO(text);
    CHECK(wait_of(text) == Millis{0});
  }
}

TEST_CASE("seconds are waited, an hour at most, however many there are", "[retry_after]") {
  CHECK(wait_of("0") == Millis{0});
  CHECK(wait_of("1") == Seconds{1});
  CHECK(wait_of("007") == Seconds{7});
  CHECK(wait_of("3600") == kLongestRetryAfter);
  CHECK(wait_of("3601") == kLongestRetryAfter);
  CHECK(wait_of("86400") == kLongestRetryAfter);
  CHECK(wait_of(std::string(100, '9')) == kLongestRetryAfter);
  CHECK(wait_of("30", "") == Seconds{30});
}

TEST_CASE("a date in any of its three forms counts from the letter's own", "[retry_after]") {
  CHECK(wait_of("Sat, 21 Nov 2026 17:06:30 GMT") == Seconds{90});
  CHECK(wait_of("Saturday, 21-Nov-26 17:06:30 GMT") == Seconds{90});
  CHECK(wait_of("Sat Nov 21 17:06:30 2026") == Seconds{90});
  CHECK(wait_of("Thu Jan  1 00:00:10 2026", "Wed, 31 Dec 2025 23:59:50 GMT") == Seconds{20});
  CHECK(wait_of("Sun, 29 Feb 2032 00:00:10 GMT", "Sat, 28 Feb 2032 23:59:50 GMT") == Seconds{20});
  CHECK(wait_of("Friday, 01-Jan-00 00:00:10 GMT", "Thu, 31 Dec 2099 23:59:50 GMT") == Millis{0});
  CHECK(wait_of("Sat, 21 Nov 2026 17:05:60 GMT") == Seconds{60});  // a leap second
  CHECK(wait_of("Sat, 21 Nov 2026 23:00:00 GMT") == kLongestRetryAfter);
  CHECK(wait_of("Fri, 31 Dec 9999 23:59:59 GMT") == kLongestRetryAfter);
}

TEST_CASE("a date that is over, or that counts from nothing, is no wait", "[retry_after]") {
  CHECK(wait_of(kNow) == Millis{0});
  CHECK(wait_of("Sat, 21 Nov 2026 17:04:59 GMT") == Millis{0});
  CHECK(wait_of("Sunday, 06-Nov-94 08:49:37 GMT") == Millis{0});
  CHECK(wait_of("Sat, 21 Nov 2026 17:06:30 GMT", "") == Millis{0});
  CHECK(wait_of("Sat, 21 Nov 2026 17:06:30 GMT", "today") == Millis{0});
  CHECK(wait_of("Saturday, 21-Nov-26 17:06:30 GMT", "Saturday, 21-Nov-26 17:05:00 GMT") ==
        Millis{0});
}
