// Port: the time, for the shell only; the core is told. Use now() for what is stored and shown,
// steady() for how long something took: it never jumps, and its zero means nothing.
#pragma once

#include "core/domain/time.hpp"

namespace ringback {

class Clock {
 public:
  virtual ~Clock() = default;

  virtual TimePoint now() const = 0;
  virtual Millis steady() const = 0;
};

}  // namespace ringback
