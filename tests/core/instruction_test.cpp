#include "core/domain/instruction.hpp"

#include <catch2/catch.hpp>

#include "tests/core/support/story.hpp"

using namespace ringback;
using namespace ringback::test;

namespace {

const Prompts kPrompts{"Bright Teeth", "Ada", "My appointment on Monday."};

struct Call : Story {
  Call() { c.visitor.phone = number(7); }

  Instruction ask_point(Point point, const std::string& digits = "", int round = 1,
                        const std::string& of = "CA1", bool machine = false) {
    const Questioned asked{1, of, point, round, digits, machine};
    feed(asked);
    return instruction_for(c, asked, rules, kPrompts);
  }
};

bool hangs_up(const Instruction& i) { return std::holds_alternative<HangUp>(i); }
std::string said(const Instruction& i) {
  const auto* say = std::get_if<SayAndHangUp>(&i);
  return say == nullptr ? "" : say->text;
}

}  // namespace

TEST_CASE("instruction: a foreign, unknown or dead call hears nothing of the visitor",
          "[instruction]") {
  Call s;
  s.call();
  CHECK(hangs_up(s.ask_point(Point::answered, "", 1, "CA99")));
  CHECK(hangs_up(instruction_for(s.c, Questioned{9, "CA1", Point::answered, 1, "", false}, s.rules,
                                 kPrompts)));
  CHECK(hangs_up(
      instruction_for(s.c, Questioned{1, "", Point::answered, 1, "", false}, s.rules, kPrompts)));
  Call ended;
  ended.missed_call();
  CHECK(hangs_up(ended.ask_point(Point::key, "1")));
  Call dead;
  dead.given_up_in_doubt();
  CHECK(hangs_up(dead.ask_point(Point::answered)));
}

TEST_CASE("instruction: a recorded talk is announced to both, and only then", "[instruction]") {
  Prompts recorded = kPrompts;
  recorded.recorded = true;
  Call s;
  s.call();
  const Questioned answered{1, "CA1", Point::answered, 1, "", false};
  s.feed(answered);
  const auto prompt = std::get<AskForKey>(instruction_for(s.c, answered, s.rules, recorded)).prompt;
  CHECK(prompt.find("will be recorded") != std::string::npos);
  CHECK(prompt.find("will be recorded") < prompt.find("press 1"));
  const auto plain = std::get<AskForKey>(instruction_for(s.c, answered, s.rules, kPrompts)).prompt;
  CHECK(plain.find("recorded") == std::string::npos);
  const Questioned pressed{1, "CA1", Point::key, 1, "1", false};
  s.feed(pressed);
  const auto dial = std::get<DialVisitor>(instruction_for(s.c, pressed, s.rules, recorded));
  REQUIRE(dial.recorded);
  // A key pressed early cuts the prompt short.
  CHECK(dial.recorded->to_business.find("recorded") != std::string::npos);
  CHECK(dial.recorded->to_visitor.find("recorded") != std::string::npos);
  CHECK(dial.recorded->to_visitor.find("Bright Teeth") != std::string::npos);

  // Nobody asked for a key, so nobody was told yet.
  Rules no_gate = s.rules;
  no_gate.accept = Accept::none;
  CHECK_FALSE(std::get<DialVisitor>(instruction_for(s.c, pressed, no_gate, recorded))
                  .recorded->to_business.empty());

  const auto silent = instruction_for(s.c, pressed, s.rules, kPrompts);
  CHECK_FALSE(std::get<DialVisitor>(silent).recorded);
}

TEST_CASE("instruction: after a cancel the business is told so", "[instruction]") {
  Call s;
  s.call();
  s.ask_point(Point::answered);
  s.feed(CancelAsked{});
  CHECK(said(s.ask_point(Point::key, "1")).find("no longer") != std::string::npos);
}

