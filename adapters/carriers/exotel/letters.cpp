#include "adapters/carriers/exotel/letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>

#include "adapters/carriers/exotel/numbers.hpp"
#include "core/ports/retry_after.hpp"

namespace ringback::exotel {
namespace {

namespace json = boost::json;

HttpHeaders headers_of(const Account& account) {
  return {{"Authorization", basic_authorization(account.api_key, account.api_token)},
          {"Accept", "application/json"}};
}

std::string url_of(const Account& account, std::string_view path) {
  return fmt::format("{}/v1/Accounts/{}/{}", account.base_url, percent_encoded(account.account_sid),
                     path);
}

// What a refusal means. From Exotel's list of status codes ("HTTP status codes", developer pages);
// where that is silent, from what can be at fault. The first row that fits counts; `word` is looked
// for in the message, without regard to case. The account is at fault only where every other order
// would be refused as well. A proxy's page is no refusal, unless nothing but Exotel's own door can
// have said it: 401 and 402 count without a message, too.
struct Row {
  std::string_view word;
  std::string_view text;  // for the operator
  int status;
  Taken taken;
  bool in_any_words = false;
};
constexpr auto kAccount = Taken::refused_account;
constexpr auto kNumber = Taken::refused_number;
constexpr auto kContent = Taken::refused_content;
// clang-format off
constexpr Row kRefusals[] = {
    {"callerid", "the caller id is refused: caller_id must be an ExoPhone of this account", 400, kAccount},
    {"number", "the number is refused", 400, kNumber},
    {"dnd", "the number is on the do-not-disturb list", 400, kNumber},
    {"", "the request is refused: please report it", 400, kContent},
    {"", "the credentials are refused: check account_sid, api_key and api_token", 401, kAccount, true},
    {"", "the plan or the credit is used up: recharge in Exotel's dashboard", 402, kAccount, true},
    {"", "no access: numbers on the do-not-disturb list must be whitelisted", 403, kNumber},
    {"", "the account is not known: check account_sid and base_url", 404, kAccount},
    {"", "the request is refused: please report it", 422, kContent},
};
// clang-format on

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  });
  return text;
}

bool says_status(const json::object& refusal, int status) {
  const auto* said = refusal.if_contains("Status");
  if (said == nullptr) return true;
  if (said->is_int64()) return said->get_int64() == status;
  return said->is_string() && said->get_string() == std::to_string(status);
}

}  // namespace

HttpRequest get(const Account& account, std::string_view path, const Fields& query) {
  std::string url = url_of(account, path);
  if (!query.empty()) url += "?" + form_encoded(query);
  return {"GET", std::move(url), headers_of(account), ""};
}

HttpRequest post(const Account& account, std::string_view path, const Fields& form) {
  auto headers = headers_of(account);
  headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return {"POST", url_of(account, path), std::move(headers), form_encoded(form)};
}

std::optional<json::object> object_in(std::string_view body) {
  boost::system::error_code fault;
  auto root = json::parse(body, fault);
  if (fault || !root.is_object()) return std::nullopt;
  return std::move(root.get_object());
}

std::string text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

std::optional<json::object> wrapped_in(const HttpResponse& response, std::string_view name) {
  if (response.status < 200 || response.status > 299) return std::nullopt;
  auto body = object_in(response.body);
  auto* inner = body ? body->if_contains(name) : nullptr;
  if (inner == nullptr || !inner->is_object()) return std::nullopt;
  return std::move(inner->get_object());
}

std::optional<std::string> refusal_in(const HttpResponse& response) {
  if (response.status < 400 || response.status > 499) return std::nullopt;
  const auto body = object_in(response.body);
  const auto* refusal = body ? body->if_contains("RestException") : nullptr;
  if (refusal == nullptr || !refusal->is_object()) return std::nullopt;
  if (!says_status(refusal->get_object(), response.status)) return std::nullopt;
  return text_in(refusal->get_object(), "Message");
}

Outcome read_refused(const HttpResponse& response) {
  const int status = response.status;
  if (status == 429)
    return {Taken::throttled, "", retry_after(response), "the carrier asks us to wait"};
  const auto refusal = refusal_in(response);
  const auto message = refusal.value_or("");
  const auto words = lower(message);
  for (const auto& row : kRefusals)
    if (row.status == status && (refusal || row.in_any_words) &&
        words.find(row.word) != std::string::npos)
      return {row.taken,
              "",
              {},
              fmt::format("{}: {} (status {})", without_numbers(message), row.text, status)};
  return {Taken::unknown, "", {}, fmt::format("status {}", status)};
}

Error unreadable(const HttpResponse& response, std::string_view what) {
  return {Errc::unavailable,
          fmt::format("Exotel's {} cannot be read (status {})", what, response.status)};
}

}  // namespace ringback::exotel
