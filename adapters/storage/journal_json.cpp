#include "adapters/storage/journal_json.hpp"

#include <fmt/format.h>

#include <array>
#include <boost/json.hpp>
#include <charconv>
#include <limits>
#include <optional>
#include <variant>

#include "adapters/storage/journal_members.hpp"
#include "adapters/storage/words.hpp"

namespace ringback::journal_json {
namespace {

namespace json = boost::json;

constexpr std::int64_t kVersion = 1;
constexpr std::string_view kHex = "0123456789abcdef";

template <class E>
concept Enum = std::is_enum_v<E>;

// A carrier's reference may hold bytes that are not UTF-8; the journal must stay readable.
std::string readable(std::string_view text) {
  std::string out(text);
  for (std::size_t i = 0; i < out.size();) {
    const auto byte = static_cast<unsigned char>(out[i]);
    const std::size_t length = byte < 0x80   ? 1
                               : byte < 0xc2 ? 0
                               : byte < 0xe0 ? 2
                               : byte < 0xf0 ? 3
                               : byte < 0xf5 ? 4
                                             : 0;
    bool good = length > 0 && i + length <= out.size();
    for (std::size_t k = 1; good && k < length; ++k)
      good = (static_cast<unsigned char>(out[i + k]) & 0xc0) == 0x80;
    if (good && length >= 3) {
      const auto next = static_cast<unsigned char>(out[i + 1]);
      if (byte == 0xe0) good = next >= 0xa0;
      if (byte == 0xed) good = next < 0xa0;
      if (byte == 0xf0) good = next >= 0x90;
      if (byte == 0xf4) good = next < 0x90;
    }
    if (!good) out[i] = '?';
    i += good ? length : 1;
  }
  return out;
}

std::string hex_of(const Digest& digest) {
  std::string text;
  text.reserve(digest.size() * 2);
  for (const auto byte : digest) {
    text += kHex[byte >> 4];
    text += kHex[byte & 15];
  }
  return text;
}

// ---- writing ---------------------------------------------------------------------------------

void append_number(std::string& out, std::int64_t number) {
  char digits[20];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, number).ptr);
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20) {
      out += "\\u00";
      out += kHex[byte >> 4];
      out += kHex[byte & 15];
    } else {
      out += c;
    }
  }
  out += '"';
}

// Text at once, without a tree of values before it: each change of a callback writes two of these.
class Writer {
 public:
  Writer(std::string& out, bool whole) : out_(out), whole_(whole) { out_ += '{'; }

  template <class T>
  void operator()(std::string_view name, const T& value, const T& usual = T{}) {
    if (!whole_ && value == usual) return;
    put(name, value);
  }
  template <class T>
  void put(std::string_view name, const T& value) {
    if (out_.back() != '{') out_ += ',';
    append_text(out_, name);
    out_ += ':';
    append(value);
  }
  void end() { out_ += '}'; }

 private:
  template <class T>
  void append(const T& value) {
    if constexpr (Enum<T>) {
      append_text(out_, storage::word(value));
    } else if constexpr (std::is_same_v<T, bool>) {
      out_ += value ? "true" : "false";
    } else if constexpr (std::is_integral_v<T>) {
      append_number(out_, value);
    } else if constexpr (std::is_same_v<T, Millis>) {
      append_number(out_, value.count());
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      append(value.time_since_epoch());
    } else if constexpr (std::is_same_v<T, std::optional<TimePoint>>) {
      if (value)
        append(*value);
      else
        out_ += "null";
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      append_text(out_, value);
    } else if constexpr (std::is_same_v<T, std::string>) {
      append_text(out_, readable(value));
    } else if constexpr (std::is_same_v<T, PhoneNumber>) {
      append_text(out_, value.e164());
    } else if constexpr (std::is_same_v<T, Digest>) {
      append_text(out_, hex_of(value));
    } else if constexpr (requires { typename T::value_type; }) {
      out_ += '[';
      for (const auto& item : value) {
        if (out_.back() != '[') out_ += ',';
        append(item);
      }
      out_ += ']';
    } else {
      Writer writer(out_, true);
      members(writer, value);
      writer.end();
    }
  }

