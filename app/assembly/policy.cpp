#include "app/assembly/policy.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "app/assembly/accounts.hpp"

namespace ringback {
namespace {

constexpr const char* kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

Times times_of(const Config& config) {
  const auto& t = config.timing;
  Times times;
  times.lease = t.lease;
  times.first_look = t.first_look;
  times.look_interval = t.look_interval;
  times.quarantine = t.quarantine;
  times.empty_look_gap = t.empty_look_gap;
  times.doubt_end = t.doubt_end;
  times.poll_after_ring = t.poll_after_ring;
  times.poll_first = t.poll_first_interval;
  times.poll_longest = t.poll_first_interval * 8;
  times.poll_quick = t.poll_quick;
  times.poll_tail = t.max_tail;
  times.poll_late = t.poll_late_interval;
  times.poll_late_for = t.poll_late_for;
  times.snapshot_gap = t.fetch_lag_gap;
  times.phantom_recheck = t.phantom_recheck;
  times.second_chance = t.visitor_second_chance;
  times.throttle_first = t.throttle_first;
  return times;
}

Rules rules_of(const Config& config) {
  Rules rules;
  rules.numbers = config.business.numbers;
  rules.accept = config.call.accept;
  rules.outside_hours = config.business.outside_hours;
  rules.redial_unknown = config.call.redial_unknown;
  rules.attempts = config.call.attempts;
  rules.gaps = config.call.retry;
  rules.ring = config.call.ring;
  rules.visitor_ring = config.call.visitor_ring;
  rules.talk = config.call.max_talk;
  rules.give_up = config.call.give_up;
  rules.code_ttl = config.verification.ttl;
  rules.code_tries = config.verification.attempts;
  rules.resend = config.verification.resend;
  rules.times = times_of(config);
  return rules;
}

// "https://ring.example:8443" -> "ring.example"
std::string host_of(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme != std::string_view::npos) url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of(":/"));
  return std::string(url);
}

class Reader {
 public:
  Reader(const LoadedConfig& loaded, std::vector<std::string>& problems)
      : loaded_(loaded), problems_(problems) {}

  template <class T>
  T take(const std::string& key, const Result<T>& read) {
    if (read) return *read;
    problems_.push_back(fmt::format("{}: {}: {}", loaded_.where(key), key, read.error().detail));
    return {};
  }

 private:
  const LoadedConfig& loaded_;
  std::vector<std::string>& problems_;
};

}  // namespace

PolicyReading read_policy(const LoadedConfig& loaded, const ZoneRules& zones) {
  const Config& config = loaded.config;
  PolicyReading reading;
  Reader reader(loaded, reading.problems);
  Policy& policy = reading.policy;
  policy.rules = rules_of(config);
  policy.zone = reader.take("business.timezone", zones.find(config.business.timezone));
  for (std::size_t day = 0; day < 7; ++day)
    policy.hours.week[day] = reader.take(std::string("business.hours.") + kDays[day],
                                         parse_day_hours(config.business.hours[day]));
  for (const auto& holiday : config.business.holidays)
    policy.hours.holidays.push_back(reader.take("business.holidays", parse_holiday(holiday)));
  const auto& limits = config.limits;
  policy.limits.verify_client =
      reader.take("limits.verify_client", parse_limit(limits.verify_client));
  policy.limits.verify_phone = reader.take("limits.verify_phone", parse_limit(limits.verify_phone));
  policy.limits.wrong_client = reader.take("limits.wrong_client", parse_limit(limits.wrong_client));
  policy.limits.wrong_phone = reader.take("limits.wrong_phone", parse_limit(limits.wrong_phone));
  policy.limits.call_number = reader.take("limits.call_number", parse_limit(limits.call_number));
  // The first of the two asks for harder proof of work, which needs a captcha; the second blocks.
  if (!limits.verify_prefix.empty())
    policy.limits.verify_prefix =
        reader.take("limits.verify_prefix", parse_limit({limits.verify_prefix.back()}));

  policy.business_name = config.business.name;
  policy.sms_number = config.business.sms_number;
  policy.caps = {.calls = config.budget.calls_per_day, .texts = config.budget.sms_per_day};
  policy.max_concurrent = config.call.max_concurrent;
  policy.public_url = config.public_url;
  policy.page_host = host_of(config.public_url);
  policy.record = config.call.record == Record::announce;
  policy.keep_recordings = config.recording.anywhere();
  policy.recording_times.first_retry = config.timing.recording_retry;
  policy.recording_times.give_up = config.timing.recording_give_up;
  policy.delivery_keep = config.timing.delivery_keep;
  reading.numbers = {.allowed_regions = config.visitor.allowed_countries,
                     .must_get_texts = config.verification.required};
  for (auto& text : account_problems(loaded, policy.rules))
    reading.problems.push_back(std::move(text));
  return reading;
}

void add_policy_problems(LoadedConfig& loaded, const ZoneRules& zones) {
  if (loaded.settings.empty()) return;  // nothing could be read
  // "file:3: business.timezone: …": where and which key.
  const auto about = [](std::string_view problem) {
    return problem.substr(0, problem.find(": ", problem.find(": ") + 1) + 2);
  };
  const auto told = loaded.problems;
  for (auto& problem : read_policy(loaded, zones).problems)
    if (std::none_of(told.begin(), told.end(),
                     [&](const auto& other) { return other.starts_with(about(problem)); }))
      loaded.problems.push_back(std::move(problem));
}

}  // namespace ringback
