// Looks a set-up over before, or while, it runs: `ringback check`.
#pragma once

#include <string>
#include <vector>

#include "app/config/config.hpp"

namespace ringback {

struct Finding {
  enum class Grade { fine, note, problem };
  Grade grade = Grade::fine;
  std::string about;   // "storage"
  std::string detail;  // what is so
  std::string fix;     // what to do; empty when it is fine
};

// Changes nothing: no migration, no lock, no call. Waits a few seconds for peers at most.
std::vector<Finding> examine(const LoadedConfig& loaded);

}  // namespace ringback
