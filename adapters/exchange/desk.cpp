// What people at the desk do and see.
#include <fmt/format.h>

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "adapters/exchange/desk_json.hpp"
#include "adapters/exchange/exchange.hpp"

namespace ringback::exchange {
namespace {

namespace json = boost::json;

constexpr std::int64_t kLongestDelay = 600'000;

struct RateRow {
  std::string_view name;
  double Faults::*rate;
};
constexpr RateRow kRates[] = {
    {"lose_reply_rate", &Faults::lose_reply_rate}, {"error_rate", &Faults::error_rate},
    {"throttle_rate", &Faults::throttle_rate},     {"refuse_rate", &Faults::refuse_rate},
    {"duplicate_rate", &Faults::duplicate_rate},   {"drop_rate", &Faults::drop_rate},
};

struct DelayRow {
  std::string_view name;
  Millis Faults::*delay;
};
constexpr DelayRow kDelays[] = {{"latency_ms", &Faults::latency}, {"reorder_ms", &Faults::reorder}};

// Empty: understood.
std::string read_fault(Faults& faults, std::string_view name, const json::value& value) {
  boost::system::error_code fault;
  for (const auto& row : kRates) {
    if (row.name != name) continue;
    const auto rate = value.to_number<double>(fault);
    if (fault || !(rate >= 0 && rate <= 1))
      return fmt::format("{} must be a number from 0 to 1", name);
    faults.*row.rate = rate;
    return {};
  }
  for (const auto& row : kDelays) {
    if (row.name != name) continue;
    const auto delay = value.to_number<std::int64_t>(fault);
    if (fault || delay < 0 || delay > kLongestDelay)
      return fmt::format("{} must be a whole number from 0 to {}", name, kLongestDelay);
    faults.*row.delay = Millis{delay};
    return {};
  }
  if (name == "seed") {
    const auto seed = value.to_number<std::uint64_t>(fault);
    if (fault) return "seed must be a whole number, 0 or more";
    faults.seed = seed;
    return {};
  }
  return fmt::format("there is no fault named {:.40}", name);
}

}  // namespace

Result<void> Exchange::act(std::string_view leg, std::string_view action, std::string_view digits,
                           TimePoint now) {
  agenda_.run(now);
  const auto what = act_named(action);
  if (!what)
    return Error{Errc::invalid_input,
                 "action must be answer, decline, busy, no_answer, machine, hang_up or digits; "
                 "nothing was done"};
  switch (switchboard_.act(leg, *what, digits, now)) {
    case ActResult::done:
      return {};
    case ActResult::no_such_leg:
      return Error{Errc::not_found, "no leg has this id; take one from the list of calls"};
    case ActResult::not_now:
      return Error{Errc::conflict,
                   "the leg is not in a state for that: answer, decline, busy, no_answer and "
                   "machine need it to ring, hang_up and digits need it to be answered; nothing "
                   "was done"};
    case ActResult::bad_digits:
      return Error{Errc::invalid_input,
                   "digits must be 1 to 32 of 0-9, * and #; nothing was pressed"};
  }
  return {};
}

std::string Exchange::calls_json() const {
  json::array rows;
  for (const auto& [no, leg] : switchboard_.legs()) rows.push_back(desk_json(leg));
  return json::serialize(json::object{{"calls", std::move(rows)}});
}

std::string Exchange::row_json(std::string_view id) const {
  for (const auto& [no, leg] : switchboard_.legs())
    if (leg.id == id) return json::serialize(desk_json(leg));
  return "{}";
}

std::string Exchange::messages_json(std::string_view to) const {
  json::array rows;
  for (const auto& text : texts_)
    if (to.empty() || text.to.e164() == to) rows.push_back(desk_json(text));
  return json::serialize(json::object{{"messages", std::move(rows)}});
}

std::string Exchange::log_json() const {
  json::array rows;
  for (const auto& entry : records_.log()) rows.push_back(desk_json(entry));
  return json::serialize(json::object{{"boot", options_.boot_id},
                                      {"forgotten", records_.forgotten()},
                                      {"messages", last_text_},
                                      {"calls", std::move(rows)}});
}

std::string Exchange::faults_json() const { return json::serialize(desk_json(weather_.faults())); }

Result<void> Exchange::change_faults(std::string_view body) {
  boost::system::error_code fault;
  const auto root = json::parse(body, fault);
  if (fault || !root.is_object())
    return Error{Errc::invalid_input, "the body must be one JSON object; the weather stays"};
  Faults faults;
  for (const auto& [name, value] : root.get_object()) {
    const auto wrong = read_fault(faults, name, value);
    if (!wrong.empty()) return Error{Errc::invalid_input, wrong + "; the weather stays"};
  }
  weather_.change(faults);
  return {};
}

}  // namespace ringback::exchange
