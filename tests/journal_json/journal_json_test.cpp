// The journal must be readable for years, and whatever it holds must never hurt who reads it.
#include "adapters/storage/journal_json.hpp"

#include <random>
#include <set>

#include "adapters/storage/journal_members.hpp"
#include "adapters/storage/words.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
namespace jj = ringback::journal_json;

namespace {

// Fills every listed member with something random; also collects members for comparison.
class Filler {
 public:
  explicit Filler(std::uint32_t seed) : random_(seed) {}

  template <class T>
  void operator()(std::string_view, T& value, const T& usual = T{}) {
    if (draw(4) == 0)
      value = usual;
    else
      fill(value);
  }

 private:
  std::uint64_t draw(std::uint64_t below) { return random_() % below; }

  template <class T>
  void fill(T& value) {
    if constexpr (std::is_enum_v<T>) {
      const auto& words = storage::words_of(T{});
      value = words[draw(words.size())].value;
    } else if constexpr (std::is_same_v<T, bool>) {
      value = draw(2) == 0;
    } else if constexpr (std::is_same_v<T, int>) {
      value = static_cast<int>(static_cast<std::uint32_t>(random_()));
    } else if constexpr (std::is_same_v<T, Millis>) {
      value = Millis(static_cast<std::int64_t>(random_()));
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      value = TimePoint(Millis(static_cast<std::int64_t>(random_())));
    } else if constexpr (std::is_same_v<T, std::optional<TimePoint>>) {
      fill(value.emplace());
    } else if constexpr (std::is_same_v<T, std::string>) {
      value = draw(2) == 0 ? "quote \" back\\slash \n tab\t nul" + std::string(1, '\0') + " ü 電"
                           : "CA" + std::to_string(random_());
    } else if constexpr (std::is_same_v<T, PhoneNumber>) {
      value = *PhoneNumber::from_e164("+1202555" + std::to_string(1000 + draw(9000)));
    } else if constexpr (std::is_same_v<T, Digest>) {
      for (auto& byte : value) byte = static_cast<std::uint8_t>(random_());
    } else if constexpr (requires { typename T::value_type; }) {
      value.clear();
      for (auto n = draw(4); n > 0; --n) fill(value.emplace_back());
    } else {
      jj::members(*this, value);
    }
  }

  std::mt19937_64 random_;
};

template <std::size_t I = 0>
void for_each_kind(const auto& visit) {
  if constexpr (I < std::variant_size_v<Event>) {
    visit(std::variant_alternative_t<I, Event>{});
    for_each_kind<I + 1>(visit);
  }
}

}  // namespace

TEST_CASE("each event says the same after it was written and read", "[journal]") {
  for_each_kind([](auto event) {
    INFO(jj::name_of(event));
    for (std::uint32_t seed = 0; seed < 200; ++seed) {
      Filler filler(seed);
      jj::members(filler, event);
      const std::string text = jj::write_event(event);
      const auto read = jj::read_event(text);
      INFO(text);
      REQUIRE(read.has_value());
      REQUIRE(read->index() == Event(event).index());
      REQUIRE(jj::write_event(*read) == text);
    }
  });
}

TEST_CASE("an event's members come back one by one", "[journal]") {
  DialAnswered told;
  told.attempt = 2;
  told.fence = 3;
  told.outcome = {Taken::throttled, "CA1", Seconds(7), "busy exchange"};
  const auto read = jj::read_event(jj::write_event(told));
  REQUIRE(read.has_value());
  const auto& back = std::get<DialAnswered>(*read);
  CHECK(back.attempt == 2);
  CHECK(back.fence == 3);
  CHECK(back.outcome == told.outcome);
}

TEST_CASE("only what differs from the default is written", "[journal]") {
  CHECK(jj::write_event(Joined{}) == R"({"v":1,"e":"joined"})");
  CHECK(jj::write_event(CancelAsked{}) == R"({"v":1,"e":"cancel_asked"})");
  CHECK(jj::write_event(Asked{true, false}) == R"({"v":1,"e":"asked","proven":true})");
}

