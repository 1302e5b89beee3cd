// What the service says while it works: one line for each thing that happened, as JSON (or as text
// for people), to standard output.
//
// A line never holds a secret or a whole phone number: give it PhoneNumber::masked(). Control
// characters are escaped, so nobody can write a line of their own. Logging never waits for a slow
// reader for long: beyond kQueue waiting lines the oldest are dropped and counted.
//
//   log::info("callback accepted", {{"request_id", id}, {"callback", callback}});
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

namespace ringback::log {

enum class Level { debug, info, warning, error };
enum class Format { json, text };

// A name and what it was. Only for the length of the call: nothing is kept.
class Field {
 public:
  Field(std::string_view name, std::string_view value) : name_(name), value_(value) {}
  Field(std::string_view name, const char* value) : name_(name), value_(std::string_view(value)) {}
  Field(std::string_view name, const std::string& value)
      : name_(name), value_(std::string_view(value)) {}
  template <class T, std::enable_if_t<std::is_arithmetic_v<T>, int> = 0>
  Field(std::string_view name, T value) : name_(name), value_(widened(value)) {}

  std::string_view name() const { return name_; }
  const auto& value() const { return value_; }

 private:
  using Value = std::variant<std::string_view, std::int64_t, double, bool>;
  template <class T>
  static Value widened(T value) {
    if constexpr (std::is_same_v<T, bool>) {
      return value;
    } else if constexpr (std::is_floating_point_v<T>) {
      return static_cast<double>(value);
    } else {
      return static_cast<std::int64_t>(value);
    }
  }
  std::string_view name_;
  Value value_;
};

using Fields = std::initializer_list<Field>;

// Before start() and after stop() lines of at least `info` go out directly, as JSON.
void start(Level level, Format format);
void set_level(Level level);  // at any time, from any thread
void stop();                  // writes what waits

void write(Level level, std::string_view event, Fields fields);
inline void debug(std::string_view event, Fields fields = {}) {
  write(Level::debug, event, fields);
}
inline void info(std::string_view event, Fields fields = {}) { write(Level::info, event, fields); }
inline void warn(std::string_view event, Fields fields = {}) {
  write(Level::warning, event, fields);
}
inline void error(std::string_view event, Fields fields = {}) {
  write(Level::error, event, fields);
}

// Lines that go out together: handing them over one by one would wake the writer for each.
class Lines {
 public:
  void add(Level level, std::string_view event, Fields fields);
  void write();  // all that were added

 private:
  std::string text_;
};

// The line itself, without its end; `unix_ms` is the time it carries.
std::string line(Format format, std::int64_t unix_ms, Level level, std::string_view event,
                 Fields fields);

}  // namespace ringback::log
