// Whatever Exotel, or anybody who guessed an address, sends: letters in three encodings, questions
// of a flow, JSON answers, times and wordings.
//   line 1: point, line 2: content type, line 3: the query, rest: the body
#include <string>

#include "adapters/carriers/exotel/carrier.hpp"
#include "adapters/carriers/exotel/fields.hpp"
#include "adapters/carriers/exotel/ist_time.hpp"
#include "adapters/carriers/exotel/messenger.hpp"
#include "adapters/carriers/exotel/numbers.hpp"
#include "adapters/carriers/exotel/wording.hpp"
#include "core/ports/retry_after.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

constexpr const char* kSecret = "flow-secret";
constexpr std::size_t kLongestDate = 40;

exotel::Account account() {
  exotel::Account out;
  out.account_sid = "northwind1";
  out.api_key = "key";
  out.api_token = "token";
  out.caller_id = *PhoneNumber::from_e164("+918047112345");
  out.flow_url = "http://my.exotel.com/northwind1/exoml/start_voice/1";
  out.flow_secret = kSecret;
  return out;
}

void read_webhook(const ExotelCarrier& carrier, const Webhook& webhook) {
  const auto reading = carrier.read_webhook(webhook);
  const auto* heard = std::get_if<Heard>(&reading);
  if (heard == nullptr) return;
  must(!heard->delivery.empty(), "a letter has a key that tells its repeats");
  must(heard->delivery.size() < 256, "a key is short, whatever came");
  must(!heard->news.empty() || heard->question, "a letter that is read says something");
  for (const auto& news : heard->news) {
    must(news.hint && news.view == View::none, "unsigned news move nothing");
    must(exotel::is_sid(news.ref), "news are about a call");
  }
  if (!heard->question) return;
  must(webhook.token == kSecret, "only who knows the secret is answered");
  must(heard->question->digits.size() <= 32, "keys are few");
  must(!heard->token.empty(), "a flow's question says whose call it is");
}

void read_fields(const HttpRequest& request) {
  const auto fields = exotel::read_fields(request);
  if (!fields) return;
  must(fields->size() <= exotel::kMostFields, "a letter has an end");
  for (const auto& [name, value] : *fields) {
    must(!name.empty() && name.size() <= exotel::kLongestName, "names are short");
    must(value.size() <= exotel::kLongestValue, "values are bounded");
  }
}

void read_answers(const ExotelCarrier& carrier, const ExotelMessenger& messenger,
                  std::string_view body) {
  for (const int status : {200, 201, 400, 401, 403, 404, 429, 500}) {
    const HttpResponse response{status,
                                {{"Retry-After", std::string(body.substr(0, kLongestDate))},
                                 {"Date", "Sat, 21 Nov 2026 17:05:00 GMT"}},
                                std::string(body)};
    for (const auto& outcome : {carrier.read_originated(response), messenger.read_sent(response)}) {
      if (outcome.taken == Taken::accepted) must(exotel::is_sid(outcome.ref), "a yes has a name");
      if (status >= 500) must(outcome.taken == Taken::unknown, "a broken carrier proves nothing");
      must(outcome.retry_after >= Millis(0), "nobody waits backwards");
      must(outcome.retry_after <= kLongestRetryAfter, "nobody waits for ever");
    }
    if (carrier.read_originated(response).taken != Taken::accepted && status < 300)
      must(carrier.read_originated(response).taken == Taken::unknown,
           "a yes that cannot be read is no no");
    FindOrder order;
    order.business = *PhoneNumber::from_e164("+919876500001");
    if (const auto found = carrier.read_found(order, response))
      for (const auto& call : *found) must(exotel::is_sid(call.ref), "a call has a name");
    if (const auto shot = carrier.read_fetched({response}); shot && !shot->gone) {
      must(exotel::is_sid(shot->ref), "a snapshot is of a call");
      must(shot->talk_seconds >= 0, "a talk takes time");
      must(!shot->never_joined || shot->visitor == View::completed, "who was not there, was not");
    }
    (void)carrier.read_account({response});
  }
}

void read_small_parts(std::string_view text) {
  if (const auto time = exotel::read_time(text)) must(exotel::time_text(*time) == text, "a time");
  (void)exotel::is_same_line(text, *PhoneNumber::from_e164("+919876500001"));
  const auto shown = exotel::without_numbers(text);
  std::size_t run = 0;
  for (const char c : shown) {
    run = c >= '0' && c <= '9' ? run + 1 : 0;
    must(run <= 4, "nobody's number is in the log");
  }
  if (exotel::fault_in(text, {"code", "name"}, {}).empty())
    (void)exotel::filled(text, {{"code", "123456"}, {"name", std::string(text)}});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const ExotelCarrier carrier(account());
  static const ExotelMessenger messenger(account());
  auto rest = fuzz::text_of(data, size);
  Webhook webhook;
  webhook.point = fuzz::next_line(rest);
  const std::string type(fuzz::next_line(rest));
  const std::string query(fuzz::next_line(rest));
  webhook.request = {"POST",
                     "https://ring.example/hooks/exotel/exotel/t/p?" + query,
                     {{"Content-Type", type}},
                     std::string(rest)};
  for (const char* token : {"guessed", kSecret})
    for (const char* method : {"POST", "GET"}) {
      webhook.token = token;
      webhook.request.method = method;
      read_webhook(carrier, webhook);
      read_fields(webhook.request);
    }
  read_answers(carrier, messenger, rest);
  read_small_parts(rest);
  return 0;
}
