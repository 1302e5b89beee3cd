#include "adapters/carriers/exotel/wording.hpp"

#include <algorithm>
#include <functional>
#include <optional>

#include "core/domain/plain_text.hpp"

namespace ringback::exotel {
namespace {

// Calls back for each stretch of fixed words and each name; false if a brace stands alone.
bool walk(std::string_view wording, const std::function<void(std::string_view)>& words,
          const std::function<void(std::string_view)>& name) {
  while (!wording.empty()) {
    const auto brace = wording.find_first_of("{}");
    words(wording.substr(0, brace));
    if (brace == std::string_view::npos) return true;
    const auto end = wording.find_first_of("{}", brace + 1);
    if (wording[brace] == '}' || end == std::string_view::npos || wording[end] == '{') return false;
    name(wording.substr(brace + 1, end - brace - 1));
    wording.remove_prefix(end + 1);
  }
  return true;
}

bool holds(const std::vector<std::string_view>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

std::string fault_in(std::string_view wording, const std::vector<std::string_view>& known,
                     const std::vector<std::string_view>& needed) {
  std::vector<std::string_view> used;
  const auto keep = [&](std::string_view name) { used.push_back(name); };
  if (!walk(
          wording, [](std::string_view) {}, keep))
    return "has a brace without its partner";
  for (const auto name : used)
    if (!holds(known, name)) return "knows no variable {" + std::string(name) + "}";
  for (const auto name : needed)
    if (!holds(used, name)) return "must have the variable {" + std::string(name) + "}";
  return {};
}

std::string filled(std::string_view wording, const TextVariables& variables) {
  std::string text;
  const auto value_of = [&](std::string_view name) -> std::string {
    for (const auto& [key, value] : variables)
      if (key == name && !value.empty()) return plain(value, kLongestVariable);
    return "-";
  };
  walk(
      wording, [&](std::string_view words) { text += words; },
      [&](std::string_view name) { text += value_of(name); });
  return text;
}

}  // namespace ringback::exotel
