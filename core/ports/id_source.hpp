// Port: chance, for the shell only; the core is told. All of it is fit for secrets. Safe to use
// from any thread.
#pragma once

#include <cstdint>

#include "core/domain/id.hpp"
#include "core/domain/time.hpp"

namespace ringback {

class IdSource {
 public:
  virtual ~IdSource() = default;

  // UUIDv7: in order of birth, also within one millisecond and after a small step back of the
  // clock.
  virtual IdBytes uuid_v7(TimePoint now) = 0;
  virtual IdBytes random16() = 0;
  virtual std::uint32_t random32() = 0;
};

}  // namespace ringback
