#include "app/http/json_body.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <cmath>

#include "app/http/text.hpp"

namespace ringback::http {
namespace {

namespace json = boost::json;
using json::error_code;

constexpr std::size_t kDepth = 32;

// Walks the text once and looks for what json::parse would accept: a NUL, a number that is not
// finite. Counts the members, because of two with one name json::parse keeps one.
struct StrictHandler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  std::size_t members = 0;
  std::string_view wrong;

  bool refuse(std::string_view why, error_code& failure) {
    wrong = why;
    failure = json::error::syntax;
    return false;
  }
  bool look(json::string_view part, error_code& failure) {
    return part.find('\0') == json::string_view::npos ||
           refuse("A string contains a NUL character.", failure);
  }

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }
  bool on_object_begin(error_code&) { return true; }
  bool on_object_end(std::size_t count, error_code&) {
    members += count;
    return true;
  }
  bool on_array_begin(error_code&) { return true; }
  bool on_array_end(std::size_t, error_code&) { return true; }
  bool on_key_part(json::string_view part, std::size_t, error_code& failure) {
    return look(part, failure);
  }
  bool on_key(json::string_view part, std::size_t, error_code& failure) {
    return look(part, failure);
  }
  bool on_string_part(json::string_view part, std::size_t, error_code& failure) {
    return look(part, failure);
  }
  bool on_string(json::string_view part, std::size_t, error_code& failure) {
    return look(part, failure);
  }
  bool on_number_part(json::string_view, error_code&) { return true; }
  bool on_int64(std::int64_t, json::string_view, error_code&) { return true; }
  bool on_uint64(std::uint64_t, json::string_view, error_code&) { return true; }
  bool on_double(double number, json::string_view, error_code& failure) {
    return std::isfinite(number) || refuse("A number is too large.", failure);
  }
  bool on_bool(bool, error_code&) { return true; }
  bool on_null(error_code&) { return true; }
  bool on_comment_part(json::string_view, error_code&) { return true; }
  bool on_comment(json::string_view, error_code&) { return true; }
};

// Of all objects in it; no deeper than the parser goes.
std::size_t members_of(const json::value& value) {
  std::size_t count = 0;
  if (const auto* object = value.if_object()) {
    count = object->size();
    for (const auto& member : *object) count += members_of(member.value());
  } else if (const auto* array = value.if_array()) {
    for (const auto& item : *array) count += members_of(item);
  }
  return count;
}

Problem unreadable(std::string_view why) {
  Problem what;
  what.code = ProblemCode::bad_request;
  what.detail = fmt::format("The body cannot be read: {} Nothing was done.", why);
  return what;
}

// "application/json", with no parameter but charset=utf-8.
bool is_json(std::string_view content_type) {
  const auto semicolon = content_type.find(';');
  if (!same_name(trimmed(content_type.substr(0, semicolon)), "application/json")) return false;
  if (semicolon == std::string_view::npos) return true;
  const auto parameter = trimmed(content_type.substr(semicolon + 1));
  return same_name(parameter, "charset=utf-8") || same_name(parameter, "charset=\"utf-8\"");
}

}  // namespace

JsonBody read_json(const Request& request) {
  if (request.header_count("content-type") != 1 || !is_json(request.header("content-type"))) {
    Problem what;
    what.code = ProblemCode::unsupported_media_type;
    what.detail = "Send the body as application/json in UTF-8. Nothing was done.";
    return what;
  }
  return parse_json_object(request.body);
}

JsonBody parse_json_object(std::string_view text) {
  json::parse_options options;
  options.max_depth = kDepth;
  json::basic_parser<StrictHandler> parser(options);
  error_code failure;
  const auto read = parser.write_some(false, text.data(), text.size(), failure);
  if (!parser.handler().wrong.empty()) return unreadable(parser.handler().wrong);
  if (failure == json::error::too_deep) return unreadable("It is nested too deeply.");
  if (failure || read != text.size())
    return unreadable("It is not one JSON value in UTF-8 and nothing else.");
  // One piece of memory for all of it.
  auto value =
      json::parse({text.data(), text.size()}, failure,
                  json::make_shared_resource<json::monotonic_resource>(4 * text.size()), options);
  if (failure) return unreadable("It is not one JSON value in UTF-8 and nothing else.");
  if (members_of(value) != parser.handler().members) return unreadable("A member is there twice.");
  if (!value.is_object()) return unreadable("It must be a JSON object.");
  return std::move(value.as_object());
}

