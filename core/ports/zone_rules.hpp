// Port: where the rules of time zones come from. A Zone, once found, is valid for the life of the
// program and may be used by any thread.
#pragma once

#include <memory>
#include <string_view>

#include "core/domain/local_time.hpp"
#include "core/domain/result.hpp"

namespace ringback {

class ZoneRules {
 public:
  virtual ~ZoneRules() = default;

  // By IANA name. invalid_input: not shaped like one. not_found: this machine does not know it.
  virtual Result<std::shared_ptr<const Zone>> find(std::string_view iana_name) const = 0;
};

}  // namespace ringback
