#include "adapters/system/date_zones.hpp"

#include <date/tz.h>

#include <algorithm>
#include <exception>

namespace ringback {
namespace {

constexpr std::size_t kLongestName = 64;

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '+' || c == '-' || c == '/';
}

// No dots: a name is looked up as a path below the zone files and must not be able to leave them.
bool shaped_like_a_name(std::string_view name) {
  return !name.empty() && name.size() <= kLongestName && name.front() != '/' &&
         std::all_of(name.begin(), name.end(), name_character);
}

class DateZone final : public Zone {
 public:
  DateZone(std::string name, const date::time_zone* rules)
      : name_(std::move(name)), rules_(rules) {}

  const std::string& name() const noexcept override { return name_; }

  LocalTime to_local(TimePoint when) const override {
    return LocalTime{when.time_since_epoch() + rules_->get_info(when).offset};
  }

  WallInstants to_instants(LocalTime local) const override {
    const auto info = rules_->get_info(date::local_time<Millis>{local.time_since_epoch()});
    const auto less = [&](Seconds offset) { return TimePoint{local.time_since_epoch() - offset}; };
    if (info.result == date::local_info::nonexistent)
      return {.first = info.second.begin, .last = info.second.begin, .skipped = true};
    if (info.result == date::local_info::ambiguous)
      return {.first = less(info.first.offset), .last = less(info.second.offset)};
    return {.first = less(info.first.offset), .last = less(info.first.offset)};
  }

  ZoneOffset offset_at(TimePoint when) const override {
    auto info = rules_->get_info(when);
    return {.east_of_utc = info.offset, .abbreviation = std::move(info.abbrev)};
  }

 private:
  std::string name_;
  const date::time_zone* rules_;  // owned by the library, for ever
};

}  // namespace

Result<std::shared_ptr<const Zone>> DateZones::find(std::string_view iana_name) const {
  if (!shaped_like_a_name(iana_name))
    return Error{Errc::invalid_input,
                 "that is not the name of a time zone; use an IANA name such as \"Europe/Berlin\""};
  std::string name(iana_name);
  try {
    const auto* rules = date::locate_zone(name);
    rules->get_info(date::sys_seconds{});  // reads the file now, so that a broken one fails here
    return std::shared_ptr<const Zone>(std::make_shared<DateZone>(std::move(name), rules));
  } catch (const std::exception&) {
    return Error{Errc::not_found, "this machine knows no time zone \"" + name +
                                      "\"; use an IANA name such as \"Europe/Berlin\", or install "
                                      "the package tzdata"};
  }
}

}  // namespace ringback
