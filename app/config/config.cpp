#include "app/config/config.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <set>
#include <sstream>

#include "adapters/carriers/registry.hpp"
#include "app/config/formats.hpp"
#include "core/domain/rate_limit.hpp"

namespace ringback {
namespace {

constexpr std::array<const char*, 2> kUsualFiles = {"config/ringback.toml",
                                                    "/etc/ringback/ringback.toml"};
constexpr std::array<const char*, 7> kDays = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
constexpr std::size_t kShortestSecretKey = 32;
constexpr std::size_t kLongestName = 80;
constexpr std::string_view kSqlite = "sqlite:";
constexpr Range kUpToAMonth{0, 31 * 24 * 3600};

SettingValue text_value(std::string text) { return {std::move(text)}; }
SettingValue number_value(std::int64_t number) { return {number}; }
SettingValue list_value(std::initializer_list<const char*> items) {
  SettingList list;
  for (const auto* item : items) list.push_back({std::string(item)});
  return {std::move(list)};
}

// Every entry of a list must have a shape; the first that has not is named.
void check_each(SettingsReader& reader, const std::string& key,
                const std::vector<std::string>& items, bool (*has_shape)(std::string_view),
                std::string_view wanted) {
  for (const auto& item : items) {
    if (!has_shape(item))
      reader.problem(key, fmt::format("{} is not {}", toml_text({item}), wanted));
  }
}

// ---- one function for each table of the file ----------------------------------------------------

void read_top(SettingsReader& reader, Config& config) {
  reader.choice<RunMode>(
      "environment", config.environment,
      {{"development", RunMode::development}, {"production", RunMode::production}});

  reader.text("public_url", config.public_url);
  while (config.public_url.ends_with('/')) config.public_url.pop_back();
  const auto address = parse_web_address(config.public_url);
  if (!address || !address->path.empty()) {
    reader.problem("public_url",
                   "must be an address like \"https://ring.example\": http or https, a host, "
                   "perhaps a port, nothing behind it");
  } else if (config.production() && address->scheme != "https") {
    reader.problem("public_url",
                   "http is refused in production, carriers and visitors would send secrets in the "
                   "clear; put a TLS proxy in front and write its https address");
  }

  reader.secret("secret_key", config.secret_key);
  const auto& secret = config.secret_key.reveal();
  if (!secret.empty() && secret.size() < kShortestSecretKey) {
    reader.problem("secret_key", fmt::format("must have at least {} characters; make one with: "
                                             "openssl rand -hex 32",
                                             kShortestSecretKey));
  } else if (!secret.empty() && config.production() && looks_like_placeholder(secret)) {
    reader.problem("secret_key",
                   "is a placeholder, which is refused in production; make one with: openssl rand "
                   "-hex 32");
  }
}

void read_server(SettingsReader& reader, Config::Server& server) {
  std::vector<std::string> listen{"127.0.0.1:8501"};
  reader.list("server.listen", listen);
  server.listen.clear();
  for (const auto& text : listen) {
    if (const auto address = parse_listen_address(text)) {
      server.listen.push_back(*address);
    } else {
      reader.problem("server.listen",
                     fmt::format("{} is not an address like \"127.0.0.1:8501\" or \"[::1]:8501\"",
                                 toml_text({text})));
    }
  }
  if (listen.empty()) reader.problem("server.listen", "is empty; name at least one address");

  reader.number("server.threads", server.threads, {0, 256});
  reader.list("server.trusted_proxies", server.trusted_proxies);
  check_each(reader, "server.trusted_proxies", server.trusted_proxies, is_cidr,
             "an address or a range like \"10.0.0.0/8\"");
  reader.choice<ClientIpHeader>("server.client_ip_header", server.client_ip_header,
                                {{"none", ClientIpHeader::none},
                                 {"x-forwarded-for", ClientIpHeader::x_forwarded_for},
                                 {"forwarded", ClientIpHeader::forwarded},
                                 {"cf-connecting-ip", ClientIpHeader::cf_connecting_ip}});
  if (server.client_ip_header != ClientIpHeader::none && server.trusted_proxies.empty()) {
    reader.problem("server.client_ip_header",
                   "would never be believed, because server.trusted_proxies is empty; list the "
                   "proxies there or set this to \"none\"");
  }
  reader.number("server.body_limit_bytes", server.body_limit_bytes, {1024, 16 * 1024 * 1024});
  reader.number("server.max_connections", server.max_connections, {1, 1000000});
  reader.number("server.connections_per_client", server.connections_per_client, {1, 1000000});
  reader.secret("server.metrics_token", server.metrics_token);
}

void read_storage(SettingsReader& reader, Config::Storage& storage) {
  reader.text("storage.url", storage.url);
  if (storage.url.starts_with("postgresql://") || storage.url.starts_with("postgres://")) {
    reader.problem("storage.url",
                   "PostgreSQL is not part of this version and nothing was opened; use "
                   "\"sqlite:PATH\"");
  } else if (storage.sqlite_path().empty()) {
    reader.problem("storage.url", "must be \"sqlite:PATH\"");
  }
}

void read_simulator(SettingsReader& reader, const std::string& table, bool production,
                    CarrierAccount::Simulator& simulator) {
  reader.text(table + ".base_url", simulator.base_url);
  const auto address = parse_web_address(simulator.base_url);
  if (!simulator.base_url.empty() && !address) {
    reader.problem(table + ".base_url",
                   "must be empty or an address like \"http://127.0.0.1:8502\"");
  } else if (address && address->scheme == "http" && (production || !is_loopback(*address))) {
    reader.problem(table + ".base_url", "may be http only on loopback and in development");
  }
  reader.span(table + ".latency_ms", simulator.latency, Millis{1}, {0, 60000});
  reader.flag(table + ".auto", simulator.automatic);
}

struct LaterKey {
  const char* name;
  SettingValue usual;
  bool secret = false;
};

void read_later(SettingsReader& reader, const std::string& table, std::string_view part,
                const std::vector<LaterKey>& keys) {
  for (const auto& key : keys) {
    if (key.secret) {
      reader.later_secret(table + "." + key.name, part);
    } else {
      reader.later(table + "." + key.name, key.usual, part);
    }
  }
}

std::string as_text(double number) { return fmt::format("{}", number); }

// One key of an account, as its carrier's table describes it.
void read_carrier_key(SettingsReader& reader, const std::string& table, bool production,
                      const SettingKey& key, std::string& value) {
  using Shape = SettingKey::Shape;
  const auto name = fmt::format("{}.{}", table, key.name);
  switch (key.shape) {
    case Shape::secret: {
      Secret secret;
      reader.secret(name, secret);
      value = secret.reveal();
      if (production && !value.empty() && looks_like_placeholder(value))
        reader.problem(name,
                       "is a placeholder, which is refused in production; copy the secret "
                       "from the carrier's console");
      return;
    }
    case Shape::number: {
      double number = std::stod(value);
      reader.number(name, number, {key.low, key.high});
      value = as_text(number);
      return;
    }
    case Shape::choice:
      return reader.word(name, value, key.words);
    default:
      reader.text(name, value);
  }
  if (key.shape == Shape::phone && !value.empty() && !PhoneNumber::from_e164(value)) {
    reader.problem(name, "is not a number in E.164 form, like \"+12025550100\"");
    value.clear();
  }
  if (key.shape != Shape::web_address) return;
  while (value.ends_with('/')) value.pop_back();
  const auto address = parse_web_address(value);
  if (!address) {
    reader.problem(name,
                   fmt::format("must be an address like {}", toml_text({std::string(key.usual)})));
  } else if (address->scheme == "http" && (production || !is_loopback(*address))) {
    reader.problem(name, "may be http only on loopback and in development");
  }
}

std::string kinds_text() {
  std::string text;
  for (const auto kind : carrier_kinds())
    text += fmt::format("{}\"{}\"", text.empty() ? "" : ", ", kind);
  return text;
}

// The name is a segment of the addresses of webhooks, which are signed letter by letter.
bool is_account_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
           c == '_';
  });
}