TEST_CASE("no two events share a name, and no two values a word", "[journal]") {
  std::set<std::string_view> names;
  for_each_kind([&](auto event) { CHECK(names.insert(jj::name_of(event)).second); });
  CHECK(names.size() == std::variant_size_v<Event>);
  const auto distinct = [](const auto& words) {
    std::set<std::string_view> seen;
    for (const auto& entry : words) CHECK(seen.insert(entry.word).second);
  };
  distinct(storage::kStates);
  distinct(storage::kPhases);
  distinct(storage::kReasons);
  distinct(storage::kAttemptStates);
  distinct(storage::kViews);
  distinct(storage::kOrderKinds);
  distinct(storage::kTimerKinds);
  distinct(storage::kTakens);
}

TEST_CASE("situations and rules say the same after they were written and read", "[journal]") {
  for (std::uint32_t seed = 0; seed < 200; ++seed) {
    Filler filler(seed);
    Situation situation;
    jj::members(filler, situation);
    const std::string text = jj::write_situation(situation, seed);
    const auto read = jj::read_situation(text);
    REQUIRE(read.has_value());
    CHECK(read->rules == seed);
    CHECK(jj::write_situation(read->situation, read->rules) == text);
    CHECK(read->situation.next_opening == situation.next_opening);
    CHECK(read->situation.call_left == situation.call_left);

    Rules rules;
    jj::members(filler, rules);
    const auto rules_read = jj::read_rules(jj::write_rules(rules));
    REQUIRE(rules_read.has_value());
    CHECK(*rules_read == rules);

    Visitor visitor;
    jj::members(filler, visitor);
    const auto visitor_read = jj::read_visitor(jj::write_visitor(visitor));
    REQUIRE(visitor_read.has_value());
    CHECK(*visitor_read == visitor);
  }
}

TEST_CASE("a reference that is not UTF-8 does not make the journal unreadable", "[journal]") {
  News news;
  for (const char* ref : {"a\xff", "\xc3", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xe0\x80\x80"}) {
    news.ref = ref;
    const auto read = jj::read_event(jj::write_event(news));
    REQUIRE(read.has_value());
    CHECK(std::get<News>(*read).ref.find('?') != std::string::npos);
  }
}

TEST_CASE("what cannot be understood is refused, not guessed", "[journal]") {
  for (const char* text : {"",
                           "{",
                           "null",
                           "[]",
                           "7",
                           R"("e")",
                           R"({})",
                           R"({"v":1})",
                           R"({"v":2,"e":"joined"})",
                           R"({"v":"1","e":"joined"})",
                           R"({"v":1,"e":7})",
                           R"({"v":1,"e":"rung"})",
                           R"({"v":1,"e":"joined","surprise":1})",
                           R"({"v":1,"e":"dial_claimed","attempt":"1"})",
                           R"({"v":1,"e":"dial_claimed","attempt":99999999999})",
                           R"({"v":1,"e":"dial_claimed","attempt":1.5})",
                           R"({"v":1,"e":"timer_rang","kind":"tea"})",
                           R"({"v":1,"e":"text_claimed","code_hmac":"zz"})",
                           R"({"v":1,"e":"asked","proven":1})",
                           R"({"v":1,"e":"joined"} )"
                           "x"}) {
    INFO(text);
    const auto read = jj::read_event(text);
    REQUIRE(read.has_error());
    CHECK(read.error().code == Errc::invalid_input);
  }
  CHECK(jj::read_event(std::string(100'000, '[')).has_error());
  CHECK(jj::read_situation(R"({"v":1,"rules":-1})").has_error());
  CHECK(jj::read_situation(R"({"v":1,"now":"later"})").has_error());
  CHECK(jj::read_rules(R"({"v":1})").has_error());
  CHECK(jj::read_visitor(R"({"v":1,"phone":"12"})").has_error());
}

TEST_CASE("a damaged line is an error or another line, never a crash", "[journal]") {
  std::mt19937 random(7);
  Snapshot shot;
  shot.attempt = 1;
  shot.ref = "CA1";
  shot.business = View::completed;
  const std::string good = jj::write_event(shot);
  for (int i = 0; i < 20'000; ++i) {
    std::string bad = good;
    for (auto n = random() % 3 + 1; n > 0; --n)
      bad[random() % bad.size()] = static_cast<char>(random());
    if (random() % 4 == 0) bad.resize(random() % bad.size());
    const auto read = jj::read_event(bad);
    if (read) CHECK(read->index() < std::variant_size_v<Event>);
  }
}
