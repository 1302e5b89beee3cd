#include <fmt/format.h>

#include "app/commands/commands.hpp"

namespace ringback::commands {

int simulator(const std::string& /*listen*/) {
  fmt::print(stderr, "ringback: simulator is not assembled; nothing was started\n");
  return kFailed;
}

}  // namespace ringback::commands