void read_account(SettingsReader& reader, const std::string& name, bool production,
                  std::vector<CarrierAccount>& accounts) {
  const std::string table = "carrier." + name;
  if (!is_account_name(name))
    reader.problem(table,
                   "stands in the addresses of webhooks, so its name may have letters, digits, '-' "
                   "and '_' alone; rename the account");
  CarrierAccount account{.name = name, .kind = name, .simulator = {}, .values = {}};
  reader.text(table + ".kind", account.kind);
  const auto keys = carrier_keys(account.kind);
  if (account.kind == "simulator") {
    read_simulator(reader, table, production, account.simulator);
  } else if (keys) {
    for (const auto& key : *keys) {
      auto& value = account.values[std::string(key.name)];
      value = key.usual;
      read_carrier_key(reader, table, production, key, value);
    }
  } else {
    reader.problem(table + ".kind", fmt::format("nobody knows the carrier {}; known are {}",
                                                toml_text({account.kind}), kinds_text()));
  }
  accounts.push_back(std::move(account));
}

void check_selected(SettingsReader& reader, const std::string& key, const Config& config,
                    const std::vector<std::string>& names) {
  if (names.empty()) reader.problem(key, "is empty; name an account, for example \"simulator\"");
  if (names.size() > 1)
    reader.problem(key, "fail-over is not part of this version; name one account");
  for (const auto& name : names) {
    const auto* account = config.carrier.account(name);
    if (!account) {
      reader.problem(key, fmt::format("there is no account {}; write a table [carrier.{}] with its "
                                      "kind",
                                      toml_text({name}), name));
    } else if (account->kind == "simulator" && config.production()) {
      reader.problem(key,
                     "the simulator rings no telephone and is refused in production; name the "
                     "account of a real carrier, or set environment = \"development\"");
    }
  }
}

