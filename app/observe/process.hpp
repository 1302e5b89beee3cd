// What the kernel knows about this process, as Prometheus names it.
#pragma once

namespace ringback {

struct ProcessFacts {
  double cpu_seconds = 0;
  double resident_bytes = 0;
  double virtual_bytes = 0;
  double open_fds = 0;
  double max_fds = 0;
  double threads = 0;
  double start_time = 0;  // seconds since 1970
};

// What cannot be read stays 0.
ProcessFacts process_facts();

}  // namespace ringback
