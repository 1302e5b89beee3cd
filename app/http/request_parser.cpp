#include "app/http/request_parser.hpp"

#include <algorithm>
#include <array>
#include <boost/beast/http/error.hpp>
#include <charconv>
#include <cstring>

#include "app/http/text.hpp"

namespace ringback::http {
namespace {

namespace beast_http = boost::beast::http;

constexpr std::array<std::string_view, 7> kMethods{"GET",   "HEAD",   "POST",   "PUT",
                                                   "PATCH", "DELETE", "OPTIONS"};

std::string_view view(boost::beast::string_view text) { return {text.data(), text.size()}; }

Refusal bad(std::string_view detail) { return {ProblemCode::bad_request, 400, detail}; }

bool is_token_char(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
         std::string_view("!#$%&'*+-.^_`|~").find(c) != std::string_view::npos;
}

// Visible ASCII, and exactly the two spaces that part method, target and version.
bool is_start_line(std::string_view line) {
  int spaces = 0;
  for (const char c : line) {
    if (c == ' ')
      ++spaces;
    else if (c < 0x21 || c > 0x7E)
      return false;
  }
  return spaces == 2;
}

std::string lower_case(std::string_view text) {
  std::string lowered(text);
  for (char& c : lowered)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return lowered;
}

// The host of "host", "host:port", "[v6]:port"; nothing if it has another shape.
std::optional<std::string_view> host_of(std::string_view authority) {
  std::size_t end = authority.find(':');
  if (authority.starts_with('[')) {
    const auto bracket = authority.find(']');
    if (bracket == std::string_view::npos) return std::nullopt;
    end = bracket + 1 == authority.size() ? std::string_view::npos : bracket + 1;
    if (end != std::string_view::npos && authority[end] != ':') return std::nullopt;
  }
  const auto host = authority.substr(0, end);
  if (host.empty()) return std::nullopt;
  if (end != std::string_view::npos) {
    const auto port = authority.substr(end + 1);
    const bool digits =
        std::all_of(port.begin(), port.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!digits || port.size() > 5) return std::nullopt;
  }
  return host;
}

bool escapes_are_sound(std::string_view text) {
  const auto decoded = percent_decoded(text);
  return decoded && decoded->find('\0') == std::string::npos;
}

bool has_escaped_separator(std::string_view path) {
  for (std::size_t i = 0; i + 2 < path.size(); ++i) {
    if (path[i] != '%') continue;
    const auto escape = path.substr(i + 1, 2);
    if (same_name(escape, "2f") || same_name(escape, "5c")) return true;
  }
  return false;
}

bool has_dot_segment(std::string_view path) {
  for (std::size_t start = 1; start <= path.size();) {
    const auto end = std::min(path.find('/', start), path.size());
    const auto segment = path.substr(start, end - start);
    if (segment == "." || segment == "..") return true;
    start = end + 1;
  }
  return false;
}

}  // namespace

HeadScan scan_head(std::string_view bytes, std::size_t resume) {
  HeadScan scan;
  scan.resume = resume;
  const auto refuse = [&](std::string_view detail) {
    scan.state = HeadScan::State::bad;
    scan.detail = detail;
    return scan;
  };
  if (bytes.empty()) return scan;
  if (!is_token_char(bytes.front())) return refuse("This is not HTTP. Nothing was done.");
  for (std::size_t from = resume;;) {
    const void* found = std::memchr(bytes.data() + from, '\n', bytes.size() - from);
    if (found == nullptr) return scan;
    const auto at = static_cast<std::size_t>(static_cast<const char*>(found) - bytes.data());
    if (at == 0 || bytes[at - 1] != '\r')
      return refuse("A line does not end in CR LF. Nothing was done.");
    if (from == 0 && !is_start_line(bytes.substr(0, at - 1)))
      return refuse("The request line has bytes that do not belong there. Nothing was done.");
    if (at + 1 == bytes.size()) return scan;  // the next byte says whether the line is folded
    const char next = bytes[at + 1];
    if (next == ' ' || next == '\t')
      return refuse("A header is folded over two lines. Send it on one line. Nothing was done.");
    if (next == '\r') {
      if (at + 2 == bytes.size()) return scan;
      if (bytes[at + 2] != '\n') return refuse("A bare CR is in the head. Nothing was done.");
      scan.state = HeadScan::State::complete;
      scan.size = at + 3;
      return scan;
    }
    from = at + 1;
    scan.resume = from;
  }
}

bool HostRule::allows(std::string_view host_and_port, bool loopback_peer,
                      const IpAddress& local) const {
  const auto host = host_of(host_and_port);
  if (!host) return false;
  if (std::any_of(names.begin(), names.end(),
                  [&](const std::string& name) { return same_name(name, *host); }))
    return true;
  if (loopback_peer && same_name(*host, "localhost")) return true;
  // The literal of the socket's own address cannot be a rebound name.
  const bool bracketed = host->starts_with('[');
  const auto literal = parse_address(bracketed ? host->substr(1, host->size() - 2) : *host);
  return literal && literal->is_v6() == bracketed && unmapped(*literal) == unmapped(local);
}

HostRule host_rule(std::string_view public_url, const std::vector<std::string>& listen) {
  HostRule rule;
  const auto add = [&](std::string_view authority) {
    const auto host = host_of(authority);
    if (!host) return;
    rule.names.push_back(lower_case(*host));
    const auto literal =
        parse_address(host->starts_with('[') ? host->substr(1, host->size() - 2) : *host);
    if (literal && literal->is_loopback()) rule.names.emplace_back("localhost");
  };
  if (const auto scheme = public_url.find("://"); scheme != std::string_view::npos) {
    const auto rest = public_url.substr(scheme + 3);
    add(rest.substr(0, rest.find_first_of("/?#")));
  }
  for (const auto& address : listen) add(address);
  return rule;
}

RequestParser::RequestParser(std::vector<Header>& headers, std::string& decoded_path)
    : headers_(headers), decoded_path_(decoded_path) {
  headers_.clear();
  Base::body_limit(boost::none);  // bodies are counted here, by the route's limit
}

std::optional<Refusal> RequestParser::read_head(std::string_view bytes, const Limits& limits,
                                                Request& request) {
  field_limit_ = limits.header_fields;
  Base::eager(false);
  Base::header_limit(static_cast<std::uint32_t>(bytes.size() + 1));
  Code failure;
  const auto consumed = Base::put(boost::asio::const_buffer(bytes.data(), bytes.size()), failure);
  if (too_many_fields_)
    return Refusal{ProblemCode::bad_request, 431,
                   "There are too many header fields. Nothing was done."};
  if (failure || !Base::is_header_done() || consumed != bytes.size())
    return bad("The head is not valid HTTP/1.1. Nothing was done.");
  head_done_ = true;

  if (auto refusal = check_framing()) return refusal;
  request.method = method_;
  request.target = target_;
  request.host = host_;
  request.headers = headers_;
  if (auto refusal = check_target(request)) return refusal;
  if (std::find(kMethods.begin(), kMethods.end(), method_) == kMethods.end())
    return Refusal{ProblemCode::method_not_allowed, 405,
                   "This method is not known here. Nothing was done."};
  if (!expect_.empty()) {
    if (!same_name(expect_, "100-continue"))
      return bad("Only 100-continue can be expected. Nothing was done.");
    wants_continue_ = http11_;
  }
  return std::nullopt;
}

std::optional<Refusal> RequestParser::check_framing() {
  if (hosts_ != 1) return bad("There must be exactly one Host field. Nothing was done.");
  if (announces_trailers_)
    return bad("Trailers are not taken. Send the fields in the head. Nothing was done.");
  if (transfer_encodings_ > 0) {
    if (transfer_encodings_ != 1 || !same_name(transfer_encoding_, "chunked") || lengths_ != 0 ||
        !http11_)
      return bad(
          "Transfer-Encoding can only be one field that says chunked, in HTTP/1.1 and without "
          "Content-Length. Nothing was done.");
  }
  if (lengths_ > 1) return bad("There is more than one Content-Length. Nothing was done.");
  if (lengths_ == 1) {
    const auto* end = length_text_.data() + length_text_.size();
    const auto [stop, failure] = std::from_chars(length_text_.data(), end, content_length_);
    if (length_text_.empty() || failure != std::errc{} || stop != end)
      return bad("Content-Length is not a number. Nothing was done.");
  }
  return std::nullopt;
}

std::optional<Refusal> RequestParser::check_target(Request& request) {
  auto rest = target_;
  if (rest == "*" && method_ == "OPTIONS") {
    request.path = rest;
    request.query = {};
    return std::nullopt;
  }
  if (!rest.starts_with('/')) {  // absolute-form: only if it names the same authority as Host
    const auto scheme = rest.find("://");
    const auto name = rest.substr(0, scheme == std::string_view::npos ? 0 : scheme);
    if (!same_name(name, "http") && !same_name(name, "https"))
      return bad("The request target must be a path. Nothing was done.");
    rest = rest.substr(scheme + 3);
    const auto authority = rest.substr(0, rest.find_first_of("/?"));
    if (!same_name(authority, host_))
      return bad("The request target names another host than the Host field. Nothing was done.");
    rest = rest.substr(authority.size());
    if (!rest.starts_with('/'))
      return bad("The request target must have a path. Nothing was done.");
  }
  if (rest.find_first_of("#\\") != std::string_view::npos)
    return bad("The request target has a character that does not belong there. Nothing was done.");
  const auto mark = rest.find('?');
  const auto raw_path = rest.substr(0, mark);
  request.query = mark == std::string_view::npos ? std::string_view{} : rest.substr(mark + 1);
  if (!request.query.empty() && !escapes_are_sound(request.query))
    return bad("A percent escape in the query is not valid. Nothing was done.");

  request.path = raw_path;
  if (raw_path.find('%') != std::string_view::npos) {
    auto decoded = percent_decoded(raw_path);
    if (!decoded || has_escaped_separator(raw_path) || has_control_characters(*decoded) ||
        !code_points(*decoded))
      return bad("A percent escape in the path is not valid. Nothing was done.");
    decoded_path_ = std::move(*decoded);
    request.path = decoded_path_;
  }
  if (has_dot_segment(request.path))
    return bad("The path must not contain . or .. segments. Nothing was done.");
  return std::nullopt;
}

RequestParser::Chunks RequestParser::read_chunks(std::string_view bytes, std::size_t limit,
                                                 std::string& body) {
  Chunks result;
  // Whatever is left of a sound body ends in the last chunk. Beast 1.81 asserts that it sees all of
  // that once it has seen its first line, so it is not shown less.
  constexpr std::size_t kLastChunk = std::string_view("0\r\n\r\n").size();
  body_ = &body;
  body_limit_ = limit;
  while (!Base::is_done()) {
    if (bytes.size() - result.consumed < kLastChunk) return result;
    Code failure;
    result.consumed += Base::put(
        boost::asio::const_buffer(bytes.data() + result.consumed, bytes.size() - result.consumed),
        failure);
    if (!failure) continue;
    if (failure == beast_http::error::need_more) return result;
    if (has_trailers_)
      result.refusal =
          bad("Trailers are not taken. Send the fields in the head. Nothing was done.");
    else if (too_large_)
      result.refusal = Refusal{ProblemCode::payload_too_large, 413,
                               "The body is larger than this address takes. Nothing was done."};
    else
      result.refusal = bad("The chunked body is not valid. Nothing was done.");
    return result;
  }
  result.done = true;
  return result;
}

void RequestParser::on_request_impl(beast_http::verb, View method, View target, int version,
                                    Code&) {
  method_ = view(method);
  target_ = view(target);
  http11_ = version == 11;
}

void RequestParser::on_field_impl(beast_http::field field, View name, View value, Code& failure) {
  if (head_done_) {
    has_trailers_ = true;
    failure = beast_http::error::bad_field;
    return;
  }
  if (headers_.size() == field_limit_) {
    too_many_fields_ = true;
    failure = beast_http::error::header_limit;
    return;
  }
  headers_.push_back({view(name), view(value)});
  switch (field) {
    case beast_http::field::host:
      ++hosts_;
      host_ = view(value);
      break;
    case beast_http::field::content_length:
      ++lengths_;
      length_text_ = view(value);
      break;
    case beast_http::field::transfer_encoding:
      ++transfer_encodings_;
      transfer_encoding_ = view(value);
      break;
    case beast_http::field::expect:
      expect_ = view(value);
      break;
    case beast_http::field::trailer:
      announces_trailers_ = true;
      break;
    default:
      break;
  }
}

void RequestParser::on_chunk_header_impl(std::uint64_t size, View extensions, Code& failure) {
  extension_bytes_ += extensions.size();
  if (size > body_limit_ || body_->size() + size + extension_bytes_ > body_limit_) {
    too_large_ = true;
    failure = beast_http::error::body_limit;
  }
}

std::size_t RequestParser::on_chunk_body_impl(std::uint64_t, View body, Code&) {
  body_->append(body.data(), body.size());
  return body.size();
}

}  // namespace ringback::http