void read_carrier(SettingsReader& reader, Config& config) {
  auto& carrier = config.carrier;
  reader.list("carrier.voice", carrier.voice);
  reader.list("carrier.sms", carrier.sms);
  reader.flag("carrier.poll", carrier.poll);

  auto names = reader.tables("carrier");
  std::erase_if(names, [](const std::string& name) {
    return name == "voice" || name == "sms" || name == "poll";
  });
  // An account that is named and needs no credentials needs no table either.
  for (const auto* chosen : {&carrier.voice, &carrier.sms}) {
    for (const auto& name : *chosen) {
      const bool has_table = std::find(names.begin(), names.end(), name) != names.end();
      if (!has_table && carrier_keys(name)) names.push_back(name);
    }
  }
  for (const auto& name : names) read_account(reader, name, config.production(), carrier.accounts);
  check_selected(reader, "carrier.voice", config, carrier.voice);
  check_selected(reader, "carrier.sms", config, carrier.sms);
  const auto* voice = carrier.voice.empty() ? nullptr : carrier.account(carrier.voice.front());
  if (carrier.poll && voice != nullptr && voice->kind == "simulator") {
    reader.problem("carrier.poll",
                   "is for carriers that cannot reach this machine; the simulator can, and its "
                   "calls would never be asked about. Remove the key, or name a real carrier");
  }
}

void read_business(SettingsReader& reader, Config::Business& business) {
  reader.text("business.name", business.name);
  const bool has_control = std::any_of(business.name.begin(), business.name.end(), [](char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
  });
  if (business.name.empty() || business.name.size() > kLongestName || has_control) {
    reader.problem("business.name",
                   fmt::format("must have 1 to {} bytes and no control characters", kLongestName));
  }

  std::vector<std::string> numbers;
  reader.list("business.numbers", numbers);
  if (numbers.empty()) {
    reader.problem("business.numbers",
                   "is empty, so nobody could be rung; write the business's numbers, for example "
                   "[\"+12025550100\"]");
  }
  constexpr auto kNotE164 = "is not a number in E.164 form, like \"+12025550100\"";
  std::set<PhoneNumber> seen;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const auto number = PhoneNumber::from_e164(numbers[i]);
    if (!number) {
      reader.problem("business.numbers", fmt::format("entry {} {}", i + 1, kNotE164));
    } else if (!seen.insert(*number).second) {
      reader.problem("business.numbers", fmt::format("entry {} is there twice", i + 1));
    } else {
      business.numbers.push_back(*number);
    }
  }

  std::string sms_number;
  reader.text("business.sms_number", sms_number);
  if (!sms_number.empty()) {
    const auto number = PhoneNumber::from_e164(sms_number);
    if (!number) reader.problem("business.sms_number", kNotE164);
    business.sms_number = number.value_or(PhoneNumber{});
  } else if (!business.numbers.empty()) {
    business.sms_number = business.numbers.front();
  }

  reader.text("business.timezone", business.timezone);
  if (!is_zone_name(business.timezone)) {
    reader.problem("business.timezone",
                   "is not the name of a time zone, like \"America/New_York\"");
  }
  for (std::size_t day = 0; day < kDays.size(); ++day)
    reader.text(fmt::format("business.hours.{}", kDays[day]), business.hours[day]);
  reader.list("business.holidays", business.holidays);
  reader.choice<OutsideHours>("business.outside_hours", business.outside_hours,
                              {{"schedule", OutsideHours::schedule}, {"sms", OutsideHours::sms}});
}

