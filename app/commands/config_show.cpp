#include <fmt/format.h>

#include "adapters/system/date_zones.hpp"
#include "app/assembly/policy.hpp"
#include "app/commands/commands.hpp"

namespace ringback::commands {
namespace {

void complain(const LoadedConfig& loaded) {
  for (const auto& warning : loaded.warnings) fmt::print(stderr, "ringback: note: {}\n", warning);
  for (const auto& problem : loaded.problems) fmt::print(stderr, "ringback: {}\n", problem);
}

LoadedConfig load(const ConfigPath& path) {
  auto loaded = load_config(path, environment_of_process());
  add_policy_problems(loaded, DateZones());
  return loaded;
}

}  // namespace

int config_show(const ConfigPath& config, bool origins) {
  const auto loaded = load(config);
  fmt::print("{}", ringback::config_show(loaded, origins));
  complain(loaded);
  return loaded.problems.empty() ? kFine : kWrongUse;
}

std::optional<LoadedConfig> load_or_complain(const ConfigPath& path) {
  auto loaded = load(path);
  complain(loaded);
  if (!loaded.problems.empty()) return std::nullopt;
  return loaded;
}

}  // namespace ringback::commands
