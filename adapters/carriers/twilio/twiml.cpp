#include "adapters/carriers/twilio/twiml.hpp"

#include <algorithm>

#include "core/domain/utf8.hpp"

namespace ringback::twilio {
namespace {

constexpr std::size_t kLongestSay = 4'096;  // characters; more is error 13521
// Where nobody can be asked, whoever answers should at least know why it rings.
constexpr std::string_view kBeforeJoin = "A visitor asks to be called back. Connecting you now.";
constexpr std::string_view kAfterJoin = "The call to the visitor is over. Good-bye.";
constexpr int kKeySeconds = 8;       // a prompt waits so long for a key
constexpr Seconds kShortestRing{5};  // <Dial timeout>
constexpr Seconds kLongestRing{600};
constexpr Seconds kLongestTalk{14'400};  // <Dial timeLimit>

using Attributes = std::vector<std::pair<std::string_view, std::string>>;

// `inner` is markup; an attribute without a value is left out.
std::string element(std::string_view name, const Attributes& attributes,
                    const std::string& inner = {}) {
  std::string out = "<" + std::string(name);
  for (const auto& [key, value] : attributes)
    if (!value.empty()) out += " " + std::string(key) + "=\"" + xml_text(value) + "\"";
  if (inner.empty()) return out + "/>";
  return out + ">" + inner + "</" + std::string(name) + ">";
}

std::string document(const std::string& inner) {
  return R"(<?xml version="1.0" encoding="UTF-8"?>)" + element("Response", {}, inner);
}

std::string at(std::string_view hook, std::string_view point) {
  return std::string(hook) + "/" + std::string(point);
}

std::string_view shortened(std::string_view text, std::size_t most) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if ((static_cast<unsigned char>(text[i]) & 0xC0U) == 0x80U) continue;
    if (++characters > most) return text.substr(0, i);
  }
  return text;
}

Attributes dial_attributes(const TwilioAccount& account, const DialVisitor& dial) {
  const auto& from = dial.caller_id.empty() ? account.from : dial.caller_id;
  return {{"timeout", std::to_string(std::clamp(dial.ring, kShortestRing, kLongestRing).count())},
          {"timeLimit", std::to_string(std::min(dial.talk, kLongestTalk).count())},
          {"callerId", from.e164()}};
}

struct Writer {
  const TwilioAccount& account;
  std::string_view hook;

  std::string say(std::string_view text) const {
    return element("Say", {{"voice", account.voice}, {"language", account.language}},
                   xml_text(shortened(text, kLongestSay)));
  }

  std::string news_at(std::string_view point) const {
    return at(hook, point) + std::string(account.dialect->retry_fragment);
  }

  std::string operator()(const AskForKey& ask) const {
    const auto gather = element("Gather",
                                {{"numDigits", "1"},
                                 {"action", at(hook, "gate/" + std::to_string(ask.round))},
                                 {"method", "POST"},
                                 {"timeout", std::to_string(kKeySeconds)},
                                 {"actionOnEmptyResult", "true"},
                                 {"input", "dtmf"}},
                                say(ask.prompt));
    return gather + element("Hangup", {});
  }

  std::string operator()(const DialVisitor& dial) const {
    Attributes attributes{{"action", at(hook, "dialed")}, {"method", "POST"}};
    for (auto& row : dial_attributes(account, dial)) attributes.push_back(std::move(row));
    Attributes visitor{{"statusCallback", news_at("sv")},
                       {"statusCallbackMethod", "POST"},
                       {"statusCallbackEvent", "initiated ringing answered completed"}};
    if (dial.recorded) {
      // Both sides, each on a channel of its own; the visitor is told before the two are joined.
      attributes.insert(attributes.end(), {{"record", "record-from-answer-dual"},
                                           {"recordingStatusCallback", news_at("rec")},
                                           {"recordingStatusCallbackMethod", "POST"},
                                           {"recordingStatusCallbackEvent", "completed absent"}});
      visitor.insert(visitor.end(), {{"url", at(hook, "whisper")}, {"method", "POST"}});
    }
    const auto number = element("Number", visitor, xml_text(dial.visitor.e164()));
    const bool tells = dial.recorded && !dial.recorded->to_business.empty();
    return (tells ? say(dial.recorded->to_business) : "") + element("Dial", attributes, number);
  }

  std::string operator()(const SayAndHangUp& last) const {
    return say(last.text) + element("Hangup", {});
  }

  std::string operator()(const HangUp&) const { return element("Hangup", {}); }
};

}  // namespace

std::string xml_text(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const auto before = text;
    const auto c = next_character(text);
    if (!c) {
      text.remove_prefix(1);
      continue;
    }
    switch (*c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\t':
      case '\n':
      case '\r':
        out += ' ';
        break;
      default:
        if (*c >= 0x20 && *c != 0x7F && *c != 0xFFFE && *c != 0xFFFF)
          out += before.substr(0, before.size() - text.size());
    }
  }
  return out;
}

std::string twiml(const TwilioAccount& account, const Instruction& instruction,
                  std::string_view hook) {
  return document(std::visit(Writer{account, hook}, instruction));
}

std::string twiml_announcement(const TwilioAccount& account, std::string_view text) {
  return document(Writer{account, ""}.say(text));
}

std::string twiml_join(const TwilioAccount& account, const DialVisitor& dial) {
  const Writer writer{account, {}};
  return document(writer.say(kBeforeJoin) +
                  element("Dial", dial_attributes(account, dial),
                          element("Number", {}, xml_text(dial.visitor.e164()))) +
                  writer.say(kAfterJoin));
}

}  // namespace ringback::twilio
