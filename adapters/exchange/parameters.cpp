#include "adapters/exchange/parameters.hpp"

#include <fmt/format.h>

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <charconv>

#include "core/ports/letter_text.hpp"

namespace ringback::exchange {
namespace {

constexpr std::size_t kLongestBody = 65'536;

template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number number{};
  const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
  if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string_view query_of(std::string_view url) {
  const auto mark = url.find('?');
  return mark == std::string_view::npos ? std::string_view{} : url.substr(mark + 1);
}

}  // namespace

bool is_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const int more = byte < 0x80   ? 0
                     : byte < 0xC2 ? -1
                     : byte < 0xE0 ? 1
                     : byte < 0xF0 ? 2
                     : byte < 0xF5 ? 3
                                   : -1;
    if (more < 0 || i + static_cast<std::size_t>(more) >= text.size()) return false;
    for (int k = 1; k <= more; ++k)
      if ((static_cast<unsigned char>(text[i + static_cast<std::size_t>(k)]) & 0xC0U) != 0x80U)
        return false;
    const auto second = more > 0 ? static_cast<unsigned char>(text[i + 1]) : 0;
    if ((byte == 0xE0 && second < 0xA0) || (byte == 0xED && second > 0x9F) ||
        (byte == 0xF0 && second < 0x90) || (byte == 0xF4 && second > 0x8F))
      return false;  // too long, a surrogate, or beyond U+10FFFF
    i += static_cast<std::size_t>(more) + 1;
  }
  return true;
}

Parameters::Parameters(const HttpRequest& request) {
  if (request.body.size() > kLongestBody) {
    complain("invalid_parameter", "The body is longer than 64 KiB.");
    return;
  }
  const auto add_form = [this](std::string_view text) {
    auto fields = form_decoded(text);
    if (!fields) return complain("invalid_parameter", "A percent escape is broken.");
    for (auto& [name, value] : *fields) add(std::move(name), std::move(value));
  };
  add_form(query_of(request.url));
  if (request.body.empty()) return;
  const auto type = header_of(request.headers, "Content-Type");
  const auto kind = type.substr(0, type.find(';'));
  if (kind == "application/json")
    read_json(request.body);
  else if (kind == "application/x-www-form-urlencoded")
    add_form(request.body);
  else
    complain("invalid_parameter", "The body is neither a form nor JSON; see Content-Type.");
}

void Parameters::read_json(std::string_view body) {
  boost::system::error_code fault;
  unsigned char room[2'048];
  boost::json::monotonic_resource memory(room, sizeof room);
  const auto root = boost::json::parse(body, fault, &memory);
  if (fault || !root.is_object())
    return complain("invalid_parameter", "The body is not one JSON object.");
  for (const auto& [name, value] : root.get_object()) {
    if (value.is_string())
      add(name, std::string(value.get_string()));
    else if (value.is_int64())
      add(name, std::to_string(value.get_int64()));
    else
      complain("invalid_parameter",
               fmt::format("{} is neither text nor a whole number.", std::string_view(name)));
  }
}

void Parameters::add(std::string name, std::string value) {
  if (!is_utf8(name) || !is_utf8(value) || value.find('\0') != std::string::npos)
    return complain("invalid_parameter", "A parameter is not UTF-8 text.");
  if (!values_.emplace(name, std::move(value)).second)
    complain("invalid_parameter", fmt::format("{} is given twice.", name));
}

void Parameters::complain(std::string_view code, std::string message) {
  if (!complaint_) complaint_ = Complaint{code, std::move(message)};
}

std::optional<std::string> Parameters::take(std::string_view name) {
  const auto it = values_.find(name);
  if (it == values_.end()) return std::nullopt;
  std::string value = std::move(it->second);
  values_.erase(it);
  return value;
}

std::string Parameters::text(std::string_view name, std::size_t most, bool required) {
  auto value = take(name);
  if (!value || value->empty()) {
    if (required) complain("invalid_parameter", fmt::format("{} is missing.", name));
    return {};
  }
  if (value->size() > most)
    complain("invalid_parameter", fmt::format("{} is longer than {} bytes.", name, most));
  return std::move(*value);
}

PhoneNumber Parameters::number(std::string_view name, bool required) {
  const std::string value = text(name, 64, required);
  if (value.empty()) return {};
  const auto number = PhoneNumber::from_e164(value);
  if (!number) complain("invalid_number", fmt::format("{} is not a number in E.164 form.", name));
  return number.value_or(PhoneNumber{});
}

int Parameters::whole(std::string_view name, int least, int most, int otherwise) {
  const auto value = take(name);
  if (!value) return otherwise;
  const auto number = number_in<int>(*value);
  if (!number || *number < least || *number > most)
    complain("invalid_parameter",
             fmt::format("{} is not a whole number from {} to {}.", name, least, most));
  return number.value_or(otherwise);
}

TimePoint Parameters::instant(std::string_view name, TimePoint otherwise) {
  const auto value = take(name);
  if (!value) return otherwise;
  const auto number = number_in<std::int64_t>(*value);
  if (!number)
    complain("invalid_parameter", fmt::format("{} is not a time in milliseconds.", name));
  return number ? TimePoint{Millis{*number}} : otherwise;
}

const std::optional<Complaint>& Parameters::complaint() {
  if (!values_.empty())
    complain("unknown_parameter",
             fmt::format("There is no parameter {:.40}.", values_.begin()->first));
  return complaint_;
}

}  // namespace ringback::exchange
