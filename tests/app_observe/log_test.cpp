#include "app/observe/log.hpp"

#include <unistd.h>

#include <boost/json.hpp>
#include <catch2/catch.hpp>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>
#include <thread>
#include <vector>

namespace jot = ringback::log;
using Catch::Matchers::Contains;

namespace {
constexpr std::int64_t kTime = 1795430574007;  // 2026-11-23T10:42:54.007Z

// What standard output is given while this lives.
class Captured {
 public:
  Captured() {
    std::fflush(stdout);
    kept_ = dup(STDOUT_FILENO);
    const int file = mkstemp(name_.data());
    REQUIRE(file >= 0);
    dup2(file, STDOUT_FILENO);
    close(file);
  }
  ~Captured() { give_back(); }

  std::vector<std::string> lines() {
    give_back();
    std::ifstream in(name_);
    std::vector<std::string> out;
    for (std::string line; std::getline(in, line);) out.push_back(line);
    std::filesystem::remove(name_);
    return out;
  }

 private:
  void give_back() {
    if (kept_ < 0) return;
    std::fflush(stdout);
    dup2(kept_, STDOUT_FILENO);
    close(kept_);
    kept_ = -1;
  }
  std::string name_ = std::filesystem::temp_directory_path() / "ringback-log-XXXXXX";
  int kept_ = -1;
};
}  // namespace

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

TEST_CASE("lines of several threads stay whole, and stop() leaves none behind", "[log]") {
  constexpr int kThreads = 4;
  constexpr int kLines = 500;
  Captured captured;
  jot::start(jot::Level::info, jot::Format::json);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([] {
        for (int i = 0; i < kLines; ++i) jot::info("counted", {{"line", i}});
      });
    }
  }
  jot::stop();
  const auto lines = captured.lines();
  CHECK(lines.size() == kThreads * kLines);
  for (const auto& text : lines) {
    boost::json::error_code failed;
    boost::json::parse(text, failed);
    CHECK_FALSE(failed);
  }
}

TEST_CASE("what is below the level is not written, and the level can change", "[log]") {
  Captured captured;
  jot::start(jot::Level::warning, jot::Format::text);
  jot::info("quiet");
  jot::warn("loud");
  jot::set_level(jot::Level::debug);
  jot::debug("whisper");
  jot::stop();
  jot::set_level(jot::Level::info);
  const auto lines = captured.lines();
  REQUIRE(lines.size() == 2);
  CHECK_THAT(lines[0], Contains("warn  loud"));
  CHECK_THAT(lines[1], Contains("debug whisper"));
}
