// The letters that come in: whose they are, and what they say.
#include <charconv>
#include <string>

#include "adapters/carriers/simulator/carrier.hpp"
#include "adapters/carriers/simulator/legs.hpp"
#include "adapters/carriers/simulator/letters.hpp"

namespace ringback {
namespace {

namespace json = boost::json;

// Repeats are signed anew, so an hour is for clocks that differ; delivery keys guard against
// replays.
constexpr Seconds kOldestSignature{3'600};
constexpr std::size_t kLongestId = 128;
constexpr std::size_t kMostDigits = 32;
constexpr std::int64_t kLongestRecording = 86'400;  // seconds

std::string hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text(2 * digest.size(), '0');
  for (std::size_t i = 0; i < digest.size(); ++i) {
    text[2 * i] = kDigits[digest[i] >> 4U];
    text[2 * i + 1] = kDigits[digest[i] & 15U];
  }
  return text;
}

// "t=1763722288,v1=<hex>"
struct Signature {
  std::string_view time;
  std::string_view hex;
};

std::optional<Signature> signature_in(std::string_view header) {
  const auto comma = header.find(",v1=");
  if (header.substr(0, 2) != "t=" || comma == std::string_view::npos) return std::nullopt;
  return Signature{header.substr(2, comma - 2), header.substr(comma + 4)};
}

bool is_fresh(std::string_view time, TimePoint now) {
  std::int64_t seconds = 0;
  const auto read = std::from_chars(time.data(), time.data() + time.size(), seconds);
  if (read.ec != std::errc{} || read.ptr != time.data() + time.size()) return false;
  const auto here = std::chrono::duration_cast<Seconds>(now.time_since_epoch()).count();
  return seconds >= here - kOldestSignature.count() && seconds <= here + kOldestSignature.count();
}

std::optional<std::string> id_in(const json::object& body, std::string_view name) {
  auto id = simulator::text_in(body, name);
  if (!id || id->empty() || id->size() > kLongestId) return std::nullopt;
  return id;
}

News news_of(const std::string& call, Side side, const simulator::LegReading& leg) {
  News news;
  news.ref = call;
  news.side = side;
  news.view = leg.view;
  news.declined = leg.declined;
  news.machine = leg.machine && side == Side::business;
  news.never_joined = side == Side::visitor && leg.view == View::completed && !leg.joined;
  news.talk_seconds = leg.talk_seconds;
  return news;
}

WebhookReading read_status(const json::object& body, Heard heard, const std::string& call) {
  const auto side = simulator::text_in(body, "side");
  const auto leg = simulator::read_leg(body);
  if (!leg || (side != "business" && side != "visitor")) return WebhookFault::malformed;
  heard.news.push_back(news_of(call, side == "business" ? Side::business : Side::visitor, *leg));
  return heard;
}

WebhookReading read_recording(const json::object& body, Heard heard, const std::string& call) {
  auto ref = id_in(body, "recording");
  const auto status = simulator::text_in(body, "status");
  const auto seconds = simulator::whole_in(body, "seconds").value_or(0);
  if (!ref || !simulator::is_plain_id(*ref) || (status != "ready" && status != "absent") ||
      seconds < 0 || seconds > kLongestRecording)
    return WebhookFault::malformed;
  heard.recordings.push_back(
      {call, std::move(*ref), status == "absent", static_cast<int>(seconds)});
  return heard;
}

struct PointRow {
  std::string_view name;
  Point point;
};
constexpr PointRow kPoints[] = {
    {"answer", Point::answered}, {"key", Point::key}, {"dialed", Point::dialed}};

WebhookReading read_question(const json::object& body, Heard heard, const std::string& call,
                             const Webhook& webhook) {
  const auto machine = simulator::flag_in(body, "machine");
  auto digits = simulator::text_in(body, "digits");
  const auto round = simulator::whole_in(body, "round");
  if (!machine || !digits || digits->size() > kMostDigits || round != webhook.round ||
      simulator::text_in(body, "point") != webhook.point)
    return WebhookFault::malformed;
  // How the visitor's leg ended comes along, in case its own letter got lost.
  if (const auto* visitor = body.if_contains("visitor");
      visitor != nullptr && !visitor->is_null()) {
    const auto leg =
        visitor->is_object() ? simulator::read_leg(visitor->get_object()) : std::nullopt;
    if (!leg) return WebhookFault::malformed;
    heard.news.push_back(news_of(call, Side::visitor, *leg));
  }
  for (const auto& row : kPoints) {
    if (row.name != webhook.point) continue;
    Questioned question;
    question.ref = call;
    question.point = row.point;
    question.round = webhook.round;
    question.digits = std::move(*digits);
    question.machine = *machine;
    heard.question = std::move(question);
    return heard;
  }
  return WebhookFault::malformed;
}

}  // namespace

WebhookReading SimulatorCarrier::read_webhook(const Webhook& webhook) const {
  const auto& request = webhook.request;
  const auto signature = signature_in(header_of(request.headers, "X-Simulator-Signature"));
  if (!signature) return WebhookFault::unauthenticated;
  const auto expected = hex(hmac_(
      account_.sign_key, std::string(signature->time) + "." + request.url + "." + request.body));
  if (!same_secret(expected, signature->hex) || !is_fresh(signature->time, webhook.received_at))
    return WebhookFault::unauthenticated;

  const auto letter = simulator::Body::from(request.body);
  if (!letter) return WebhookFault::malformed;
  const auto& body = letter->members();
  auto id = id_in(body, "id");
  const auto call = id_in(body, "call");
  if (!id || !call) return WebhookFault::malformed;
  Heard heard;
  heard.delivery = std::move(*id);
  if (webhook.point == "status") return read_status(body, std::move(heard), *call);
  if (webhook.point == "recording") return read_recording(body, std::move(heard), *call);
  return read_question(body, std::move(heard), *call, webhook);
}

}  // namespace ringback
