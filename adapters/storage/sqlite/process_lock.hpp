// One process at a time: an advisory lock on "<database>.lock", held as long as this lives and
// released by the system however the process ends.
#pragma once

#include <string>

#include "core/domain/result.hpp"

namespace ringback::sqlite {

class ProcessLock {
 public:
  static Result<ProcessLock> take(const std::string& database);
  ProcessLock(ProcessLock&& other) noexcept;
  ProcessLock& operator=(ProcessLock&&) = delete;
  ~ProcessLock();

 private:
  explicit ProcessLock(int file) : file_(file) {}
  int file_;
};

}  // namespace ringback::sqlite
