#include "tests/usecases/support/office.hpp"

#include "adapters/storage/memory/memory_store.hpp"
#include "tests/support/one_change_zone.hpp"

namespace ringback::office {
namespace {

PhoneNumber number(const std::string& text) { return *PhoneNumber::from_e164(text); }

Outcome outcome_of(const HttpResponse& response) {
  const auto& said = response.body;
  if (said.starts_with("ok "))
    return {.taken = Taken::accepted, .ref = said.substr(3), .detail = {}};
  if (said == "no number") return {.taken = Taken::refused_number, .ref = {}, .detail = {}};
  if (said == "no account")
    return {.taken = Taken::refused_account, .ref = {}, .detail = "wrong token"};
  if (said == "no content") return {.taken = Taken::refused_content, .ref = {}, .detail = {}};
  if (said == "wait") return {.taken = Taken::throttled, .ref = {}, .detail = {}};
  return {};
}

HttpRequest letter(std::string about, std::string body) {
  return {.method = "POST", .url = "words:" + about, .headers = {}, .body = std::move(body)};
}

std::vector<std::string> words_of(const std::string& text) {
  std::vector<std::string> words;
  std::string word;
  for (const char c : text + " ") {
    if (c != ' ') {
      word += c;
    } else if (!word.empty()) {
      words.push_back(std::exchange(word, {}));
    }
  }
  return words;
}

const Error kGarbled{Errc::unavailable, "garbled"};

Policy office_policy() {
  Policy policy;
  policy.rules.numbers = {number("+12025550100")};
  policy.rules.accounts = {{.name = "words"}};
  policy.zone = std::make_shared<test::OneChangeZone>(Seconds(0));
  for (auto& day : policy.hours.week) day = *parse_day_hours("00:00-24:00");
  policy.business_name = "Acme";
  policy.sms_number = number("+12025550100");
  policy.caps = {.calls = 100, .texts = 100};
  policy.limits = {.verify_client = *parse_limit({"20/1h"}),
                   .verify_phone = *parse_limit({"3/15m"}),
                   .wrong_client = *parse_limit({"30/1h"}),
                   .wrong_phone = *parse_limit({"10/1h"}),
                   .verify_prefix = *parse_limit({"10/1h"}),
                   .call_number = *parse_limit({"3/1h"})};
  policy.public_url = "https://ring.example";
  policy.page_host = "ring.example";
  return policy;
}

}  // namespace

IdBytes CountingIds::uuid_v7(TimePoint) { return random16(); }
IdBytes CountingIds::random16() {
  IdBytes bytes{};
  ++count;
  for (std::size_t i = 0; i < 4; ++i) bytes[15 - i] = static_cast<std::uint8_t>(count >> (8 * i));
  return bytes;
}
std::uint32_t CountingIds::random32() {
  if (codes.empty()) return ++count;
  const auto code = codes.front();
  codes.pop_front();
  return code;
}

WordCarrier::WordCarrier() {
  wanted.kind = "words";
  wanted.can_ask_for_key = wanted.can_hang_up = wanted.can_find_calls = wanted.signs_webhooks =
      true;
}
HttpRequest WordCarrier::originate(const OriginateOrder& order) const {
  return letter("ring", order.business.e164() + " " + order.hook);
}
Outcome WordCarrier::read_originated(const HttpResponse& r) const { return outcome_of(r); }
HttpRequest WordCarrier::find_calls(const FindOrder& order) const {
  return letter("list", order.business.e164());
}
Result<std::vector<FoundCall>> WordCarrier::read_found(const FindOrder&,
                                                       const HttpResponse& r) const {
  if (!r.body.starts_with("calls")) return kGarbled;
  std::vector<FoundCall> calls;
  for (const auto& ref : words_of(r.body.substr(5))) calls.push_back({ref, TimePoint{}});
  return calls;
}
std::vector<HttpRequest> WordCarrier::fetch(std::string_view ref) const {
  return {letter("fetch", std::string(ref))};
}
Result<Snapshot> WordCarrier::read_fetched(const std::vector<HttpResponse>& r) const {
  Snapshot shot;
  if (r.front().body == "gone")
    shot.gone = true;
  else if (r.front().body == "ringing")
    shot.business = View::ringing;
  else if (r.front().body == "no_answer")
    shot.business = View::no_answer;
  else
    return kGarbled;
  return shot;
}
HttpRequest WordCarrier::hang_up(std::string_view ref) const {
  return letter("hang_up", std::string(ref));
}
Result<void> WordCarrier::read_hung_up(const HttpResponse& r) const {
  if (r.body != "done") return kGarbled;
  return {};
}
WebhookReading WordCarrier::read_webhook(const Webhook&) const { return WebhookFault::malformed; }
HttpResponse WordCarrier::write_instruction(const Instruction& instruction,
                                            std::string_view hook) const {
  constexpr const char* kWords[] = {"ask", "dial", "say", "hang_up"};
  return {
      .status = 200, .headers = {{"Hook", std::string(hook)}}, .body = kWords[instruction.index()]};
}

HttpRequest WordMessenger::send_text(const TextOrder& order) const {
  last = order;
  return letter("text " + order.to.e164(), order.body);
}
Outcome WordMessenger::read_sent(const HttpResponse& r) const { return outcome_of(r); }
HttpRequest WordMessenger::find_texts(const FindTextOrder& order) const {
  return letter("texts", order.to.e164());
}
Result<std::vector<FoundText>> WordMessenger::read_found(const FindTextOrder&,
                                                         const HttpResponse& r) const {
  if (!r.body.starts_with("texts")) return kGarbled;
  if (r.body == "texts") return std::vector<FoundText>{};
  return std::vector<FoundText>{{"T1", r.body}};
}

void Listener::on_commit(const Callback*, const Decision& decision, const Event&) {
  committed.push_back(decision.after);
}
void Listener::on_trouble(const CallbackId& id, const Error&) { troubled.push_back(id); }

HttpResponse says(std::string body) {
  return {.status = 200, .headers = {}, .body = std::move(body)};
}
SendError lost() { return {SendFailure::unknown, "time-out"}; }
SendError unsent() { return {SendFailure::not_sent, "refused"}; }

Office::Office()
    : keys(*OpensslKeyring::from(Secret("0123456789abcdef0123456789abcdef"))),
      policy(office_policy()),
      voices{{"words", carrier, {}}},
      texts{{"words", messenger}},
      store(make_memory_store()),
      board{.store = *store,
            .clock = clock,
            .ids = ids,
            .keys = keys,
            .policy = policy,
            .voices = voices,
            .texts = texts,
            .observer = listener,
            .claims = {.started = Millis(0), .at = {}},
            .openings = {}} {}

CallbackRequest Office::asks(const std::string& phone) const {
  CallbackRequest ask;
  ask.site = "default";
  ask.visitor.phone = number(phone);
  ask.visitor.region = "US";
  ask.client = "192.0.2.1";
  return ask;
}

RequestAnswer Office::request(const CallbackRequest& ask) {
  auto answer = in_batch([&] { return request_callback(board, ask); });
  REQUIRE(answer.has_value());
  return *answer;
}
CodeAnswer Office::enter(const CallbackId& id, const std::string& code, const std::string& client) {
  auto answer = in_batch([&] { return enter_code(board, id, code, client); });
  REQUIRE(answer.has_value());
  return *answer;
}
ResendAnswer Office::resend(const CallbackId& id, const std::string& client) {
  auto answer = in_batch([&] { return resend_code(board, id, client); });
  REQUIRE(answer.has_value());
  return *answer;
}
CancelAnswer Office::cancel(const CallbackId& id) {
  auto answer = in_batch([&] { return cancel_callback(board, id, Reason::by_visitor); });
  REQUIRE(answer.has_value());
  return *answer;
}

std::vector<Errand> Office::take(bool with_dials) {
  auto errands = in_batch([&] { return take_due_orders(board, 64, with_dials ? 64 : 0); });
  REQUIRE(errands.has_value());
  return std::move(*errands);
}
Errand Office::take_one(OrderKind kind) {
  auto errands = take();
  REQUIRE(errands.size() == 1);
  REQUIRE(errands.front().kind == kind);
  return std::move(errands.front());
}
std::string Office::settle(const Errand& errand, Reply reply) {
  const std::vector<Reply> replies{std::move(reply)};
  const auto settled = in_batch([&] { return settle_order(board, errand, replies); });
  REQUIRE(settled.has_value());
  return std::string(settled->word);
}
int Office::ring() {
  const auto rang = in_batch([&] { return ring_due_timers(board, 100); });
  REQUIRE(rang.has_value());
  return *rang;
}
WebhookAnswer Office::hear(const CallbackId& id, int attempt, Heard heard, std::size_t account) {
  Webhook webhook;
  webhook.token = attempt_token(keys, id, attempt);
  auto answer = in_batch([&] { return hear_webhook(board, voices[account], webhook, heard); });
  REQUIRE(answer.has_value());
  return *answer;
}

CallbackId Office::placed(const std::string& ref, const std::string& phone) {
  auto ask = asks(phone);
  ask.proven = true;
  const auto id = request(ask).callback.id;
  settle(take_one(OrderKind::dial), says("ok " + ref));
  REQUIRE(at(id).phase == Phase::ringing_business);
  return id;
}

CallbackId Office::pending(const std::string& code, const std::string& phone) {
  const auto id = request(asks(phone)).callback.id;
  ids.codes.push_back(static_cast<std::uint32_t>(std::stoul(code)));
  settle(take_one(OrderKind::send_text), says("ok T"));
  REQUIRE(at(id).state == State::pending);
  return id;
}

Callback Office::at(const CallbackId& id) {
  auto callback = store->load(id);
  REQUIRE(callback.has_value());
  return *callback;
}
int Office::journal_length(const CallbackId& id) {
  return static_cast<int>(store->journal(id)->size());
}

Heard news(const std::string& ref, Side side, View view) {
  static int count = 0;
  Heard heard;
  News& told = heard.news.emplace_back();
  told.ref = ref;
  told.side = side;
  told.view = view;
  heard.delivery = "delivery " + std::to_string(++count);
  return heard;
}
Heard question(const std::string& ref, Point point, const std::string& digits, int round) {
  Heard heard;
  heard.question.emplace();
  heard.question->ref = ref;
  heard.question->point = point;
  heard.question->round = round;
  heard.question->digits = digits;
  heard.delivery = ref + std::to_string(static_cast<int>(point)) + "/" + std::to_string(round);
  return heard;
}

}  // namespace ringback::office
