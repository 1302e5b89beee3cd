#include "adapters/carriers/twilio/letters.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <charconv>

#include "adapters/carriers/twilio/errors.hpp"
#include "adapters/carriers/twilio/times.hpp"
#include "core/ports/retry_after.hpp"

namespace ringback::twilio {
namespace {

namespace json = boost::json;

std::string address(const TwilioAccount& account, std::string_view resource) {
  return fmt::format("{}{}/Accounts/{}{}", account.base_url, account.dialect->api_path,
                     account.account_sid, resource);
}

HttpHeaders headers_of(const TwilioAccount& account) {
  return {{"Authorization", basic_authorization(account.api_user, account.api_password)},
          {"Accept", "application/json"}};
}

}  // namespace

HttpRequest get(const TwilioAccount& account, std::string_view resource, const Fields& query) {
  std::string url = address(account, resource);
  if (!query.empty()) url += "?" + form_encoded(query);
  return {"GET", std::move(url), headers_of(account), ""};
}

HttpRequest post(const TwilioAccount& account, std::string_view resource, const Fields& form) {
  auto headers = headers_of(account);
  headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
  return {"POST", address(account, resource), std::move(headers), form_encoded(form)};
}

std::optional<json::object> object_in(std::string_view body) {
  boost::system::error_code fault;
  auto root = json::parse(body, fault);
  if (fault || !root.is_object()) return std::nullopt;
  return std::move(root.get_object());
}

std::optional<std::string> text_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string(value->get_string());
}

std::optional<int> whole_of(std::string_view text) {
  int number = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (text.empty() || read.ec != std::errc{} || read.ptr != text.data() + text.size())
    return std::nullopt;
  return number;
}

std::optional<int> whole_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_string()) return whole_of(value->get_string());
  if (!value->is_int64() || value->get_int64() < 0 || value->get_int64() > 1'000'000'000)
    return std::nullopt;
  return static_cast<int>(value->get_int64());
}

std::optional<int> refusal_in(const HttpResponse& response) {
  if (response.status < 400 || response.status > 499) return std::nullopt;
  const auto body = object_in(response.body);
  if (!body || whole_in(*body, "status") != response.status) return std::nullopt;
  return whole_in(*body, "code");
}

Outcome read_taken(const TwilioAccount& account, const HttpResponse& response,
                   std::initializer_list<std::string_view> prefixes) {
  const int status = response.status;
  if (status == 429)
    return {Taken::throttled, "", retry_after(response), "the carrier asks us to wait (429)"};
  if (status >= 200 && status <= 299) {
    const auto body = object_in(response.body);
    auto sid = body ? text_in(*body, "sid") : std::nullopt;
    const bool good = sid && std::any_of(prefixes.begin(), prefixes.end(), [&](auto prefix) {
                        return account.dialect->is_id(*sid, prefix);
                      });
    if (!good) return {Taken::unknown, "", {}, fmt::format("status {} without a sid", status)};
    return {Taken::accepted, std::move(*sid), {}, ""};
  }
  const auto code = refusal_in(response);
  if (!code) return {Taken::unknown, "", {}, fmt::format("status {}", status)};
  const auto row = error_row(*code);
  const auto pause = row.taken == Taken::throttled ? retry_after(response) : Millis{0};
  return {row.taken, "", pause, fmt::format("{}: {} (status {})", *code, row.text, status)};
}

Result<json::object> read_object(const HttpResponse& response) {
  if (response.status == 200)
    if (auto body = object_in(response.body)) return std::move(*body);
  const auto code = refusal_in(response);
  return Error{Errc::unavailable,
               fmt::format("the carrier answered with status {}{}", response.status,
                           code ? fmt::format(", {}: {}", *code, error_row(*code).text)
                           : response.status == 200 ? ", but not in JSON"
                                                    : "")};
}

Result<json::array> read_page(const HttpResponse& response, std::string_view rows, TimePoint from) {
  auto body = read_object(response);
  if (!body) return body.error();
  const Error garbled{Errc::unavailable, "the carrier's list cannot be read"};
  auto* list = body->if_contains(rows);
  const auto* next = body->if_contains("next_page_uri");
  if (list == nullptr || !list->is_array() || next == nullptr) return garbled;
  std::optional<TimePoint> oldest;
  for (const auto& row : list->get_array()) {
    if (!row.is_object()) return garbled;
    const auto text = text_in(row.get_object(), "date_created");
    const auto created = text ? parse_rfc2822(*text) : std::nullopt;
    if (!created) return garbled;
    oldest = std::min(oldest.value_or(*created), *created);
  }
  if (!next->is_null() && (!oldest || *oldest >= from))
    return Error{Errc::unavailable, "the carrier's list is longer than one page"};
  return std::move(list->get_array());
}

}  // namespace ringback::twilio
