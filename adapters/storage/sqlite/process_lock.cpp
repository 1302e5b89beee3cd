#include "adapters/storage/sqlite/process_lock.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <utility>

namespace ringback::sqlite {

Result<ProcessLock> ProcessLock::take(const std::string& database) {
  const std::string path = database + ".lock";
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (file < 0)
    return Error{Errc::storage_failed,
                 fmt::format("cannot open {}: {}; check that the folder exists and may be written; "
                             "nothing was changed",
                             path, std::strerror(errno))};
  if (::flock(file, LOCK_EX | LOCK_NB) != 0) {
    ::close(file);
    return Error{Errc::storage_failed,
                 fmt::format("another Ringback process uses {}; stop it first, or give this one a "
                             "storage.url of its own; nothing was changed",
                             database)};
  }
  return ProcessLock(file);
}

ProcessLock::ProcessLock(ProcessLock&& other) noexcept : file_(std::exchange(other.file_, -1)) {}

ProcessLock::~ProcessLock() {
  // The file stays: removing it would let two processes lock two different files of that name.
  if (file_ >= 0) ::close(file_);
}

}  // namespace ringback::sqlite
