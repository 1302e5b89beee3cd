// Configuration as text with its origin, before anything is understood: what one source says about
// which key, and where it says so. Sources: one TOML file, the environment.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace ringback {

struct SettingValue;
using SettingList = std::vector<SettingValue>;

// A table inside an array (`[[notify.webhooks]]`) is kept as `Opaque`: no part that is built reads
// one.
struct Opaque {
  friend bool operator==(const Opaque&, const Opaque&) = default;
};

struct SettingValue {
  std::variant<bool, std::int64_t, double, std::string, SettingList, Opaque> value;

  friend bool operator==(const SettingValue&, const SettingValue&) = default;
};

// As TOML would write it: "text" in quotes, lists in brackets.
std::string toml_text(const SettingValue& value);

struct Setting {
  SettingValue value;
  std::string origin;    // "config/ringback.toml:12" or "environment RINGBACK_CALL__ATTEMPTS"
  bool is_text = false;  // from the environment: the reader decides which type the text has
};

struct Settings {
  std::map<std::string, Setting, std::less<>> values;      // "call.attempts" -> ...
  std::map<std::string, std::string, std::less<>> tables;  // "call" -> origin, empty tables too
};

struct TomlReading {
  Settings settings;
  std::string problem;  // "FILE:LINE: ..." when the text is not TOML; then there are no settings
};

// `name` is what origins call the text.
TomlReading read_toml(std::string_view text, const std::string& name);

using EnvironmentVariables = std::vector<std::pair<std::string, std::string>>;

// RINGBACK_CALL__RING_SECONDS becomes call.ring_seconds; variables of other programs are skipped.
Settings read_environment(const EnvironmentVariables& variables);

// The variable that sets a key.
std::string environment_name(std::string_view key);

}  // namespace ringback
