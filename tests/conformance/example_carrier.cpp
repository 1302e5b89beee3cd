#include "tests/conformance/example_carrier.hpp"

#include <charconv>
#include <utility>

namespace ringback::example {
namespace {

constexpr int kLongestTalk = 86'400;

std::string value_of(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

// What it says, and what we call it.
struct Word {
  std::string_view theirs;
  View ours;
};
constexpr Word kWords[] = {
    {"ringing", View::ringing}, {"talking", View::answered},    {"done", View::completed},
    {"busy", View::busy},       {"no_answer", View::no_answer}, {"dead", View::failed},
    {"none", View::none},
};

std::optional<View> view_of(std::string_view theirs) {
  for (const auto& word : kWords)
    if (word.theirs == theirs) return word.ours;
  return std::nullopt;
}

int seconds_of(const std::string& text) {
  int seconds = 0;
  std::from_chars(text.data(), text.data() + text.size(), seconds);
  return seconds > 0 && seconds <= kLongestTalk ? seconds : 0;
}

std::string hex(const Digest& digest) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text;
  for (const auto byte : digest) {
    text += kDigits[byte >> 4U];
    text += kDigits[byte & 15U];
  }
  return text;
}

// A body of its own begins with the status; a proxy's page does not.
std::optional<Fields> own_words(const HttpResponse& response) {
  auto fields = form_decoded(response.body);
  if (!fields || value_of(*fields, "status") != std::to_string(response.status))
    return std::nullopt;
  return fields;
}

const Error kGarbled{Errc::unavailable, "the example's answer cannot be read"};

struct Writer {
  Fields operator()(const AskForKey& ask) const { return {{"do", "ask"}, {"say", ask.prompt}}; }
  Fields operator()(const DialVisitor& dial) const {
    return {
        {"do", "dial"}, {"to", dial.visitor.e164()}, {"ring", std::to_string(dial.ring.count())}};
  }
  Fields operator()(const SayAndHangUp& say) const { return {{"do", "say"}, {"say", say.text}}; }
  Fields operator()(const HangUp&) const { return {{"do", "hang_up"}}; }
};

}  // namespace

ExampleCarrier::ExampleCarrier(Account account, Hmac hmac)
    : account_(std::move(account)), hmac_(std::move(hmac)) {
  profile_.kind = "example";
  profile_.can_ask_for_key = true;
  profile_.can_hang_up = true;
  profile_.can_find_calls = true;
  profile_.signs_webhooks = true;
  profile_.longest_ring = Seconds{60};
  profile_.caller_id = account_.caller_id;
}

HttpRequest ExampleCarrier::letter(std::string method, std::string_view path,
                                   const Fields& form) const {
  HttpRequest request{std::move(method),
                      account_.base_url + std::string(path),
                      {{"Authorization", basic_authorization(account_.key, account_.secret)}},
                      ""};
  if (request.method == "GET") {
    if (!form.empty()) request.url += "?" + form_encoded(form);
  } else {
    request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    request.body = form_encoded(form);
  }
  return request;
}

HttpRequest ExampleCarrier::originate(const OriginateOrder& order) const {
  const auto& shown = order.caller_id.empty() ? account_.caller_id : order.caller_id;
  return letter("POST", "/calls",
                {{"to", order.business.e164()},
                 {"from", shown.e164()},
                 {"ring", std::to_string(order.ring.count())},
                 {"hook", order.hook}});
}

Outcome ExampleCarrier::read_originated(const HttpResponse& response) const {
  if (response.status == 429) return {Taken::throttled, "", Seconds{1}, "asked to wait"};
  const auto said = own_words(response);
  if (!said || response.status >= 500) return {Taken::unknown, "", {}, "no answer of its own"};
  const auto id = value_of(*said, "id");
  if (response.status == 201 && !id.empty()) return {Taken::accepted, id, {}, ""};
  const auto fault = value_of(*said, "fault");
  if (fault == "number") return {Taken::refused_number, "", {}, "refused: number"};
  if (fault == "account") return {Taken::refused_account, "", {}, "refused: account"};
  if (!fault.empty()) return {Taken::refused_content, "", {}, "refused: the request"};
  return {Taken::unknown, "", {}, "neither yes nor no"};
}

HttpRequest ExampleCarrier::find_calls(const FindOrder& order) const {
  const auto ms = [](TimePoint at) { return std::to_string(at.time_since_epoch().count()); };
  return letter("GET", "/calls",
                {{"to", order.business.e164()}, {"from", ms(order.from)}, {"until", ms(order.to)}});
}

Result<std::vector<FoundCall>> ExampleCarrier::read_found(const FindOrder&,
                                                          const HttpResponse& response) const {
  const auto said = own_words(response);
  if (!said || response.status != 200 || value_of(*said, "end") != "yes") return kGarbled;
  std::vector<FoundCall> found;
  for (const auto& [name, value] : *said)
    if (name == "call") found.push_back({value, TimePoint{}});
  return found;
}

std::vector<HttpRequest> ExampleCarrier::fetch(std::string_view ref) const {
  return {letter("GET", "/calls/" + percent_encoded(ref), {})};
}

Result<Snapshot> ExampleCarrier::read_fetched(const std::vector<HttpResponse>& responses) const {
  if (responses.size() != 1) return kGarbled;
  const auto said = own_words(responses.front());
  Snapshot snapshot;
  if (said && responses.front().status == 404) {
    snapshot.gone = true;
    return snapshot;
  }
  if (!said || responses.front().status != 200) return kGarbled;
  const auto business = view_of(value_of(*said, "business"));
  const auto visitor = view_of(value_of(*said, "visitor"));
  snapshot.ref = value_of(*said, "id");
  if (snapshot.ref.empty() || !business || !visitor) return kGarbled;
  snapshot.business = *business;
  snapshot.visitor = *visitor;
  snapshot.talk_seconds = seconds_of(value_of(*said, "talked"));
  return snapshot;
}

HttpRequest ExampleCarrier::hang_up(std::string_view ref) const {
  return letter("DELETE", "/calls/" + percent_encoded(ref), {});
}

Result<void> ExampleCarrier::read_hung_up(const HttpResponse& response) const {
  const bool was_over = response.status == 404 && own_words(response);
  if (response.status == 204 || was_over) return {};
  return kGarbled;
}

WebhookReading ExampleCarrier::read_webhook(const Webhook& webhook) const {
  const auto& request = webhook.request;
  const auto expected = hex(hmac_(account_.secret, request.url + request.body));
  if (!same_secret(expected, header_of(request.headers, "Example-Signature")))
    return WebhookFault::unauthenticated;

  const auto said = form_decoded(request.body);
  if (!said) return WebhookFault::malformed;
  Heard heard;
  heard.delivery = value_of(*said, "letter");
  const auto call = value_of(*said, "id");
  if (call.empty() || heard.delivery.empty()) return WebhookFault::malformed;

  if (webhook.point == "status") {
    const auto view = view_of(value_of(*said, "state"));
    const auto leg = value_of(*said, "leg");
    if (!view || (leg != "business" && leg != "visitor")) return WebhookFault::malformed;
    News news;
    news.ref = call;
    news.side = leg == "business" ? Side::business : Side::visitor;
    news.view = *view;
    heard.news.push_back(news);
    return heard;
  }
  Questioned question;
  question.ref = call;
  question.round = webhook.round;
  question.digits = value_of(*said, "digits");
  if (webhook.point == "key")
    question.point = Point::key;
  else if (webhook.point == "dialed")
    question.point = Point::dialed;
  else if (webhook.point != "answer")
    return WebhookFault::malformed;
  heard.question = question;
  return heard;
}

HttpResponse ExampleCarrier::write_instruction(const Instruction& instruction,
                                               std::string_view hook) const {
  Fields fields = std::visit(Writer{}, instruction);
  if (const auto* ask = std::get_if<AskForKey>(&instruction))
    fields.emplace_back("then", std::string(hook) + "/key/" + std::to_string(ask->round));
  return {200, {{"Content-Type", "application/x-www-form-urlencoded"}}, form_encoded(fields)};
}

}  // namespace ringback::example
