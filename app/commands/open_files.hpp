// Descriptors: each connection takes one, and the store, the carriers and the listeners need theirs
// whatever visitors do. Too few would not show in an error but in a server that hangs.
#pragma once

#include "app/config/config.hpp"

namespace ringback::commands {

// Raises this process's limit of open files as far as the configuration needs it and the system
// lets it. If that is not enough, fewer connections are taken than configured, with a warning: the
// others are turned away with 503 instead of waiting for a descriptor.
void fit_open_files(Config::Server& server);

}  // namespace ringback::commands
