#include "adapters/carriers/exotel/fields.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

namespace ringback::exotel {
namespace {

namespace json = boost::json;

bool flatten(const json::value& value, const std::string& name, int depth, Fields& out) {
  if (depth > kDeepestMember || out.size() > kMostFields || name.size() > kLongestName)
    return false;
  if (const auto* object = value.if_object()) {
    for (const auto& [key, member] : *object) {
      const std::string inner(key);
      if (!flatten(member, name.empty() ? inner : fmt::format("{}[{}]", name, inner), depth + 1,
                   out))
        return false;
    }
    return true;
  }
  if (const auto* array = value.if_array()) {
    for (std::size_t i = 0; i < array->size(); ++i)
      if (!flatten((*array)[i], name + "[" + std::to_string(i) + "]", depth + 1, out)) return false;
    return true;
  }
  std::string text;
  if (value.is_string())
    text = std::string(value.get_string());
  else if (!value.is_null())
    text = json::serialize(value);
  out.emplace_back(name, std::move(text));
  return true;
}

bool is_within_limits(const Fields& fields) {
  if (fields.size() > kMostFields) return false;
  std::vector<std::string_view> names;
  for (const auto& [name, value] : fields) {
    if (name.empty() || name.size() > kLongestName || value.size() > kLongestValue) return false;
    names.push_back(name);
  }
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) == names.end();
}

std::string media_type(std::string_view content_type) {
  std::string type;
  for (const char c : content_type.substr(0, content_type.find(';'))) {
    if (c == ' ' || c == '\t') continue;
    type += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return type;
}

std::optional<Fields> fields_in_body(const HttpRequest& request) {
  const auto content_type = header_of(request.headers, "Content-Type");
  const auto type = media_type(content_type);
  if (type == "application/json") return fields_in_json(request.body);
  if (type == "multipart/form-data") return fields_in_multipart(content_type, request.body);
  if (type == "application/x-www-form-urlencoded") return form_decoded(request.body);
  return std::nullopt;
}

std::optional<Fields> fields_in_query(std::string_view url) {
  const auto question = url.find('?');
  if (question == std::string_view::npos) return Fields{};
  return form_decoded(url.substr(question + 1));
}

}  // namespace

std::optional<Fields> fields_in_json(std::string_view body) {
  boost::system::error_code fault;
  const auto root = json::parse(body, fault);
  Fields fields;
  if (fault || !root.is_object() || !flatten(root, "", 0, fields)) return std::nullopt;
  return fields;
}

std::optional<Fields> read_fields(const HttpRequest& request) {
  if (request.url.size() > kLargestLetter || request.body.size() > kLargestLetter)
    return std::nullopt;
  auto fields = request.method == "POST" ? fields_in_body(request) : fields_in_query(request.url);
  if (!fields || !is_within_limits(*fields)) return std::nullopt;
  return fields;
}

std::string_view field(const Fields& fields, std::string_view name) {
  for (const auto& [key, value] : fields)
    if (key == name) return value;
  return {};
}

}  // namespace ringback::exotel