void read_call(SettingsReader& reader, Config::Call& call) {
  reader.choice<Accept>("call.accept", call.accept,
                        {{"press_1", Accept::press_1}, {"none", Accept::none}});
  reader.seconds("call.ring_seconds", call.ring, {1, 600});
  reader.seconds("call.visitor_ring_seconds", call.visitor_ring, {1, 600});
  int max_minutes = static_cast<int>(call.max_talk.count());
  reader.number("call.max_minutes", max_minutes, {1, 240});
  call.max_talk = Minutes(max_minutes);
  reader.number("call.attempts", call.attempts, {1, 10});
  reader.spans("call.retry_minutes", call.retry, Minutes{1}, {0, 24 * 60});
  if (call.attempts > 1 && call.retry.empty()) {
    reader.problem("call.retry_minutes",
                   "is empty, but call.attempts is more than 1; write the gaps in minutes, for "
                   "example [2, 10]");
  }
  reader.span("call.give_up_minutes", call.give_up, Minutes{1}, {0.01, 7 * 24 * 60});
  reader.choice<RedialUnknown>(
      "call.redial_unknown", call.redial_unknown,
      {{"when_absent", RedialUnknown::when_absent}, {"never", RedialUnknown::never}});
  reader.number("call.max_concurrent", call.max_concurrent, {1, 10000});
  reader.choice<Record>("call.record", call.record,
                        {{"off", Record::off}, {"announce", Record::announce}});
}

void read_verification(SettingsReader& reader, Config::Verification& verification) {
  reader.flag("verification.required", verification.required);
  reader.seconds("verification.ttl_seconds", verification.ttl, {1, 600});
  reader.number("verification.attempts", verification.attempts, {1, 10});
  reader.seconds("verification.resend_seconds", verification.resend, {0, 3600});
}

void read_visitor(SettingsReader& reader, bool production, Config::Visitor& visitor) {
  reader.list("visitor.allowed_countries", visitor.allowed_countries);
  check_each(reader, "visitor.allowed_countries", visitor.allowed_countries, is_region,
             "a region like \"US\"");
  if (visitor.allowed_countries.empty()) {
    reader.problem("visitor.allowed_countries",
                   "is empty, so no number could be accepted; name at least one region, for "
                   "example [\"US\"]");
  }
  reader.list("visitor.allowed_origins", visitor.allowed_origins);
  check_each(reader, "visitor.allowed_origins", visitor.allowed_origins, is_origin,
             "an exact origin like \"https://shop.example\" (lower case, no path, no wildcard)");
  if (production && visitor.allowed_origins.empty()) {
    reader.problem("visitor.allowed_origins",
                   "is empty in production, so no page could embed the form; list the origins of "
                   "your pages, for example [\"https://shop.example\"]");
  }
  reader.later("visitor.sign_in_required", {false}, "sign-in");
}

