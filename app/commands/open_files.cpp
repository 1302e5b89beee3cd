#include "app/commands/open_files.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <thread>

#include "app/observe/log.hpp"

namespace ringback::commands {
namespace {

constexpr rlim_t kKept = 64;           // store, log, carriers' connections
constexpr rlim_t kKeptForThread = 40;  // listeners, the kernel's queues, who is being turned away

}  // namespace

void fit_open_files(Config::Server& server) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  const rlim_t threads = server.threads > 0 ? static_cast<rlim_t>(server.threads)
                                            : std::max(1U, std::thread::hardware_concurrency());
  const rlim_t kept = kKept + threads * kKeptForThread;
  const rlim_t wanted = static_cast<rlim_t>(server.max_connections) + kept;
  if (limit.rlim_cur < wanted) {
    rlimit raised = limit;
    raised.rlim_cur = std::min(wanted, limit.rlim_max);
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  if (limit.rlim_cur >= wanted) return;
  const rlim_t room =
      limit.rlim_cur > 2 * kept ? limit.rlim_cur - kept : std::max<rlim_t>(limit.rlim_cur / 2, 1);
  server.max_connections = static_cast<int>(room);
  log::warn(
      "fewer connections are taken than server.max_connections allows: the system's limit of open "
      "files is too low; raise it (systemd: LimitNOFILE)",
      {{"open_files", static_cast<std::int64_t>(limit.rlim_cur)},
       {"connections", static_cast<std::int64_t>(room)},
       {"open_files_wanted", static_cast<std::int64_t>(wanted)}});
}

}  // namespace ringback::commands
