#include "adapters/carriers/simulator/letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "core/ports/retry_after.hpp"

namespace ringback::simulator {
namespace {

namespace json = boost::json;

constexpr std::size_t kLongestId = 128;

HttpHeaders headers_of(const SimulatorAccount& account) {
  return {{"Authorization", basic_authorization(account.account, account.secret)},
          {"Accept", "application/json"}};
}

// What a refusal means. A code that is not here is the fault of this one order.
struct Row {
  std::string_view code;
  Taken taken;
  std::string_view text;
};
constexpr Row kRefusals[] = {
    {"invalid_number", Taken::refused_number, "this number cannot be rung"},
    {"unauthorised", Taken::refused_account,
     "the exchange does not know us: run both from the same release of ringback"},
    {"not_found", Taken::refused_account,
     "no exchange of ours is at this address: check carrier.simulator.base_url"},
    {"", Taken::refused_content, "the request is refused: please report it"},
};

}  // namespace

HttpRequest get(const SimulatorAccount& account, std::string_view path, const Fields& query) {
  std::string url = account.base_url + std::string(path);
  if (!query.empty()) url += "?" + form_encoded(query);
  return {"GET", std::move(url), headers_of(account), ""};
}

HttpRequest post(const SimulatorAccount& account, std::string_view path, const json::object& body) {
  auto headers = headers_of(account);
  headers.emplace_back("Content-Type", "application/json");
  return {"POST", account.base_url + std::string(path), std::move(headers), json::serialize(body)};
}

bool is_plain_id(std::string_view text) {
  return !text.empty() && text.size() <= kLongestId &&
         std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                  c == '-';
         });
}

Body::Held::Held(std::string_view text) : memory(room, sizeof room), root(nullptr, &memory) {
  boost::system::error_code fault;
  auto parsed = json::parse(text, fault, &memory);
  if (!fault) root = std::move(parsed);
}

std::optional<Body> Body::from(std::string_view text) {
  auto held = std::make_unique<Held>(text);
  if (!held->root.is_object()) return std::nullopt;
  return Body(std::move(held));
}

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<std::int64_t> whole_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::optional<bool> flag_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_bool()) return std::nullopt;
  return value->get_bool();
}

std::string refusal_in(const HttpResponse& response) {
  if (response.status < 400 || response.status > 499) return {};
  const auto body = Body::from(response.body);
  if (!body || whole_in(body->members(), "status") != response.status) return {};
  return text_in(body->members(), "code").value_or("");
}

Outcome read_taken(const HttpResponse& response) {
  const int status = response.status;
  if (status == 429)
    return {Taken::throttled, "", retry_after(response), "the carrier asks us to wait"};
  if (status >= 200 && status <= 299) {
    const auto body = Body::from(response.body);
    auto id = body ? text_in(body->members(), "id") : std::nullopt;
    if (!id || id->empty() || id->size() > kLongestId)
      return {Taken::unknown, "", {}, fmt::format("status {} without an id", status)};
    return {Taken::accepted, std::move(*id), {}, ""};
  }
  const auto code = refusal_in(response);
  if (code.empty()) return {Taken::unknown, "", {}, fmt::format("status {}", status)};
  const auto& row = *std::find_if(std::begin(kRefusals), std::end(kRefusals) - 1,
                                  [&](const Row& one) { return one.code == code; });
  return {row.taken, "", {}, fmt::format("{:.40}: {} (status {})", code, row.text, status)};
}

Result<Body> read_object(const HttpResponse& response) {
  if (response.status == 200)
    if (auto body = Body::from(response.body)) return std::move(*body);
  return Error{Errc::unavailable,
               fmt::format("the exchange answered with status {}{}", response.status,
                           response.status == 200 ? ", but not in JSON" : "")};
}

}  // namespace ringback::simulator