TEST_CASE("instruction: a machine hears nothing", "[instruction]") {
  Call s;
  s.call();
  CHECK(hangs_up(s.ask_point(Point::answered, "", 1, "CA1", true)));
  CHECK(hangs_up(s.ask_point(Point::key, "1")));
}

TEST_CASE("instruction: who asks and what about, the key last, no number aloud", "[instruction]") {
  Call s;
  s.call();
  const auto ask = std::get<AskForKey>(s.ask_point(Point::answered));
  CHECK(ask.round == 1);
  CHECK(ask.prompt ==
        "Ada asks Bright Teeth to call back about: My appointment on Monday. To be connected, "
        "press 1.");
  const Prompts hostile{"Us\x07", "Eve +1 (202) 555-0107\n", std::string(600, 'x')};
  const auto loud =
      std::get<AskForKey>(instruction_for(s.c, Questioned{1, "CA1", Point::answered, 1, "", false},
                                          s.rules, hostile))
          .prompt;
  CHECK(loud.size() < 260);
  CHECK(loud.find('\x07') == std::string::npos);
  CHECK(loud.find("202") == std::string::npos);
  CHECK(loud.find("555") == std::string::npos);
  const auto bare =
      std::get<AskForKey>(instruction_for(s.c, Questioned{1, "CA1", Point::answered, 1, "", false},
                                          s.rules, Prompts{}))
          .prompt;
  CHECK(bare == "A visitor asks you to call back. To be connected, press 1.");
}

TEST_CASE("instruction: silence is asked about once more, then bidden good-bye", "[instruction]") {
  Call s;
  s.call();
  s.ask_point(Point::answered);
  CHECK(std::get<AskForKey>(s.ask_point(Point::key, "", 1)).round == 2);
  CHECK(said(s.ask_point(Point::key, "", 2)) == "You are not being connected. Good-bye.");
  CHECK(said(s.ask_point(Point::key, "1", 2)) == "You are not being connected. Good-bye.");
}

TEST_CASE("instruction: 1 dials the visitor, and the same question gets the same answer",
          "[instruction]") {
  Call s;
  s.call();
  s.ask_point(Point::answered);
  const auto first = s.ask_point(Point::key, "1");
  const auto dial = std::get<DialVisitor>(first);
  CHECK(dial.visitor == number(7));
  CHECK(dial.ring == Seconds(30));
  CHECK(dial.talk == Seconds(3600));
  CHECK(s.ask_point(Point::key, "1") == first);
  CHECK(s.ask_point(Point::answered) == first);
  s.visitor(View::no_answer);
  CHECK(said(s.ask_point(Point::key, "1")) == "The visitor did not answer. Good-bye.");
}

TEST_CASE("instruction: without a key asked for, the answer dials the visitor", "[instruction]") {
  Call s;
  s.rules.accept = Accept::none;
  s.call();
  CHECK(std::holds_alternative<DialVisitor>(s.ask_point(Point::answered)));
}

TEST_CASE("instruction: after the visitor's leg the business hears how it went", "[instruction]") {
  const auto heard = [](View view, bool declined = false, bool never_joined = false) {
    Call s;
    s.accepted();
    s.feed(News{.attempt = 1,
                .ref = "CA1",
                .side = Side::visitor,
                .view = view,
                .declined = declined,
                .never_joined = never_joined});
    return s.ask_point(Point::dialed);
  };
  CHECK(hangs_up(heard(View::completed)));
  CHECK(hangs_up(heard(View::answered)));
  CHECK(said(heard(View::busy)) == "The visitor's line was busy. Good-bye.");
  CHECK(said(heard(View::busy, true)) == "The visitor declined the call. Good-bye.");
  CHECK(said(heard(View::no_answer)) == "The visitor did not answer. Good-bye.");
  CHECK(said(heard(View::failed)) == "The visitor could not be reached. Good-bye.");
  CHECK(said(heard(View::completed, false, true)) == "The call to the visitor is over. Good-bye.");
  CHECK(said(heard(View::none)) == "The call to the visitor is over. Good-bye.");
}