const json::value* Fields::take(std::string_view name) {
  asked_.push_back(name);
  const auto* value = object_.if_contains(name);
  return value != nullptr && !value->is_null() ? value : nullptr;
}

bool Fields::has(std::string_view name) const {
  const auto* value = object_.if_contains(name);
  return value != nullptr && !value->is_null();
}

void Fields::fail(std::string_view field, std::string_view code, std::string_view detail) {
  errors_.push_back({std::string(field), std::string(code), std::string(detail)});
}

bool Fields::is_sound(std::string_view name, std::string_view text, std::size_t longest,
                      Lines lines) {
  const auto length = code_points(text);
  if (!length || has_control_characters(text, lines == Lines::many)) {
    fail(name, "control_characters", "Control characters are not allowed here.");
    return false;
  }
  if (*length > longest) {
    fail(name, "too_long", fmt::format("It may have at most {} characters.", longest));
    return false;
  }
  return true;
}

std::optional<std::string> Fields::text(std::string_view name, std::size_t longest, Lines lines) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_string()) {
    fail(name, "wrong_type", "It must be a string.");
    return std::nullopt;
  }
  std::string text(value->get_string().data(), value->get_string().size());
  if (!is_sound(name, text, longest, lines)) return std::nullopt;
  return text;
}

std::string Fields::required_text(std::string_view name, std::size_t longest, Lines lines) {
  if (const auto* value = take(name);
      value == nullptr || (value->is_string() && value->get_string().empty())) {
    fail(name, "required", "It is needed.");
    return {};
  }
  return text(name, longest, lines).value_or("");
}

std::optional<bool> Fields::boolean(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (value->is_bool()) return value->get_bool();
  fail(name, "wrong_type", "It must be true or false.");
  return std::nullopt;
}

std::optional<std::int64_t> Fields::integer(std::string_view name, std::int64_t least,
                                            std::int64_t most) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_int64() && !value->is_uint64()) {
    fail(name, "wrong_type", "It must be a whole number.");
    return std::nullopt;
  }
  if (!value->is_int64() || value->get_int64() < least || value->get_int64() > most) {
    fail(name, "out_of_range", fmt::format("It must be from {} to {}.", least, most));
    return std::nullopt;
  }
  return value->get_int64();
}

std::optional<std::vector<std::string>> Fields::texts(std::string_view name, std::size_t most,
                                                      std::size_t longest) {
  const auto* value = take(name);
  if (value == nullptr) return std::nullopt;
  if (!value->is_array()) {
    fail(name, "wrong_type", "It must be a list of strings.");
    return std::nullopt;
  }
  if (value->get_array().size() > most) {
    fail(name, "too_long", fmt::format("It may have at most {} entries.", most));
    return std::nullopt;
  }
  std::vector<std::string> texts;
  for (const auto& entry : value->get_array()) {
    if (!entry.is_string()) {
      fail(name, "wrong_type", "It must be a list of strings.");
      return std::nullopt;
    }
    texts.emplace_back(entry.get_string().data(), entry.get_string().size());
    if (!is_sound(name, texts.back(), longest, Lines::one)) return std::nullopt;
  }
  return texts;
}

const json::object* Fields::object(std::string_view name) {
  const auto* value = take(name);
  if (value == nullptr) return nullptr;
  if (value->is_object()) return &value->get_object();
  fail(name, "wrong_type", "It must be an object.");
  return nullptr;
}

const json::value* Fields::any(std::string_view name) { return take(name); }

std::optional<Problem> Fields::problem() {
  for (const auto& member : object_) {
    const std::string_view name(member.key().data(), member.key().size());
    if (std::find(asked_.begin(), asked_.end(), name) == asked_.end())
      // The name is the sender's own text: cut, so that an answer cannot be made to carry much.
      fail(name.substr(0, 64), "unknown_field", "This member is not known here.");
  }
  if (errors_.empty()) return std::nullopt;
  Problem what;
  what.code = ProblemCode::validation_failed;
  what.detail = "Some members of the request are not right; see errors. Nothing was done.";
  what.errors = std::move(errors_);
  errors_.clear();
  return what;
}

}  // namespace ringback::http