void read_limits(SettingsReader& reader, Config::Limits& limits) {
  const std::pair<const char*, std::vector<std::string>*> rows[] = {
      {"limits.create", &limits.create},
      {"limits.verify_client", &limits.verify_client},
      {"limits.verify_phone", &limits.verify_phone},
      {"limits.wrong_client", &limits.wrong_client},
      {"limits.wrong_phone", &limits.wrong_phone},
      {"limits.verify_prefix", &limits.verify_prefix},
      {"limits.call_number", &limits.call_number},
      {"limits.hooks_rejected", &limits.hooks_rejected},
      {"limits.api", &limits.api},
  };
  for (const auto& [key, windows] : rows) {
    reader.list(key, *windows);
    check_each(reader, key, *windows, is_rate_limit,
               "a limit like \"5/1m\" (1 to 10000, a slash, a time in s, m, h or d up to 31 days)");
    if (windows->empty())
      reader.problem(key, "is empty; a limit needs at least one window, for example \"5/1m\"");
    if (windows->size() > kMaxWindows)
      reader.problem(
          key, fmt::format("has {} windows; a limit has at most {}", windows->size(), kMaxWindows));
  }
  if (!limits.verify_prefix.empty() && limits.verify_prefix.size() != 2)
    reader.problem("limits.verify_prefix",
                   "must have two windows: harder from the first, blocked "
                   "from the second");

  reader.later("limits.captcha", list_value({"30/1m"}), "the CAPTCHA");
  reader.later("limits.login", list_value({"6/15m"}), "the dashboard");
  reader.later("limits.register", list_value({"5/15m"}), "the dashboard");
  reader.later("limits.email_verify", list_value({"5/5m"}), "the dashboard");
  reader.later("limits.code_resend", list_value({"3/2m"}), "the dashboard");
  reader.later("limits.forgot", list_value({"3/15m"}), "the dashboard");
}

void read_timing(SettingsReader& reader, bool production, Config::Timing& timing) {
  const std::pair<const char*, Millis*> rows[] = {
      {"timing.dial_timeout", &timing.dial_timeout},
      {"timing.lease", &timing.lease},
      {"timing.first_look", &timing.first_look},
      {"timing.look_interval", &timing.look_interval},
      {"timing.quarantine", &timing.quarantine},
      {"timing.empty_look_gap", &timing.empty_look_gap},
      {"timing.poll_after_ring", &timing.poll_after_ring},
      {"timing.poll_first_interval", &timing.poll_first_interval},
      {"timing.poll_late_interval", &timing.poll_late_interval},
      {"timing.poll_quick", &timing.poll_quick},
      {"timing.poll_late_for", &timing.poll_late_for},
      {"timing.fetch_lag", &timing.fetch_lag},
      {"timing.fetch_lag_gap", &timing.fetch_lag_gap},
      {"timing.max_tail", &timing.max_tail},
      {"timing.visitor_second_chance", &timing.visitor_second_chance},
      {"timing.doubt_end", &timing.doubt_end},
      {"timing.throttle_first", &timing.throttle_first},
      {"timing.phantom_recheck", &timing.phantom_recheck},
      {"timing.refused_pause", &timing.refused_pause},
      {"timing.delivery_keep", &timing.delivery_keep},
      {"timing.recording_retry", &timing.recording_retry},
      {"timing.recording_give_up", &timing.recording_give_up},
      {"timing.recording_keep", &timing.recording_keep},
  };
  for (const auto& [key, span] : rows) {
    reader.span(key, *span, Seconds{1}, kUpToAMonth);
    if (production && reader.is_set(key)) {
      reader.problem(key,
                     "the times of calling are for tests and are refused in production; remove the "
                     "key");
    }
  }
  if (timing.dial_timeout > timing.lease) {
    reader.problem("timing.dial_timeout",
                   "is longer than timing.lease, so a claim would end while its request is on its "
                   "way; make the lease longer");
  }
}

void read_budget(SettingsReader& reader, Config::Budget& budget) {
  reader.number("budget.calls_per_day", budget.calls_per_day, {0, 1000000});
  reader.number("budget.sms_per_day", budget.sms_per_day, {0, 1000000});
}

