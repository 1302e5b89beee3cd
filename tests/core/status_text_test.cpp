#include "core/domain/status_text.hpp"

#include <catch2/catch.hpp>

#include "core/domain/plain_text.hpp"
#include "core/domain/words.hpp"
#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

namespace {

constexpr std::string_view kBusiness = "Bright Teeth";

std::string told(const Callback& c) { return status_sentence(c, kBusiness, "Monday 09:00"); }

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

void check_manners(const std::string& text) {
  INFO(text);
  CHECK(text.size() > 15);
  CHECK(text.back() == '.');
  CHECK(text[0] >= 'A');
  CHECK(text[0] <= 'Z');
  CHECK_FALSE(has(text, "!"));
  CHECK_FALSE(has(text, "lease"));
  CHECK_FALSE(has(text, "202"));
  CHECK_FALSE(has(text, "{"));
}

Callback with(State state, Phase phase, Reason reason) {
  Callback c;
  c.visitor.phone = number(7);
  c.state = state;
  c.phase = phase;
  c.reason = reason;
  c.proven = true;
  return c;
}

Message alert(MessageState state) {
  Message m;
  m.no = 1;
  m.purpose = MessagePurpose::alert;
  m.state = state;
  return m;
}

}  // namespace

TEST_CASE("status: every state, phase and reason has a plain sentence", "[status]") {
  for (int state = 0; state <= static_cast<int>(State::expired); ++state)
    for (int phase = 0; phase <= static_cast<int>(Phase::in_doubt); ++phase)
      for (int reason = 0; reason <= static_cast<int>(Reason::by_operator); ++reason)
        for (const bool proven : {false, true}) {
          auto c = with(static_cast<State>(state), static_cast<Phase>(phase),
                        static_cast<Reason>(reason));
          c.proven = proven;
          check_manners(told(c));
          check_manners(status_sentence(c, "", ""));
        }
}

TEST_CASE("status: doubt is told as doubt", "[status]") {
  CHECK(told(with(State::calling, Phase::in_doubt, Reason::none)) ==
        "The call to Bright Teeth may have rung; we are checking.");
  auto c = with(State::missed, Phase::none, Reason::outcome_unknown);
  c.messages = {alert(MessageState::accepted)};
  CHECK(
      told(c) ==
      "A call to Bright Teeth may have rung, and we cannot tell how it ended; we have texted them "
      "your details.");
}

TEST_CASE("status: how the text to the business fared is told as it is", "[status]") {
  auto c = with(State::missed, Phase::none, Reason::business_no_answer);
  const auto fate = [&](MessageState state) {
    c.messages = {alert(state)};
    return told(c);
  };
  CHECK(has(fate(MessageState::ready), "we are texting them"));
  CHECK(has(fate(MessageState::sending), "we are texting them"));
  CHECK(has(fate(MessageState::accepted), "we have texted them"));
  CHECK(has(fate(MessageState::unknown), "may have reached them"));
  CHECK(fate(MessageState::refused) ==
        "Bright Teeth did not answer; we could not text them your details.");
  c.messages.clear();
  CHECK(has(told(c), "nobody was told"));
}

TEST_CASE("status: the code is on its way, whatever the carrier says of its text", "[status]") {
  for (const auto taken : {Taken::unknown, Taken::accepted}) {
    Story s;
    s.ask_unproven();
    const auto at_first = told(s.c);
    CHECK(has(at_first, "on its way"));
    s.claim_text();
    s.text_reply(taken);
    CHECK(told(s.c) == at_first);
  }
}

TEST_CASE("status: opening and slot give the time", "[status]") {
  CHECK(told(with(State::scheduled, Phase::opening, Reason::outside_hours)) ==
        "Bright Teeth is closed now; we ring them when they open: Monday 09:00.");
  CHECK(has(told(with(State::scheduled, Phase::slot, Reason::none)), "Monday 09:00"));
}

TEST_CASE("status: whoever guessed is told so, whoever was late, too", "[status]") {
  Story guessed;
  guessed.ask_unproven();
  for (int i = 0; i < 5; ++i) guessed.feed(CodeEntered{false});
  CHECK(has(told(guessed.c), "wrong too often"));
  Story late;
  late.ask_unproven();
  late.ring(TimerKind::code);
  CHECK(has(told(late.c), "not entered in time"));
}

TEST_CASE("alert: who, which number, why, what about, and the reference last", "[alert_text]") {
  auto c = with(State::missed, Phase::none, Reason::business_no_answer);
  c.visitor.name = "Ada";
  c.visitor.message = "My appointment\non Monday";
  CHECK(alert_text(c, "Mon 10:15", "K7M2Q") ==
        "Callback missed: Ada +12025550107. You did not answer. Asked: Mon 10:15. \"My appointment "
        "on "
        "Monday\" Ref K7M2Q");
  c.reason = Reason::outcome_unknown;
  CHECK(has(alert_text(c, "", "K7M2Q"), "may have rung"));
  c.visitor.name.clear();
  CHECK(has(alert_text(c, "", "K7M2Q"), "a visitor +12025550107"));
}

TEST_CASE("alert: three parts at most, whatever the visitor wrote", "[alert_text]") {
  for (const std::string piece : {"x", "{", "ü", "猫", "😀", "\x01", "\xff"}) {
    auto c = with(State::failed, Phase::none, Reason::visitor_unreachable);
    for (int i = 0; i < 80; ++i) c.visitor.name += piece;
    for (int i = 0; i < 500; ++i) c.visitor.message += piece;
    const auto text = alert_text(c, "Monday 10:15", "K7M2Q");
    INFO(text);
    CHECK(sms_segments(text) <= kMostTextParts);
    CHECK(text.substr(text.size() - 9) == "Ref K7M2Q");
    CHECK(has(text, "+12025550107"));
  }
}

TEST_CASE("plain text: cut at a character, never inside one", "[plain]") {
  CHECK(plain("  a\t\n b\x7f", 9) == "a b");
  CHECK(plain("äöü", 3) == "äöü");
  CHECK(plain("äöüß", 3) == "äö…");
  CHECK(plain("a\xc3", 3) == "a");
  CHECK(plain("a\u202Eb", 3) == "ab");
  CHECK(plain("abc", 0).empty());
  CHECK(speakable("room 1234, call 202-555-0107 now", 99) == "room 1234, call now");
  CHECK(sms_segments(std::string(160, 'x')) == 1);
  CHECK(sms_segments(std::string(161, 'x')) == 2);
  CHECK(sms_segments(std::string(80, '{')) == 1);
  CHECK(sms_segments(std::string(81, '{')) == 2);
  CHECK(sms_segments("猫" + std::string(69, 'x')) == 1);
  CHECK(sms_segments("猫" + std::string(70, 'x')) == 2);
}
