#include <fmt/format.h>

#include "app/commands/commands.hpp"

namespace ringback::commands {

int serve(const ConfigPath& path) {
  const auto config = configuration_or_complain(path);
  if (!config) return kWrongUse;
  fmt::print(stderr, "ringback: serve is not assembled; nothing was started\n");
  return kFailed;
}

}  // namespace ringback::commands
