// Whatever Twilio, or somebody in its name, sends: webhooks, their URLs and forms, and JSON
// answers.
//   line 1: point, line 2: round, line 3: what follows the hook in the URL, rest: the body
#include <charconv>
#include <string>

#include "adapters/carriers/twilio/carrier.hpp"
#include "adapters/carriers/twilio/letters.hpp"
#include "adapters/carriers/twilio/messenger.hpp"
#include "adapters/carriers/twilio/times.hpp"
#include "adapters/carriers/twilio/twiml.hpp"
#include "core/ports/retry_after.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

// Signs everything alike: the reading behind the signature is what is asked about here.
Sha1Digest zeros(std::string_view, std::string_view) { return {}; }
Digest no_hash(std::string_view) { return {}; }
constexpr std::size_t kLongestDate = 40;
const std::string kZeros = base64(std::string(20, '\0'));

TwilioAccount account(bool polled) {
  TwilioAccount out;
  out.base_url = "https://api.twilio.com";
  out.account_sid = "AC00000000000000000000000000000001";
  out.signing_keys = {"token"};
  out.from = *PhoneNumber::from_e164("+12025550199");
  out.sms_from = out.from.e164();
  out.polled = polled;
  return out;
}

void read_webhook(const TwilioCarrier& carrier, Webhook webhook) {
  // As it came, its first line as the signature: never believed unless it is the right one.
  webhook.request.headers = {{"X-Twilio-Signature", webhook.point}};
  if (std::holds_alternative<Heard>(carrier.read_webhook(webhook)))
    must(webhook.point == kZeros, "only what is signed is believed");

  webhook.request.headers = {{"x-twilio-signature", kZeros},
                             {"I-Twilio-Idempotency-Token", webhook.point}};
  if (webhook.request.body.starts_with('{'))
    webhook.request.headers.emplace_back("Content-Type", "application/json");
  const auto reading = carrier.read_webhook(webhook);
  const auto* heard = std::get_if<Heard>(&reading);
  if (heard == nullptr) return;
  must(!heard->delivery.empty(), "a letter has a key that tells its repeats");
  // A recording that goes on is told of, too, and is no news yet.
  must(!heard->news.empty() || heard->question || webhook.point == "rec" ||
           heard->announce_on.size() == 34,
       "a letter that is read says something");
  for (const auto& news : heard->recordings) {
    must(news.call.size() == 34 && news.seconds >= 0, "a recording is of a call");
    must(carrier.fetch_recording(news.ref).url.starts_with(
             "https://api.twilio.com/2010-04-01/Accounts/AC"),
         "a recording is fetched from the carrier");
  }
  for (const auto& news : heard->news) {
    must(news.ref.size() == 34, "news are about a call");
    must(news.talk_seconds >= 0, "a talk takes time");
  }
  if (heard->question) must(heard->question->digits.size() <= 32, "keys are few");
}

void read_answers(const TwilioCarrier& carrier, const TwilioMessenger& messenger,
                  std::string_view body) {
  for (const int status : {200, 201, 400, 401, 404, 429, 500}) {
    const HttpResponse response{status,
                                {{"Retry-After", std::string(body.substr(0, kLongestDate))},
                                 {"Date", "Sat, 21 Nov 2026 17:05:00 GMT"}},
                                std::string(body)};
    for (const auto& outcome : {carrier.read_originated(response), messenger.read_sent(response)}) {
      if (outcome.taken == Taken::accepted) must(!outcome.ref.empty(), "a taken order has a name");
      if (status >= 500) must(outcome.taken == Taken::unknown, "a broken carrier proves nothing");
      if (status < 300)
        must(outcome.taken == Taken::accepted || outcome.taken == Taken::unknown,
             "a yes that cannot be read is no no");
      must(outcome.retry_after >= Millis(0), "nobody waits backwards");
      must(outcome.retry_after <= kLongestRetryAfter, "nobody waits for ever");
    }
    const FindOrder order{{}, {}, TimePoint{}, TimePoint::max()};
    if (const auto found = carrier.read_found(order, response))
      for (const auto& call : *found) must(call.ref.size() == 34, "a call has a name");
    (void)messenger.read_found({{}, TimePoint{}, TimePoint::max()}, response);
    (void)carrier.read_fetched({response, response});
    (void)carrier.read_fetched({response});
    (void)carrier.read_hung_up(response);
    (void)carrier.read_account({response, response});
  }
}

void write_markup(std::string_view text) {
  const auto safe = twilio::xml_text(text);
  must(safe.find_first_of("<>\"") == std::string::npos, "nothing a stranger wrote is markup");
  for (const char c : safe)
    must(static_cast<unsigned char>(c) >= 0x20 && c != 0x7F, "XML holds no control characters");
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TwilioCarrier carrier(account(false), {zeros, no_hash});
  static const TwilioMessenger messenger(account(false));
  auto rest = fuzz::text_of(data, size);
  Webhook webhook;
  webhook.point = fuzz::next_line(rest);
  const auto round = fuzz::next_line(rest);
  std::from_chars(round.data(), round.data() + round.size(), webhook.round);
  const auto tail = fuzz::next_line(rest);
  webhook.request = {"POST",
                     "https://ring.example/hooks/twilio/twilio/token/" + std::string(tail),
                     {},
                     std::string(rest)};
  read_webhook(carrier, webhook);
  webhook.request.url = std::string(tail);  // no URL of ours, perhaps none at all
  read_webhook(carrier, webhook);
  read_answers(carrier, messenger, rest);
  write_markup(rest);
  (void)twilio::parse_rfc2822(rest);
  return 0;
}
