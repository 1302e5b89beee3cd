// A zone whose clocks change once, for tests that must not depend on zone files.
#pragma once

#include <string>

#include "core/domain/local_time.hpp"

namespace ringback::test {

class OneChangeZone final : public Zone {
 public:
  OneChangeZone(Seconds before, TimePoint change, Seconds after)
      : before_(before), change_(change), after_(after) {}
  explicit OneChangeZone(Seconds always) : OneChangeZone(always, TimePoint{}, always) {}

  const std::string& name() const noexcept override { return name_; }

  LocalTime to_local(TimePoint when) const override {
    return LocalTime{when.time_since_epoch() + (when < change_ ? before_ : after_)};
  }
  WallInstants to_instants(LocalTime local) const override {
    const TimePoint early{local.time_since_epoch() - before_};
    const TimePoint late{local.time_since_epoch() - after_};
    const bool shown_before = early < change_;
    const bool shown_after = late >= change_;
    if (shown_before && shown_after) return {.first = early, .last = late};
    if (shown_before) return {.first = early, .last = early};
    if (shown_after) return {.first = late, .last = late};
    return {.first = change_, .last = change_, .skipped = true};
  }
  ZoneOffset offset_at(TimePoint when) const override {
    return {.east_of_utc = when < change_ ? before_ : after_, .abbreviation = "TST"};
  }

 private:
  std::string name_ = "Test/One_Change";
  Seconds before_;
  TimePoint change_;
  Seconds after_;
};

}  // namespace ringback::test
