#include "adapters/exchange/desk_json.hpp"

#include <fmt/format.h>

#include <chrono>

namespace ringback::exchange {
namespace {

namespace json = boost::json;

json::value text_or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}

json::value instant_or_null(const std::optional<TimePoint>& at) {
  return at ? json::value(instant_text(*at)) : json::value(nullptr);
}

}  // namespace

std::string instant_text(TimePoint at) {
  const auto day = std::chrono::floor<std::chrono::days>(at);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss<Millis> time(at - day);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

json::value desk_json(const Leg& leg) {
  return {{"id", leg.id},
          {"parent", text_or_null(leg.parent)},
          {"role", name_of(leg.role)},
          {"from", text_or_null(leg.from.e164())},
          {"to", leg.to.e164()},
          {"status", name_of(leg.status)},
          {"cause", text_or_null(name_of(leg.cause))},
          {"prompt", text_or_null(leg.prompt)},
          {"placed_at", instant_text(leg.placed_at)},
          {"answered_at", instant_or_null(leg.answered_at)},
          {"ended_at", instant_or_null(leg.ended_at)}};
}

json::value desk_json(const Text& text) {
  return {{"id", text.id},
          {"from", text_or_null(text.from.e164())},
          {"to", text.to.e164()},
          {"body", text.body},
          {"sent_at", instant_text(text.sent_at)}};
}

json::value desk_json(const Track& track) {
  return {{"at", instant_text(track.at)},
          {"direction", track.direction},
          {"kind", track.kind},
          {"summary", track.summary},
          {"status", track.status == 0 ? json::value(nullptr) : json::value(track.status)}};
}

json::value desk_json(const LogEntry& entry) {
  return {{"call", entry.call},
          {"token", entry.token},
          {"business", entry.business.e164()},
          {"placed_at", instant_text(entry.placed_at)},
          {"business_rang_at", instant_or_null(entry.business_rang_at)},
          {"business_answered_at", instant_or_null(entry.business_answered_at)},
          {"business_ended_at", instant_or_null(entry.business_ended_at)},
          {"visitor", entry.visitor ? json::value(entry.visitor->e164()) : json::value(nullptr)},
          {"visitor_rings", entry.visitor_rings},
          {"visitor_rang_at", instant_or_null(entry.visitor_rang_at)},
          {"joined_at", instant_or_null(entry.joined_at)},
          {"visitor_ended_at", instant_or_null(entry.visitor_ended_at)}};
}

json::value desk_json(const Faults& faults) {
  return {{"latency_ms", faults.latency.count()},
          {"lose_reply_rate", faults.lose_reply_rate},
          {"error_rate", faults.error_rate},
          {"throttle_rate", faults.throttle_rate},
          {"refuse_rate", faults.refuse_rate},
          {"duplicate_rate", faults.duplicate_rate},
          {"drop_rate", faults.drop_rate},
          {"reorder_ms", faults.reorder.count()},
          {"seed", faults.seed}};
}

}  // namespace ringback::exchange
