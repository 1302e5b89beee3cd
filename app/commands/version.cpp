#include "app/commands/commands.hpp"

namespace ringback::commands {

std::string version() { return RINGBACK_VERSION; }

}  // namespace ringback::commands
