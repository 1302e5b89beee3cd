// The only file that sees toml++: its tables become flat keys with the line they stand on.
#include <fmt/format.h>
#include <toml++/toml.h>

#include <sstream>

#include "app/config/settings.hpp"

namespace ringback {
namespace {

template <class T>
std::string as_written(const toml::value<T>& value) {
  std::ostringstream out;
  out << value.get();
  return out.str();
}

SettingValue value_of(const toml::node& node) {
  if (const auto* text = node.as_string()) return {text->get()};
  if (const auto* number = node.as_integer()) return {number->get()};
  if (const auto* number = node.as_floating_point()) return {number->get()};
  if (const auto* flag = node.as_boolean()) return {flag->get()};
  // Dates without quotes are as good as dates with them (business.holidays).
  if (const auto* date = node.as_date()) return {as_written(*date)};
  if (const auto* date = node.as_date_time()) return {as_written(*date)};
  if (const auto* time = node.as_time()) return {as_written(*time)};
  if (const auto* array = node.as_array()) {
    SettingList list;
    for (const auto& item : *array) list.push_back(value_of(item));
    return {std::move(list)};
  }
  return {Opaque{}};
}

std::string place(const toml::node& node, const std::string& name) {
  return fmt::format("{}:{}", name, node.source().begin.line);
}

void flatten(const toml::table& table, const std::string& prefix, const std::string& name,
             Settings& out) {
  for (const auto& [key, node] : table) {
    const std::string path = prefix + std::string(key.str());
    if (const auto* inner = node.as_table()) {
      out.tables[path] = place(node, name);
      flatten(*inner, path + ".", name, out);
    } else {
      out.values[path] = {.value = value_of(node), .origin = place(node, name)};
    }
  }
}

}  // namespace

TomlReading read_toml(std::string_view text, const std::string& name) {
  TomlReading reading;
  try {
    flatten(toml::parse(text, name), "", name, reading.settings);
  } catch (const toml::parse_error& error) {
    reading.problem =
        fmt::format("{}:{}: this is not TOML: {}; correct the line, nothing was read from the file",
                    name, error.source().begin.line, error.description());
  }
  return reading;
}

}  // namespace ringback
