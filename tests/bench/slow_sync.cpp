// For LD_PRELOAD: a disk that takes a millisecond for each fdatasync or fsync, whatever the real
// one does. It waits like a disk, without the processor.
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

namespace {
constexpr long kSlow = 1'000'000;  // ns

int slowly(long call, int file) {
  const timespec wait{0, kSlow};
  nanosleep(&wait, nullptr);
  return static_cast<int>(syscall(call, file));
}
}  // namespace

extern "C" {
int fdatasync(int file) { return slowly(SYS_fdatasync, file); }
int fsync(int file) { return slowly(SYS_fsync, file); }
}
