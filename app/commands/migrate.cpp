#include <fmt/format.h>

#include "app/commands/commands.hpp"

namespace ringback::commands {

int migrate(const ConfigPath& path, bool /*dry_run*/) {
  const auto config = load_or_complain(path);
  if (!config) return kWrongUse;
  fmt::print(stderr, "ringback: migrate is not assembled; nothing was changed\n");
  return kFailed;
}

}  // namespace ringback::commands
