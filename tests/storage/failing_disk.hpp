// A disk that fails on demand: the system calls that SQLite writes and syncs with, replaced in this
// process. One at a time; it counts, so that a test can fail the n-th call for every n.
#pragma once

#include <limits>

namespace ringback::conformance {

enum class Fault { none, no_room, io_error };

class FailingDisk {
 public:
  FailingDisk();
  ~FailingDisk();
  FailingDisk(const FailingDisk&) = delete;
  FailingDisk& operator=(const FailingDisk&) = delete;

  // From now on each call fails; after `good` more good ones, and only so many of them.
  void fail(Fault fault, int good = 0, int bad = std::numeric_limits<int>::max());
  void heal();
  int failed() const;  // calls since the last fail()
};

}  // namespace ringback::conformance
