#include "adapters/carriers/twilio/twiml.hpp"

#include "adapters/carriers/twilio/times.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

const std::string kHook = "https://ring.example/hooks/twilio/twilio/token";
const std::string kHead = R"(<?xml version="1.0" encoding="UTF-8"?><Response>)";

TwilioAccount account() {
  TwilioAccount out;
  out.from = *PhoneNumber::from_e164("+12025550199");
  return out;
}

std::string written(const Instruction& instruction, const TwilioAccount& from = account()) {
  return twilio::twiml(from, instruction, kHook);
}

}  // namespace

TEST_CASE("asking for a key: one digit, silence is told, then the end", "[twilio][twiml]") {
  CHECK(written(AskForKey{"Ann asks. Press 1.", 2}) ==
        kHead + R"(<Gather numDigits="1" action=")" + kHook +
            R"(/gate/2" method="POST" timeout="8" actionOnEmptyResult="true" input="dtmf">)" +
            "<Say>Ann asks. Press 1.</Say></Gather><Hangup/></Response>");
}

TEST_CASE("dialling the visitor: from our number, with news of the leg", "[twilio][twiml]") {
  const DialVisitor dial{*PhoneNumber::from_e164("+12025550123"), {}, Seconds{30}, Seconds{3600}};
  CHECK(written(dial) ==
        kHead + R"(<Dial action=")" + kHook + R"(/dialed" method="POST" timeout="30" )" +
            R"(timeLimit="3600" callerId="+12025550199"><Number statusCallback=")" + kHook +
            R"(/sv#rc=3&amp;rp=ct,rt,5xx" statusCallbackMethod="POST" )" +
            R"(statusCallbackEvent="initiated ringing answered completed">+12025550123</Number>)" +
            "</Dial></Response>");
}

TEST_CASE("a recorded talk: both channels, news of it, and both are told", "[twilio][twiml]") {
  DialVisitor dial{*PhoneNumber::from_e164("+12025550123"), {}, Seconds{30}, Seconds{3600}};
  dial.recorded = Announcement{"", "It is recorded."};
  const auto document = written(dial);
  CHECK_THAT(document, Contains(R"( record="record-from-answer-dual" recordingStatusCallback=")" +
                                kHook + R"(/rec#rc=3&amp;rp=ct,rt,5xx")"));
  CHECK_THAT(document, Contains(R"(recordingStatusCallbackEvent="completed absent")"));
  CHECK_THAT(document, Contains(R"(url=")" + kHook + R"(/whisper" method="POST">)"));
  CHECK_THAT(document, !Contains("<Say>"));
  dial.recorded->to_business = "This call will be recorded.";
  CHECK_THAT(written(dial), Contains("<Response><Say>This call will be recorded.</Say><Dial "));
}

TEST_CASE("the carrier's own bounds are kept", "[twilio][twiml]") {
  const DialVisitor odd{*PhoneNumber::from_e164("+12025550123"), {}, Seconds{1}, Seconds{99'999}};
  CHECK_THAT(written(odd), Contains(R"(timeout="5" timeLimit="14400")"));
}

TEST_CASE("saying something and hanging up, in the voice that is set", "[twilio][twiml]") {
  auto spoken = account();
  spoken.voice = "Polly.Joanna";
  spoken.language = "en-US";
  CHECK(written(SayAndHangUp{"Good-bye."}, spoken) ==
        kHead +
            R"(<Say voice="Polly.Joanna" language="en-US">Good-bye.</Say><Hangup/></Response>)");
  CHECK(written(HangUp{}) == kHead + "<Hangup/></Response>");
}

TEST_CASE("nothing that a visitor wrote becomes markup", "[twilio][twiml]") {
  CHECK(twilio::xml_text("a<b>&\"c'") == "a&lt;b&gt;&amp;&quot;c'");
  CHECK(twilio::xml_text(std::string("bell\x07 nul\0 del\x7f", 16)) == "bell nul del");
  CHECK(twilio::xml_text("tab\tline\nend") == "tab line end");
  CHECK(twilio::xml_text("Café \xF0\x9F\x93\x9E") == "Café \xF0\x9F\x93\x9E");
  CHECK(twilio::xml_text("cut \xC3 short \xED\xA0\x80") == "cut  short ");
  CHECK(twilio::xml_text("not XML: \xEF\xBF\xBE") == "not XML: ");
  CHECK_THAT(written(SayAndHangUp{"</Say><Dial>+1"}), !Contains("<Dial>"));
}

TEST_CASE("a text that is too long to be spoken is cut between characters", "[twilio][twiml]") {
  std::string text;
  for (int i = 0; i < 5'000; ++i) text += "é";
  const auto document = written(SayAndHangUp{text});
  CHECK(document.size() ==
        kHead.size() + 2 * 4'096 + std::string("<Say></Say><Hangup/></Response>").size());
}

TEST_CASE("times are read as the API writes them", "[twilio]") {
  using twilio::parse_rfc2822;
  CHECK(parse_rfc2822("Tue, 31 Aug 2010 20:36:28 +0000") == TimePoint{Seconds{1'283'286'988}});
  CHECK(parse_rfc2822("31 Aug 2010 16:36:28 -0400") == TimePoint{Seconds{1'283'286'988}});
  CHECK(parse_rfc2822("Thu, 1 Jan 1970 00:00:00 GMT") == TimePoint{});
  for (const char* bad : {"", "Tue", "Tue, 31 Feb 2010 20:36:28 +0000", "Tue, 31 Aug 2010 20:36:28",
                          "Tue, 31 Aug 2010 24:36:28 +0000", "Tue, 31 Xug 2010 20:36:28 +0000",
                          "2010-08-31T20:36:28Z", "Tue, 31 Aug 2010 20:36:28 +00x0",
                          "Tue, 0 Aug 2010 20:36:28 +0000"}) {
    INFO(bad);
    CHECK_FALSE(parse_rfc2822(bad));
  }
}
