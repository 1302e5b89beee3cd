// The guard, as a connection uses it: however the bytes are cut, the same is understood, and what
// is understood keeps the guard's promises.
#include <algorithm>
#include <optional>
#include <string>

#include "app/http/request_parser.hpp"
#include "app/http/text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

constexpr std::size_t kBodyLimit = 4096;

struct Understood {
  http::HeadScan::State scan{};
  std::size_t head = 0;
  int refused = 0;
  std::string body;
  bool whole = false;
  std::size_t left = 0;

  friend bool operator==(const Understood&, const Understood&) = default;
};

void look_at(const http::Request& request, const http::RequestParser& parser) {
  must(request.header_count("host") == 1, "exactly one Host");
  must(request.path == "*" || request.path.starts_with('/'), "the path is a path");
  must(request.path.find('\0') == std::string_view::npos, "no NUL in the path");
  must(http::code_points(request.path).has_value(), "the path is UTF-8");
  must(request.path.find("/../") == std::string_view::npos, "no dot segments");
  must(!(parser.is_chunked() && request.header_count("content-length") > 0), "one framing only");
  must(request.header_count("content-length") <= 1, "one length at most");
  must(request.header_count("transfer-encoding") == (parser.is_chunked() ? 1U : 0U),
       "a transfer coding is chunked or refused");
  for (const auto& header : request.headers)
    must(header.value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos,
         "no line break and no NUL in a value");
  request.query_param("a");
  request.cookie("a");
  request.bearer();
  const http::HostRule rule{{"ring.example"}};
  if (rule.allows(request.host, false, {}))
    must(http::same_name(request.host.substr(0, 12), "ring.example") ||
             request.host.find("0.0.0.0") != std::string_view::npos,
         "only our names and the socket's own address");
}

Understood understand(std::string_view bytes, std::size_t step) {
  Understood out;
  const http::Limits limits;
  std::size_t seen = 0;
  http::HeadScan scan;
  do {
    seen = std::min(bytes.size(), seen + step);
    scan = http::scan_head(bytes.substr(0, seen), scan.resume);
  } while (scan.state == http::HeadScan::State::incomplete && seen < bytes.size());
  out.scan = scan.state;
  if (scan.state != http::HeadScan::State::complete) return out;
  out.head = scan.size;

  std::vector<http::Header> headers;
  std::string path;
  http::Request request;
  http::RequestParser parser(headers, path);
  const std::string head(bytes.substr(0, scan.size));
  if (const auto refusal = parser.read_head(head, limits, request)) {
    must(refusal->status >= 400 && refusal->status < 500 && !refusal->detail.empty(),
         "a refusal says why");
    out.refused = refusal->status;
    return out;
  }
  look_at(request, parser);
  if (!parser.is_chunked()) return out;

  std::string waiting;
  std::string_view rest = bytes.substr(scan.size);
  for (;;) {
    const auto more = rest.substr(0, step);
    waiting += more;
    rest.remove_prefix(more.size());
    const auto chunks = parser.read_chunks(waiting, kBodyLimit, out.body);
    must(chunks.consumed <= waiting.size(), "no more is consumed than there is");
    waiting.erase(0, chunks.consumed);
    must(out.body.size() <= kBodyLimit, "the body keeps its limit");
    if (chunks.refusal) {
      out.refused = chunks.refusal->status;
      out.body.clear();  // how much came before the refusal depends on the cut
      return out;
    }
    out.whole = chunks.done;
    if (chunks.done || rest.empty()) break;
  }
  // What is not whole may have been understood up to another point.
  if (out.whole)
    out.left = waiting.size() + rest.size();
  else
    out.body.clear();
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  const auto at_once = understand(bytes, bytes.size() + 1);
  for (const std::size_t step : {1U, 7U, 61U})
    must(understand(bytes, step) == at_once, "the same however it is cut");
  return 0;
}
