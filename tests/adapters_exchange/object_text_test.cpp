// What is written as text must be read as what was meant, whatever somebody typed.
#include "adapters/exchange/object_text.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>
#include <limits>

using ringback::TimePoint;
using ringback::exchange::ObjectText;
namespace json = boost::json;

TEST_CASE("a text with everything that JSON minds comes back as it was", "[object_text]") {
  std::string all = "\"quoted\" \\ back / slash é 😀 </script>";
  for (char c = 0; c < 0x20; ++c) all += c;
  all += '\x7F';
  const auto text = ObjectText().text("said", all).text("nothing", "").take();
  const auto read = json::parse(text).as_object();
  CHECK(read.at("said").as_string() == all);
  CHECK(read.at("nothing").as_string().empty());
}

TEST_CASE("numbers, flags, times and what is not there keep their kinds", "[object_text]") {
  constexpr auto kLeast = std::numeric_limits<std::int64_t>::min();
  const auto inner = ObjectText().flag("yes", true).flag("no", false).take();
  const auto text = ObjectText()
                        .number("least", kLeast)
                        .number("seven", 7)
                        .null("none")
                        .time("never", std::nullopt)
                        .time("then", TimePoint(ringback::Millis(1'763'722'288'123)))
                        .raw("inner", inner)
                        .take();
  CHECK(json::parse(text) == json::value({{"least", kLeast},
                                          {"seven", 7},
                                          {"none", nullptr},
                                          {"never", nullptr},
                                          {"then", 1'763'722'288'123},
                                          {"inner", {{"yes", true}, {"no", false}}}}));
  CHECK(ObjectText().take() == "{}");
}
