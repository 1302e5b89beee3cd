#include "app/config/settings.hpp"

#include <fmt/format.h>

#include <cctype>

namespace ringback {
namespace {

constexpr std::string_view kPrefix = "RINGBACK_";

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      out += fmt::format("\\u{:04x}", static_cast<unsigned>(static_cast<unsigned char>(c)));
    } else {
      out += c;
    }
  }
  return out + '"';
}

struct TomlText {
  std::string operator()(bool value) const { return value ? "true" : "false"; }
  std::string operator()(std::int64_t value) const { return fmt::format("{}", value); }
  std::string operator()(double value) const { return fmt::format("{}", value); }
  std::string operator()(const std::string& value) const { return quoted(value); }
  std::string operator()(const Opaque&) const { return "{ … }"; }
  std::string operator()(const SettingList& list) const {
    std::string out = "[";
    for (const auto& item : list) out += (out.size() > 1 ? ", " : "") + toml_text(item);
    return out + "]";
  }
};

}  // namespace

std::string toml_text(const SettingValue& value) { return std::visit(TomlText{}, value.value); }

Settings read_environment(const EnvironmentVariables& variables) {
  Settings settings;
  for (const auto& [name, value] : variables) {
    if (!std::string_view(name).starts_with(kPrefix)) continue;
    std::string key;
    for (std::size_t i = kPrefix.size(); i < name.size(); ++i) {
      if (name.compare(i, 2, "__") == 0) {
        key += '.';
        ++i;
      } else {
        key += static_cast<char>(std::tolower(static_cast<unsigned char>(name[i])));
      }
    }
    settings.values[key] = {.value = {value}, .origin = "environment " + name, .is_text = true};
  }
  return settings;
}

std::string environment_name(std::string_view key) {
  std::string name(kPrefix);
  for (const char c : key) {
    if (c == '.') {
      name += "__";
    } else {
      name += static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
    }
  }
  return name;
}

}  // namespace ringback