  std::string& out_;
  bool whole_;
};

// ---- reading ---------------------------------------------------------------------------------

// Reads the listed members; the first fault is kept, and what is left over is one.
class Reader {
 public:
  Reader(const json::object& from, bool whole, std::size_t used = 0)
      : from_(from), whole_(whole), used_(used) {}

  template <class T>
  void operator()(std::string_view name, T& value, const T& usual = T{}) {
    value = usual;
    const json::value* found = from_.if_contains(name);
    if (found == nullptr) {
      if (whole_) fail(name);
      return;
    }
    ++used_;
    if (!from_json(*found, value)) fail(name);
  }

  std::optional<std::string> fault() const {
    if (!fault_.empty()) return "member '" + fault_ + "' is missing or makes no sense";
    if (used_ != from_.size()) return "it has a member that this version does not know";
    return std::nullopt;
  }

 private:
  void fail(std::string_view name) {
    if (fault_.empty()) fault_ = name;
  }

  template <class T>
  static bool from_json(const json::value& from, T& value) {
    if constexpr (Enum<T>) {
      const auto* text = from.if_string();
      const auto found =
          text == nullptr ? std::nullopt : storage::from_word<T>({text->data(), text->size()});
      if (found) value = *found;
      return found.has_value();
    } else if constexpr (std::is_same_v<T, bool>) {
      const bool* flag = from.if_bool();
      if (flag != nullptr) value = *flag;
      return flag != nullptr;
    } else if constexpr (std::is_same_v<T, int>) {
      const std::int64_t* number = from.if_int64();
      if (number == nullptr || *number < std::numeric_limits<int>::min() ||
          *number > std::numeric_limits<int>::max())
        return false;
      value = static_cast<int>(*number);
      return true;
    } else if constexpr (std::is_same_v<T, Millis>) {
      const std::int64_t* number = from.if_int64();
      if (number != nullptr) value = Millis(*number);
      return number != nullptr;
    } else if constexpr (std::is_same_v<T, TimePoint>) {
      Millis since{};
      const bool good = from_json(from, since);
      value = TimePoint(since);
      return good;
    } else if constexpr (std::is_same_v<T, std::optional<TimePoint>>) {
      value.reset();
      return from.is_null() || from_json(from, value.emplace());
    } else if constexpr (std::is_same_v<T, std::string>) {
      const auto* text = from.if_string();
      if (text != nullptr) value.assign(text->data(), text->size());
      return text != nullptr;
    } else if constexpr (std::is_same_v<T, PhoneNumber>) {
      const auto* text = from.if_string();
      if (text == nullptr) return false;
      value = PhoneNumber{};
      if (text->empty()) return true;
      const auto number = PhoneNumber::from_e164({text->data(), text->size()});
      if (number) value = *number;
      return number.has_value();
    } else if constexpr (std::is_same_v<T, Digest>) {
      const auto* text = from.if_string();
      return text != nullptr && digest_of({text->data(), text->size()}, value);
    } else if constexpr (requires { typename T::value_type; }) {
      const auto* items = from.if_array();
      if (items == nullptr) return false;
      value.clear();
      for (const auto& item : *items)
        if (!from_json(item, value.emplace_back())) return false;
      return true;
    } else {
      const auto* object = from.if_object();
      if (object == nullptr) return false;
      Reader reader(*object, true);
      members(reader, value);
      return !reader.fault();
    }
  }

  static bool digest_of(std::string_view text, Digest& digest) {
    if (text.size() != digest.size() * 2) return false;
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto nibble = kHex.find(text[i]);
      if (nibble == std::string_view::npos) return false;
      digest[i / 2] = static_cast<std::uint8_t>((digest[i / 2] << 4) | nibble);
    }
    return true;
  }

  const json::object& from_;
  bool whole_;
  std::size_t used_;
  std::string fault_;
};

