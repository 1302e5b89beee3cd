// A JSON object, written as text at once: for what the exchange says with every call a tree of
// values would cost more than all else about it. Names are words of ours and need no escapes.
#pragma once

#include <charconv>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "core/domain/time.hpp"

namespace ringback::exchange {

class ObjectText {
 public:
  ObjectText& text(std::string_view name, std::string_view value) {
    begin(name);
    text_ += '"';
    append_escaped(value);
    text_ += '"';
    return *this;
  }
  ObjectText& number(std::string_view name, std::int64_t value) {
    begin(name);
    char digits[20];
    text_.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
    return *this;
  }
  ObjectText& flag(std::string_view name, bool value) {
    return raw(name, value ? "true" : "false");
  }
  ObjectText& null(std::string_view name) { return raw(name, "null"); }
  ObjectText& time(std::string_view name, const std::optional<TimePoint>& at) {
    return at ? number(name, at->time_since_epoch().count()) : null(name);
  }
  // `json` is a value already.
  ObjectText& raw(std::string_view name, std::string_view json) {
    begin(name);
    text_ += json;
    return *this;
  }

  // Once, at the end.
  std::string take() {
    text_ += text_.empty() ? "{}" : "}";
    return std::move(text_);
  }

 private:
  void begin(std::string_view name) {
    if (text_.empty()) text_.reserve(kUsual);
    text_ += text_.empty() ? '{' : ',';
    text_ += '"';
    text_ += name;
    text_ += "\":";
  }
  void append_escaped(std::string_view value) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (const char c : value) {
      if (c == '"' || c == '\\') {
        text_ += '\\';
        text_ += c;
      } else if (static_cast<unsigned char>(c) < 0x20) {
        text_ += "\\u00";
        text_ += kDigits[static_cast<unsigned char>(c) >> 4U];
        text_ += kDigits[static_cast<unsigned char>(c) & 15U];
      } else {
        text_ += c;
      }
    }
  }

  static constexpr std::size_t kUsual = 320;
  std::string text_;
};

}  // namespace ringback::exchange