void check_endpoint(SettingsReader& reader, bool production, Config::Recording::S3& s3) {
  const auto key = "recording.s3.endpoint";
  while (s3.endpoint.ends_with('/')) s3.endpoint.pop_back();
  if (s3.endpoint.empty()) s3.endpoint = fmt::format("https://s3.{}.amazonaws.com", s3.region);
  const auto address = parse_web_address(s3.endpoint);
  if (!address || !address->path.empty()) {
    reader.problem(key,
                   "must be an address like \"https://s3.eu-central-1.amazonaws.com\", without the "
                   "bucket; the bucket goes into recording.s3.bucket");
  } else if (address->scheme != "https" && (production || !is_loopback(*address))) {
    reader.problem(key, "may be http only on loopback and in development");
  }
}

void read_s3(SettingsReader& reader, bool production, Config::Recording::S3& s3) {
  const std::string table = "recording.s3.";
  reader.text(table + "endpoint", s3.endpoint);
  reader.text(table + "region", s3.region);
  reader.text(table + "bucket", s3.bucket);
  reader.text(table + "prefix", s3.prefix);
  reader.text(table + "access_key", s3.access_key);
  reader.secret(table + "secret_key", s3.secret_key);
  reader.flag(table + "path_style", s3.path_style);
  while (s3.prefix.starts_with('/')) s3.prefix.erase(0, 1);
  if (!s3.prefix.empty() && !s3.prefix.ends_with('/')) s3.prefix += '/';

  const std::pair<const char*, bool> needed[] = {{"bucket", s3.bucket.empty()},
                                                 {"region", s3.region.empty()},
                                                 {"access_key", s3.access_key.empty()},
                                                 {"secret_key", s3.secret_key.empty()}};
  const bool touched =
      !s3.endpoint.empty() || std::any_of(std::begin(needed), std::end(needed),
                                          [](const auto& one) { return !one.second; });
  if (!touched) return;
  for (const auto& [name, missing] : needed)
    if (missing)
      reader.problem(table + name,
                     "is needed to keep recordings in a bucket; set it, or remove recording.s3.*");
  if (!s3.bucket.empty() && !is_bucket_name(s3.bucket))
    reader.problem(table + "bucket",
                   "is not the name of a bucket: 3 to 63 lower-case letters, digits, '-' and '.'");
  check_endpoint(reader, production, s3);
}

void read_recording(SettingsReader& reader, bool production, Config& config) {
  auto& recording = config.recording;
  reader.text("recording.dir", recording.dir);
  read_s3(reader, production, recording.s3);
  if (!recording.dir.empty() && !recording.s3.bucket.empty())
    reader.problem("recording.dir",
                   "and recording.s3.bucket are both set; recordings are kept at one place: remove "
                   "one of them");
  if (config.call.record != Record::off && !recording.anywhere())
    reader.problem("call.record",
                   "is \"announce\", but there is no archive and nothing could be kept; set "
                   "recording.dir = \"/var/lib/ringback/recordings\" or recording.s3.*, or set "
                   "call.record = \"off\"");
}

void read_privacy(SettingsReader& reader, Config::Privacy& privacy) {
  int days = 90;
  reader.number("privacy.retention_days", days, {1, 3650});
  privacy.retention = std::chrono::days(days);
}

void read_log(SettingsReader& reader, Config::Log& log) {
  reader.choice<LogLevel>("log.level", log.level,
                          {{"debug", LogLevel::debug},
                           {"info", LogLevel::info},
                           {"warn", LogLevel::warning},
                           {"error", LogLevel::error}});
  reader.choice<LogFormat>("log.format", log.format,
                           {{"json", LogFormat::json}, {"text", LogFormat::text}});
}

void read_parts_to_come(SettingsReader& reader) {
  const auto nothing = text_value("");
  read_later(reader, "captcha", "the CAPTCHA",
             {{"provider", text_value("none")},
              {"site_key", nothing},
              {"secret", {}, true},
              {"verify_url", nothing}});
  for (const auto& name : reader.tables("sign_in")) {
    const auto table = "sign_in." + name;
    reader.problem(table,
                   "sign-in is not part of this version and nothing was switched on; remove "
                   "the table");
    read_later(reader, table, "sign-in",
               {{"kind", text_value(name)},
                {"issuer", nothing},
                {"client_id", nothing},
                {"client_secret", {}, true},
                {"label", nothing}});
  }
  read_later(reader, "smtp", "e-mail",
             {{"host", nothing},
              {"port", number_value(587)},
              {"security", text_value("starttls")},
              {"username", nothing},
              {"password", {}, true},
              {"from", nothing}});
  reader.later("notify.webhooks", {SettingList{}}, "sending webhooks");
  reader.later("privacy.audit_days", number_value(365), "the audit log");
}

