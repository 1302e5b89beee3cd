#include "app/http/message.hpp"

#include <fmt/format.h>

#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "app/http/text.hpp"

namespace ringback::http {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char l = lower(c);
  return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
}

// The part up to the separator; what was taken is removed from the rest.
std::string_view take_until(std::string_view& rest, char separator) {
  const auto at = rest.find(separator);
  const auto part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view{} : rest.substr(at + 1);
  return part;
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i)
    if (lower(a[i]) != lower(b[i])) return false;
  return true;
}

std::string_view Request::header(std::string_view name) const {
  for (const auto& header : headers)
    if (same_name(header.name, name)) return header.value;
  return {};
}

std::size_t Request::header_count(std::string_view name) const {
  std::size_t count = 0;
  for (const auto& header : headers) count += same_name(header.name, name) ? 1 : 0;
  return count;
}

std::string_view Request::param(std::string_view name) const {
  for (const auto& param : params)
    if (param.name == name) return param.value;
  return {};
}

std::optional<std::string> Request::query_param(std::string_view name) const {
  auto rest = query;
  while (!rest.empty()) {
    auto pair = take_until(rest, '&');
    const auto key = take_until(pair, '=');
    if (percent_decoded(key, true) == name) return percent_decoded(pair, true);
  }
  return std::nullopt;
}

std::string_view Request::cookie(std::string_view name) const {
  for (const auto& header : headers) {
    if (!same_name(header.name, "cookie")) continue;
    auto rest = header.value;
    while (!rest.empty()) {
      auto pair = trimmed(take_until(rest, ';'));
      if (take_until(pair, '=') == name) return pair;
    }
  }
  return {};
}

std::string_view Request::bearer() const {
  const auto value = header("authorization");
  constexpr std::string_view kScheme = "bearer ";
  if (value.size() <= kScheme.size() || !same_name(value.substr(0, kScheme.size()), kScheme))
    return {};
  return trimmed(value.substr(kScheme.size()));
}

std::optional<std::string> percent_decoded(std::string_view text, bool plus_is_space) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]);
      const int low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      decoded.push_back(static_cast<char>(high * 16 + low));
      i += 2;
    } else {
      decoded.push_back(plus_is_space && text[i] == '+' ? ' ' : text[i]);
    }
  }
  return decoded;
}

std::optional<FormFields> parse_form(std::string_view text) {
  FormFields fields;
  while (!text.empty()) {
    auto pair = take_until(text, '&');
    if (pair.empty()) continue;
    auto name = percent_decoded(take_until(pair, '='), true);
    auto value = percent_decoded(pair, true);
    if (!name || !value) return std::nullopt;
    for (const auto* part : {&*name, &*value})
      if (part->find('\0') != std::string::npos || !code_points(*part)) return std::nullopt;
    fields.emplace_back(std::move(*name), std::move(*value));
  }
  return fields;
}

Response& Response::set(std::string_view name, std::string_view value) {
  for (auto& header : headers) {
    if (!same_name(header.first, name)) continue;
    header.second = value;
    return *this;
  }
  headers.emplace_back(name, value);
  return *this;
}

Response json_response(int status, const boost::json::value& body) {
  Response response;
  response.status = status;
  response.content_type = "application/json; charset=utf-8";
  response.body = boost::json::serialize(body);
  return response;
}

Response text_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(body);
  return response;
}

Response html_response(int status, std::string body) {
  Response response;
  response.status = status;
  response.content_type = "text/html; charset=utf-8";
  response.body = std::move(body);
  return response;
}

Response empty_response(int status) {
  Response response;
  response.status = status;
  return response;
}

Response redirect_response(std::string location, int status) {
  Response response;
  response.status = status;
  response.headers.emplace_back("Location", std::move(location));
  return response;
}

Response problem(ProblemCode code, std::string detail, std::vector<FieldError> errors,
                 std::optional<Seconds> retry_after) {
  Problem what;
  what.code = code;
  what.detail = std::move(detail);
  what.errors = std::move(errors);
  what.retry_after = retry_after;
  return problem(std::move(what));
}

Response problem(Problem what) {
  Response response;
  response.status = status_of(what);
  response.problem = std::move(what);
  return response;
}

Response event_stream_response(StreamWriter stream) {
  Response response;
  response.content_type = "text/event-stream; charset=utf-8";
  response.headers.emplace_back("X-Accel-Buffering", "no");
  response.stream = std::move(stream);
  return response;
}

void set_rate_limit(Response& response, std::span<const RateWindow> windows) {
  std::string policy;
  std::string state;
  for (const auto& window : windows) {
    if (!policy.empty()) {
      policy += ", ";
      state += ", ";
    }
    policy += fmt::format("\"{}\";q={};w={}", window.name, window.quota, window.window.count());
    state += fmt::format("\"{}\";r={};t={}", window.name, window.remaining, window.reset.count());
  }
  response.set("RateLimit-Policy", policy);
  response.set("RateLimit", state);
}

}  // namespace ringback::http
