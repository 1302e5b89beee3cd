// The letters that come in: whose they are, and what they say.
#include <algorithm>
#include <string>

#include "adapters/carriers/twilio/carrier.hpp"
#include "adapters/carriers/twilio/legs.hpp"
#include "adapters/carriers/twilio/letters.hpp"

namespace ringback {
namespace {

constexpr std::size_t kMostDigits = 32;
constexpr std::size_t kLongestToken = 128;
constexpr int kLongestTalk = 1'000'000;

// Parameters come and go without notice: those that are needed are asked for by name.
class Letter {
 public:
  Letter(const twilio::Dialect& dialect, const Webhook& webhook)
      : dialect_(dialect), webhook_(webhook), fields_(twilio::form_fields(webhook.request.body)) {}

  std::string_view operator[](std::string_view name) const {
    for (const auto& [key, value] : fields_)
      if (key == name) return value;
    return {};
  }
  // An id, or nothing if it is none.
  std::string id(std::string_view name, std::string_view prefix) const {
    const auto id = (*this)[name];
    return dialect_.is_id(id, prefix) ? std::string(id) : std::string();
  }
  std::string call(std::string_view name) const { return id(name, "CA"); }
  std::optional<int> seconds(std::string_view name) const {
    const auto number = twilio::whole_of((*this)[name]);
    if (!number || *number < 0 || *number > kLongestTalk) return std::nullopt;
    return number;
  }
  const Webhook& webhook() const { return webhook_; }

  // Repeats of one letter carry one token; without it, what the letter is about tells them.
  std::string delivery(std::string_view about) const {
    const auto token = header_of(webhook_.request.headers, "I-Twilio-Idempotency-Token");
    if (!token.empty() && token.size() <= kLongestToken) return "token|" + std::string(token);
    return webhook_.point + "|" + std::to_string(webhook_.round) + "|" + std::string(about);
  }