LoadedConfig load_from(Settings file, const std::string& file_name,
                       const EnvironmentVariables& environment) {
  LoadedConfig loaded;
  auto& config = loaded.config;
  SettingsReader reader(std::move(file), read_environment(environment), file_name);
  read_top(reader, config);
  const bool production = config.production();
  read_server(reader, config.server);
  read_storage(reader, config.storage);
  read_carrier(reader, config);
  read_business(reader, config.business);
  read_call(reader, config.call);
  read_verification(reader, config.verification);
  read_visitor(reader, production, config.visitor);
  read_limits(reader, config.limits);
  read_timing(reader, production, config.timing);
  read_budget(reader, config.budget);
  read_recording(reader, production, config);
  read_privacy(reader, config.privacy);
  read_log(reader, config.log);
  read_parts_to_come(reader);
  loaded.problems = reader.finish();
  loaded.warnings = reader.warnings();
  loaded.settings = reader.shown();
  return loaded;
}

LoadedConfig failed(std::string problem) {
  LoadedConfig loaded;
  loaded.problems.push_back(std::move(problem));
  return loaded;
}

std::optional<std::string> contents(const std::filesystem::path& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) return std::nullopt;
  std::ifstream in(path, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return std::move(text).str();
}

}  // namespace

std::string Config::Storage::sqlite_path() const {
  return url.starts_with(kSqlite) ? url.substr(kSqlite.size()) : "";
}

const CarrierAccount* Config::Carrier::account(const std::string& name) const {
  const auto it = std::find_if(accounts.begin(), accounts.end(),
                               [&](const CarrierAccount& a) { return a.name == name; });
  return it == accounts.end() ? nullptr : &*it;
}

std::string LoadedConfig::where(const std::string& key) const {
  for (const auto& setting : settings) {
    if (setting.key == key && setting.origin != "default") return setting.origin;
  }
  return file.empty() ? "not set" : file;
}

LoadedConfig load_config_text(std::string_view text, const std::string& name,
                              const EnvironmentVariables& environment) {
  auto reading = read_toml(text, name);
  if (!reading.problem.empty()) return failed(std::move(reading.problem));
  auto loaded = load_from(std::move(reading.settings), name, environment);
  loaded.file = name;
  return loaded;
}

LoadedConfig load_config(const std::optional<std::filesystem::path>& path,
                         const EnvironmentVariables& environment) {
  if (path) {
    const auto text = contents(*path);
    if (!text) {
      return failed(
          fmt::format("{}: cannot read this configuration file; check the path after "
                      "--config and that this user may read it",
                      path->string()));
    }
    return load_config_text(*text, path->string(), environment);
  }
  for (const auto* usual : kUsualFiles) {
    std::error_code ignored;
    if (!std::filesystem::exists(usual, ignored)) continue;
    const auto text = contents(usual);
    if (!text) {
      return failed(
          fmt::format("{}: cannot read this configuration file; let this user read it, or "
                      "name another with --config",
                      usual));
    }
    return load_config_text(*text, usual, environment);
  }
  return load_from({}, fmt::format("no file ({})", fmt::join(kUsualFiles, ", ")), environment);
}

EnvironmentVariables environment_of_process() {
  EnvironmentVariables variables;
  for (char** entry = environ; entry && *entry; ++entry) {
    const std::string_view text = *entry;
    if (const auto equals = text.find('='); equals != std::string_view::npos)
      variables.emplace_back(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string config_show(const LoadedConfig& loaded, bool origins) {
  std::string out;
  for (const auto& setting : loaded.settings) {
    const auto line = fmt::format("{} = {}", setting.key, setting.value);
    out += origins ? fmt::format("{:<48}  # {}\n", line, setting.origin) : line + "\n";
  }
  return out;
}

}  // namespace ringback
