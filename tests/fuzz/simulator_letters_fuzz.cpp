// Whatever the exchange, or somebody in its name, sends: webhooks and answers.
//   line 1: point, line 2: round, rest: the letter's body
#include <charconv>
#include <string>

#include "adapters/carriers/simulator/carrier.hpp"
#include "adapters/carriers/simulator/messenger.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

// Signs everything alike: the reading behind the signature is what is asked about here.
Digest zeros(std::string_view, std::string_view) { return {}; }
const std::string kZeros(64, '0');

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const SimulatorAccount account{"http://127.0.0.1:9", "simulator", "secret", "key", {}};
  static const SimulatorCarrier carrier(account, zeros);
  static const SimulatorMessenger messenger(account);
  const auto all = fuzz::text_of(data, size);
  auto rest = all;
  Webhook webhook;
  webhook.point = fuzz::next_line(rest);
  const auto round = fuzz::next_line(rest);
  std::from_chars(round.data(), round.data() + round.size(), webhook.round);
  webhook.request = {"POST", "http://localhost/hooks/x", {}, std::string(rest)};
  webhook.received_at = TimePoint(Seconds(1'800'000'000));

  // As it came, the first line as its signature: never believed unless it is the right one.
  webhook.request.headers = {{"X-Simulator-Signature", webhook.point}};
  if (std::holds_alternative<Heard>(carrier.read_webhook(webhook)))
    must(webhook.point.ends_with(kZeros), "only what is signed is believed");

  webhook.request.headers = {{"x-simulator-signature", "t=1800000000,v1=" + kZeros}};
  const auto reading = carrier.read_webhook(webhook);
  if (const auto* heard = std::get_if<Heard>(&reading)) {
    must(!heard->delivery.empty(), "a letter has a key that tells its repeats");
    must(!heard->news.empty() || heard->question, "a letter that is read says something");
    for (const auto& news : heard->news) must(!news.ref.empty(), "news are about a call");
  } else {
    must(std::get<WebhookFault>(reading) == WebhookFault::malformed, "it was signed");
  }

  for (const int status : {200, 201, 400, 401, 404, 429, 500}) {
    const HttpResponse response{status, {{"Content-Type", "application/json"}}, std::string(rest)};
    const auto outcome = carrier.read_originated(response);
    if (outcome.taken == Taken::accepted) must(!outcome.ref.empty(), "a taken order has a name");
    if (status >= 500) must(outcome.taken == Taken::unknown, "a broken exchange proves nothing");
    carrier.read_found({}, response);
    carrier.read_fetched({response});
    carrier.read_fetched({response, response});
    carrier.read_hung_up(response);
    messenger.read_sent(response);
    messenger.read_found({}, response);
  }
  carrier.read_fetched({});
  return 0;
}