 private:
  const twilio::Dialect& dialect_;
  const Webhook& webhook_;
  Fields fields_;
};

News news_of(std::string ref, Side side, View view) {
  News news;
  news.ref = std::move(ref);
  news.side = side;
  news.view = view;
  return news;
}

WebhookReading read_status(const Letter& letter, Side side) {
  // A child leg names its parent, and the parent is the call.
  auto ref = letter.call(side == Side::business ? "CallSid" : "ParentCallSid");
  const auto leg = letter.call("CallSid");
  const auto status = letter["CallStatus"];
  if (ref.empty() || leg.empty() || status.empty()) return WebhookFault::malformed;
  News news = news_of(std::move(ref), side, twilio::view_of(status));
  news.declined = twilio::is_declined(news.view, letter["SipResponseCode"]);
  news.machine = side == Side::business && twilio::is_machine(letter["AnsweredBy"]);
  if (side == Side::visitor && news.view == View::completed) {
    const auto talk = letter.seconds("CallDuration");
    news.talk_seconds = talk.value_or(0);
    news.never_joined = talk == 0;
  }
  Heard heard;
  heard.news.push_back(std::move(news));
  heard.delivery = letter.delivery(leg + "|" + std::string(status.substr(0, 32)) + "|" +
                                   std::string(letter["SequenceNumber"].substr(0, 16)));
  return heard;
}

// How the visitor's leg ended comes along when <Dial> is over.
std::optional<News> visitor_news(const Letter& letter, const std::string& ref) {
  const auto status = letter["DialCallStatus"];
  if (status.empty()) return std::nullopt;
  News news = news_of(ref, Side::visitor, twilio::view_of(status));
  if (news.view != View::completed) return news;
  const auto talk = letter.seconds("DialCallDuration");
  const auto bridged = letter["DialBridged"];
  news.talk_seconds = talk.value_or(0);
  news.never_joined = bridged.empty() ? talk == 0 : bridged == "false";
  return news;
}

WebhookReading read_question(const Letter& letter, Point point) {
  const auto ref = letter.call("CallSid");
  const auto digits = letter["Digits"];
  if (ref.empty() || digits.size() > kMostDigits) return WebhookFault::malformed;
  Heard heard;
  // Asked while the leg was hanging up: the end comes first.
  if (const auto view = twilio::view_of(letter["CallStatus"]); is_final(view))
    heard.news.push_back(news_of(ref, Side::business, view));
  if (point == Point::dialed) {
    auto visitor = visitor_news(letter, ref);
    if (!visitor && letter.webhook().point == "dialed") return WebhookFault::malformed;
    if (visitor) heard.news.push_back(std::move(*visitor));
  }
  Questioned question;
  question.ref = ref;
  question.point = point;
  question.round = letter.webhook().round;
  question.digits = point == Point::key ? digits : std::string_view();
  question.machine = point == Point::answered && twilio::is_machine(letter["AnsweredBy"]);
  heard.question = std::move(question);
  heard.delivery = letter.delivery(point == Point::dialed ? ref + "|dialed" : ref);
  return heard;
}

// The address that answers is the fallback, too: it is asked when another answer of ours was lost.
// If that was the one after <Dial>, the visitor's phone has rung, and dialling again would ring it
// twice.
Point answered_or_dialed(const Letter& letter) {
  auto lost = letter["ErrorUrl"];
  lost = lost.substr(0, lost.find_first_of("?#"));
  return lost.ends_with("/dialed") ? Point::dialed : Point::answered;
}

// Its URL is a stranger's; the name is enough.
WebhookReading read_recording(const Letter& letter) {
  RecordingNews news;
  news.call = letter.call("CallSid");
  news.ref = letter.id("RecordingSid", "RE");
  const auto status = letter["RecordingStatus"];
  if (news.call.empty() || news.ref.empty() || status.empty()) return WebhookFault::malformed;
  Heard heard;
  heard.delivery = letter.delivery(news.ref + "|" + std::string(status.substr(0, 32)));
  if (status != "completed" && status != "absent") return heard;  // of a recording that goes on
  news.absent = status == "absent";
  news.seconds = letter.seconds("RecordingDuration").value_or(0);
  heard.recordings.push_back(std::move(news));
  return heard;
}

WebhookReading read_whisper(const Letter& letter) {
  Heard heard;
  heard.announce_on = letter.call("ParentCallSid");
  if (heard.announce_on.empty()) return WebhookFault::malformed;
  heard.delivery = letter.delivery(heard.announce_on);
  return heard;
}

struct PointRow {
  std::string_view name;
  WebhookReading (*read)(const Letter&);
};

// clang-format off
constexpr PointRow kPoints[] = {
    {"answer", [](const Letter& l) { return read_question(l, answered_or_dialed(l)); }},
    {"gate",   [](const Letter& l) { return read_question(l, Point::key); }},
    {"dialed", [](const Letter& l) { return read_question(l, Point::dialed); }},
    {"whisper", [](const Letter& l) { return read_whisper(l); }},
    {"rec",    [](const Letter& l) { return read_recording(l); }},
    {"sb",     [](const Letter& l) { return read_status(l, Side::business); }},
    {"sv",     [](const Letter& l) { return read_status(l, Side::visitor); }},
};
// clang-format on

}  // namespace

bool TwilioCarrier::is_signed_by_carrier(const HttpRequest& request) const {
  for (const auto header : account_.dialect->signature_headers)
    if (const auto signature = header_of(request.headers, header); !signature.empty())
      return twilio::is_signed(signature_, account_.signing_keys, request, signature);
  return false;
}

WebhookReading TwilioCarrier::read_webhook(const Webhook& webhook) const {
  if (!is_signed_by_carrier(webhook.request)) return WebhookFault::unauthenticated;
  const Letter letter(*account_.dialect, webhook);
  // Signed with our token, but for another account: not ours to hear.
  if (const auto account = letter["AccountSid"];
      !account.empty() && account != account_.account_sid)
    return WebhookFault::unauthenticated;
  for (const auto& row : kPoints)
    if (row.name == webhook.point) return row.read(letter);
  return WebhookFault::malformed;
}

}  // namespace ringback
