// multipart/form-data (RFC 7578), as far as a form without files goes. Only CRLF ends a line, and
// the last boundary must be there: a letter that was cut is no letter.
#include "adapters/carriers/exotel/fields.hpp"

namespace ringback::exotel {
namespace {

constexpr std::size_t kLongestBoundary = 70;
constexpr std::string_view kLineEnd = "\r\n";
constexpr std::string_view kHeadersEnd = "\r\n\r\n";

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lower(std::string_view text) {
  std::string out;
  for (const char c : text) out += lower(c);
  return out;
}

// The value of a parameter behind a ';': name="value" or name=value.
std::optional<std::string> parameter(std::string_view line, std::string_view name) {
  const auto small = lower(line);
  for (auto at = small.find(';'); at != std::string::npos; at = small.find(';', at + 1)) {
    auto from = small.find_first_not_of(" \t", at + 1);
    if (from == std::string::npos || small.compare(from, name.size(), name) != 0) continue;
    from += name.size();
    if (from >= line.size() || line[from] != '=') continue;
    auto value = line.substr(from + 1);
    if (!value.starts_with('"')) return std::string(value.substr(0, value.find_first_of("; \t")));
    value.remove_prefix(1);
    const auto end = value.find('"');
    if (end == std::string_view::npos) return std::nullopt;
    return std::string(value.substr(0, end));
  }
  return std::nullopt;
}

// The name in the part's Content-Disposition.
std::optional<std::string> name_in(std::string_view headers) {
  while (!headers.empty()) {
    const auto end = headers.find(kLineEnd);
    const auto line = headers.substr(0, end);
    headers = end == std::string_view::npos ? std::string_view{} : headers.substr(end + 2);
    if (!lower(line).starts_with("content-disposition:")) continue;
    if (lower(line).find("form-data") == std::string::npos) return std::nullopt;
    return parameter(line, "name");
  }
  return std::nullopt;
}

// One part between two boundaries; false if it has no name.
bool read_part(std::string_view part, Fields& out) {
  const auto end = part.find(kHeadersEnd);
  if (end == std::string_view::npos) return false;
  auto name = name_in(part.substr(0, end));
  if (!name) return false;
  out.emplace_back(std::move(*name), std::string(part.substr(end + kHeadersEnd.size())));
  return true;
}

}  // namespace

std::optional<Fields> fields_in_multipart(std::string_view content_type, std::string_view body) {
  const auto boundary = parameter(content_type, "boundary");
  if (!boundary || boundary->empty() || boundary->size() > kLongestBoundary) return std::nullopt;
  const std::string first = "--" + *boundary;
  const std::string next = "\r\n" + first;
  if (!body.starts_with(first)) return std::nullopt;
  body.remove_prefix(first.size());
  Fields fields;
  while (body.starts_with(kLineEnd)) {
    body.remove_prefix(kLineEnd.size());
    const auto end = body.find(next);
    if (end == std::string_view::npos || fields.size() > kMostFields) return std::nullopt;
    if (!read_part(body.substr(0, end), fields)) return std::nullopt;
    body.remove_prefix(end + next.size());
  }
  if (!body.starts_with("--")) return std::nullopt;
  return fields;
}

}  // namespace ringback::exotel
