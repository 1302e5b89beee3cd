#include "app/observe/log.hpp"

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <limits>

namespace jot = ringback::log;
using Catch::Matchers::Contains;

namespace {
constexpr std::int64_t kTime = 1795430574007;  // 2026-11-23T10:42:54.007Z
}

TEST_CASE("a line is one JSON object with its time in UTC", "[log]") {
  const auto text =
      jot::line(jot::Format::json, kTime, jot::Level::warning, "webhook rejected",
                {{"request_id", "r1"}, {"status", 403}, {"late", true}, {"seconds", 0.25}});
  CHECK(text == R"({"ts":"2026-11-23T10:42:54.007Z","level":"warn","event":"webhook rejected",)"
                R"("request_id":"r1","status":403,"late":true,"seconds":0.25})");
}

TEST_CASE("nobody can write a log line of their own", "[log]") {
  const std::string evil =
      "a\"b\\\n{\"level\":\"error\"}\r\x1b[31m\x7f\xc2\x9b"
      "31m\xff\xed\xa0\x80";
  for (const auto format : {jot::Format::json, jot::Format::text}) {
    const auto text = jot::line(format, kTime, jot::Level::info, evil, {{"name", evil}});
    for (const char c : text) CHECK((static_cast<unsigned char>(c) >= 0x20 && c != 0x7f));
    CHECK_THAT(text, !Contains("\xc2\x9b"));
  }
  const auto text = jot::line(jot::Format::json, kTime, jot::Level::info, "x", {{"name", evil}});
  const auto parsed = boost::json::parse(text);
  CHECK(parsed.at("level") == "info");
  CHECK_THAT(std::string(parsed.at("name").as_string()), Contains("\xef\xbf\xbd"));
}

TEST_CASE("a number that JSON does not know becomes null", "[log]") {
  const auto text = jot::line(jot::Format::json, kTime, jot::Level::info, "x",
                              {{"rate", std::numeric_limits<double>::quiet_NaN()}});
  CHECK(boost::json::parse(text).at("rate").is_null());
}

TEST_CASE("a text without end is cut off, and the line stays JSON", "[log]") {
  std::string text(4095, 'a');
  text += "é and more";
  const auto line = jot::line(jot::Format::json, kTime, jot::Level::info, "x", {{"text", text}});
  CHECK(line.size() < 4300);
  CHECK_NOTHROW(boost::json::parse(line));
}
