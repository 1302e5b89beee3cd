// The words of the telephone world: legs, why they ended, texts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/callback.hpp"
#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback::exchange {

enum class LegStatus : std::uint8_t { queued, ringing, answered, ended };
enum class Cause : std::uint8_t { none, completed, busy, no_answer, declined, failed, canceled };

std::string_view name_of(Side role);
std::string_view name_of(LegStatus status);
std::string_view name_of(Cause cause);  // empty for none

// One telephone that rings, or is talked into.
struct Leg {
  std::uint64_t no = 0;    // in order of creation, over all legs
  std::uint64_t call = 0;  // the number of its call's business leg
  std::string id;
  std::string parent;  // the business leg's id; empty for a business leg
  Side role = Side::business;
  PhoneNumber from;
  PhoneNumber to;
  LegStatus status = LegStatus::queued;
  Cause cause = Cause::none;
  bool machine = false;
  std::string prompt;  // what it hears now
  std::string keys;    // pressed and not yet asked for
  Seconds ring{25};    // then nobody answered
  TimePoint placed_at{};
  std::optional<TimePoint> rang_at;
  std::optional<TimePoint> answered_at;
  std::optional<TimePoint> ended_at;
};

struct Text {
  std::uint64_t no = 0;
  std::string id;
  PhoneNumber from;
  PhoneNumber to;
  std::string body;
  TimePoint sent_at{};
};

}  // namespace ringback::exchange
