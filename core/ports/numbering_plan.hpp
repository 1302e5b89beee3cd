// Port: the world's numbering plans. Turns what somebody typed into a number that exists, with its
// country and kind of line, or says why not. Safe to ask from any thread.
#pragma once

#include <string_view>
#include <variant>

#include "core/domain/number_policy.hpp"

namespace ringback {

class NumberingPlan {
 public:
  virtual ~NumberingPlan() = default;

  // default_region ("US") reads numbers without a country's code; "" wants a '+'.
  virtual std::variant<ParsedNumber, NumberProblem> parse(
      std::string_view text, std::string_view default_region) const = 0;
};

}  // namespace ringback