Error unreadable(std::string_view what, std::string_view why) {
  return {Errc::invalid_input,
          fmt::format("a stored {} cannot be read: {}; nothing was changed. Was it written by a "
                      "newer version?",
                      what, why)};
}

Result<json::object> parse(std::string_view what, std::string_view text) {
  boost::system::error_code ec;
  json::value value = json::parse({text.data(), text.size()}, ec);
  if (ec) return unreadable(what, "not JSON");
  if (!value.is_object()) return unreadable(what, "not an object");
  json::object object = std::move(value.get_object());
  const json::value* version = object.if_contains("v");
  if (version == nullptr || !version->is_int64() || version->get_int64() != kVersion)
    return unreadable(what, "its version is not 1");
  return object;
}

template <class T>
std::string write_whole(const T& value) {
  std::string text;
  Writer writer(text, true);
  writer.put("v", kVersion);
  members(writer, value);
  writer.end();
  return text;
}

template <class T>
Result<T> read_whole(std::string_view what, std::string_view text) {
  const auto object = parse(what, text);
  if (!object) return object.error();
  T value;
  Reader reader(*object, true, 1);
  members(reader, value);
  if (const auto fault = reader.fault()) return unreadable(what, *fault);
  return value;
}

// The alternative of this name, all members at their defaults.
template <std::size_t I = 0>
std::optional<Event> event_named(std::string_view name) {
  if constexpr (I == std::variant_size_v<Event>) {
    return std::nullopt;
  } else {
    std::variant_alternative_t<I, Event> candidate;
    if (name_of(candidate) == name) return Event(candidate);
    return event_named<I + 1>(name);
  }
}

}  // namespace

std::string write_event(const Event& event) {
  std::string text;
  Writer writer(text, false);
  writer.put("v", kVersion);
  std::visit(
      [&](const auto& e) {
        writer.put("e", name_of(e));
        members(writer, e);
      },
      event);
  writer.end();
  return text;
}

Result<Event> read_event(std::string_view text) {
  const auto object = parse("event", text);
  if (!object) return object.error();
  const json::value* name = object->if_contains("e");
  if (name == nullptr || !name->is_string()) return unreadable("event", "it has no name");
  const auto& word = name->get_string();
  auto event = event_named({word.data(), word.size()});
  if (!event) return unreadable("event", "its name is unknown");
  Reader reader(*object, false, 2);
  std::visit([&](auto& e) { members(reader, e); }, *event);
  if (const auto fault = reader.fault()) return unreadable("event", *fault);
  return *std::move(event);
}

std::string write_situation(const Situation& situation, std::int64_t rules) {
  std::string text;
  Writer writer(text, false);
  writer.put("v", kVersion);
  members(writer, situation);
  if (rules != 0) writer.put("rules", rules);
  writer.end();
  return text;
}

Result<StoredSituation> read_situation(std::string_view text) {
  const auto object = parse("situation", text);
  if (!object) return object.error();
  StoredSituation stored;
  std::size_t used = 1;
  if (const json::value* rules = object->if_contains("rules")) {
    if (!rules->is_int64() || rules->get_int64() <= 0)
      return unreadable("situation", "its rules make no sense");
    stored.rules = rules->get_int64();
    ++used;
  }
  Reader reader(*object, false, used);
  members(reader, stored.situation);
  if (const auto fault = reader.fault()) return unreadable("situation", *fault);
  return stored;
}

std::string write_rules(const Rules& rules) { return write_whole(rules); }
Result<Rules> read_rules(std::string_view text) { return read_whole<Rules>("set of rules", text); }

std::string write_visitor(const Visitor& visitor) { return write_whole(visitor); }
Result<Visitor> read_visitor(std::string_view text) { return read_whole<Visitor>("visitor", text); }

}  // namespace ringback::journal_json
