// ZoneRules by the date library, which reads this machine's zone files (/usr/share/zoneinfo) on
// first use. An update of tzdata is seen after a restart.
#pragma once

#include "core/ports/zone_rules.hpp"

namespace ringback {

class DateZones final : public ZoneRules {
 public:
  Result<std::shared_ptr<const Zone>> find(std::string_view iana_name) const override;
};

}  // namespace ringback
