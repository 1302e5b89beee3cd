#include "tests/storage/failing_disk.hpp"

#include <errno.h>
#include <fcntl.h>
#include <sqlite3.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>

namespace {

using ringback::conformance::Fault;

std::atomic<Fault> g_fault{Fault::none};
std::atomic<int> g_good{0};
std::atomic<int> g_bad{0};
std::atomic<int> g_failed{0};

// 0: the call is good.
int error_now() {
  const Fault fault = g_fault;
  if (fault == Fault::none || g_good.fetch_sub(1) > 0) return 0;
  g_good = 0;
  if (g_bad.fetch_sub(1) <= 0) {
    g_fault = Fault::none;
    return 0;
  }
  g_failed += 1;
  return fault == Fault::no_room ? ENOSPC : EIO;
}

ssize_t failing_pwrite(int file, const void* bytes, size_t size, off_t at) {
  if (const int error = error_now(); error != 0) {
    errno = error;
    return -1;
  }
  return ::pwrite(file, bytes, size, at);
}

int failing_fallocate(int file, off_t at, off_t size) {
  if (const int error = error_now(); error != 0) return error;
  return ::posix_fallocate(file, at, size);
}

}  // namespace

// SQLite cannot be given another one; the program's own symbol comes before the C library's.
extern "C" int fdatasync(int file) {
  // A full disk is told when something is written.
  if (g_fault == Fault::io_error) {
    if (const int error = error_now(); error != 0) {
      errno = error;
      return -1;
    }
  }
  return static_cast<int>(::syscall(SYS_fdatasync, file));
}

namespace ringback::conformance {

FailingDisk::FailingDisk() {
  auto* vfs = sqlite3_vfs_find(nullptr);
  using Call = sqlite3_syscall_ptr;
  for (const char* name : {"pwrite", "pwrite64"})
    vfs->xSetSystemCall(vfs, name, reinterpret_cast<Call>(&failing_pwrite));
  vfs->xSetSystemCall(vfs, "fallocate", reinterpret_cast<Call>(&failing_fallocate));
}

FailingDisk::~FailingDisk() {
  heal();
  auto* vfs = sqlite3_vfs_find(nullptr);
  vfs->xSetSystemCall(vfs, nullptr, nullptr);
}

void FailingDisk::fail(Fault fault, int good, int bad) {
  g_good = good;
  g_bad = bad;
  g_failed = 0;
  g_fault = fault;
}

void FailingDisk::heal() { g_fault = Fault::none; }

int FailingDisk::failed() const { return g_failed; }

}  // namespace ringback::conformance
