#include "adapters/exchange/telephone.hpp"

#include <array>

namespace ringback::exchange {

std::string_view name_of(Side role) { return role == Side::business ? "business" : "visitor"; }

std::string_view name_of(LegStatus status) {
  constexpr std::array<std::string_view, 4> kNames{"queued", "ringing", "answered", "ended"};
  return kNames.at(static_cast<std::size_t>(status));
}

std::string_view name_of(Cause cause) {
  constexpr std::array<std::string_view, 7> kNames{"",         "completed", "busy",    "no_answer",
                                                   "declined", "failed",    "canceled"};
  return kNames.at(static_cast<std::size_t>(cause));
}

}  // namespace ringback::exchange
