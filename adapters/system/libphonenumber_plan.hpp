// NumberingPlan by libphonenumber. The only file that sees phonenumbers/ is its .cpp: the headers
// are heavy, and the metadata is that of the library's release (2022 in Debian 12), so a range
// opened since then is "not valid".
#pragma once

#include "core/ports/numbering_plan.hpp"

namespace ringback {

class LibphonenumberPlan final : public NumberingPlan {
 public:
  LibphonenumberPlan();  // loads the metadata now, not in the first request

  std::variant<ParsedNumber, NumberProblem> parse(std::string_view text,
                                                  std::string_view default_region) const override;
};

}  // namespace ringback
