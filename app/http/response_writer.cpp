#include "app/http/response_writer.hpp"

#include <algorithm>
#include <boost/beast/http/status.hpp>
#include <charconv>

namespace ringback::http {
namespace {

// Short bodies are copied behind their head: one write. Longer ones are written from where they
// are.
constexpr std::size_t kCopyBody = 16UL * 1024;

void append_number(std::string& out, std::uint64_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

void append_line(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  // A line break in a value would begin a header of somebody else's choosing.
  std::copy_if(value.begin(), value.end(), std::back_inserter(out),
               [](char c) { return c != '\r' && c != '\n' && c != '\0'; });
  out.append("\r\n");
}

void append_status_line(std::string& out, int status) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::uint64_t>(status));
  const auto reason = boost::beast::http::obsolete_reason(
      boost::beast::http::int_to_status(static_cast<unsigned>(status)));
  out.append(" ").append(reason.data(), reason.size()).append("\r\n");
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string_view append_response(const Response& response, const Envelope& envelope,
                                 const HeaderClasses& classes, std::string& rendered_problem,
                                 std::string& out) {
  append_status_line(out, response.status);
  std::string_view content_type = response.content_type;
  std::string_view body = response.body.empty() ? response.static_body : response.body;
  auto headers = envelope.headers;
  if (response.problem) {
    rendered_problem = render(*response.problem, envelope.public_url, envelope.request_id);
    body = rendered_problem;
    content_type = "application/problem+json";
    if (headers != HeaderClass::visitor_json) headers = HeaderClass::json;
    if (const auto wait = retry_after_of(*response.problem))
      append_line(out, "Retry-After", std::to_string(wait->count()));
  }
  if (!content_type.empty()) append_line(out, "Content-Type", content_type);
  for (const auto& [name, value] : response.headers) append_line(out, name, value);
  classes.append(headers, response.headers, out);
  out.append(envelope.cors_lines);
  if (response.stream) {
    if (response.stream_length) {
      out.append("Content-Length: ");
      append_number(out, *response.stream_length);
      out.append("\r\n");
    } else if (envelope.chunked) {
      out.append("Transfer-Encoding: chunked\r\n");
    }
    body = {};
  } else if (!has_no_body(response.status)) {
    out.append("Content-Length: ");
    append_number(out, body.size());
    out.append("\r\n");
  }
  if (envelope.close) out.append("Connection: close\r\n");
  out.append("X-Request-Id: ").append(envelope.request_id).append("\r\n\r\n");
  if (envelope.head_only || has_no_body(response.status)) return {};
  if (body.size() > kCopyBody) return body;
  out.append(body);
  return {};
}

std::string constant_head(const Response& response, HeaderClass which,
                          const HeaderClasses& classes) {
  std::string head;
  append_status_line(head, response.status);
  if (!response.content_type.empty()) append_line(head, "Content-Type", response.content_type);
  for (const auto& [name, value] : response.headers) append_line(head, name, value);
  classes.append(which, response.headers, head);
  const std::size_t size =
      response.body.empty() ? response.static_body.size() : response.body.size();
  head.append("Content-Length: ");
  append_number(head, size);
  head.append("\r\nX-Request-Id: ");
  return head;
}

}  // namespace ringback::http
