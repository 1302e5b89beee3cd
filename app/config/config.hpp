// Config: every key of the configuration with its default, understood and checked. One struct, read
// once at start; after that nobody looks at a file or at the environment.
//
// load_config never stops at the first mistake: `problems` holds one line for each, with the place
// where it was made and what to do. The service starts only when that list is empty.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "app/config/reader.hpp"
#include "core/domain/phone_number.hpp"
#include "core/domain/secret.hpp"
#include "core/domain/situation.hpp"
#include "core/domain/time.hpp"

namespace ringback {

enum class RunMode { development, production };
enum class ClientIpHeader { none, x_forwarded_for, forwarded, cf_connecting_ip };
enum class LogLevel { debug, info, warning, error };
enum class LogFormat { json, text };
enum class Record { off, announce };

struct ListenAddress {
  std::string host = "127.0.0.1";  // an IP literal, without brackets
  std::uint16_t port = 8501;       // 0: any free one

  friend bool operator==(const ListenAddress&, const ListenAddress&) = default;
};

// One set of credentials of one carrier: a table carrier.<name>.
struct CarrierAccount {
  struct Simulator {
    std::string base_url;  // empty: the exchange lives in this process
    Millis latency{0};
    bool automatic = false;  // carrier.<name>.auto
  };

  std::string name;
  std::string kind;  // "simulator", "twilio" ...
  Simulator simulator;
  // Of every other kind: its keys as text, defaults too. There are secrets among them.
  std::map<std::string, std::string, std::less<>> values;
};

struct Config {
  struct Server {
    std::vector<ListenAddress> listen{ListenAddress{}};
    int threads = 0;                           // 0: one for each core
    std::vector<std::string> trusted_proxies;  // CIDRs
    ClientIpHeader client_ip_header = ClientIpHeader::none;
    int body_limit_bytes = 65536;
    int max_connections = 10000;
    int connections_per_client = 50;
    Secret metrics_token;  // empty: /metrics is open
  };

  struct Storage {
    std::string url = "sqlite:ringback.db";
    std::string sqlite_path() const;  // what follows "sqlite:"
  };

  struct Carrier {
    std::vector<std::string> voice{"simulator"};  // account names in order of fail-over
    std::vector<std::string> sms{"simulator"};
    bool poll = false;  // no public URL: asking in place of webhooks
    std::vector<CarrierAccount> accounts;
    const CarrierAccount* account(const std::string& name) const;
  };

  struct Business {
    std::string name = "Our team";
    std::vector<PhoneNumber> numbers;  // never empty after load_config
    PhoneNumber sms_number;            // the first of numbers, if not set
    std::string timezone = "America/New_York";
    std::array<std::string, 7> hours{"09:00-17:00",
                                     "09:00-17:00",
                                     "09:00-17:00",
                                     "09:00-17:00",
                                     "09:00-17:00",
                                     "",
                                     ""};  // Monday first, as written
    std::vector<std::string> holidays;     // as written
    OutsideHours outside_hours = OutsideHours::schedule;
  };

  struct Call {
    Accept accept = Accept::press_1;
    Seconds ring{25};          // call.ring_seconds
    Seconds visitor_ring{30};  // call.visitor_ring_seconds
    Minutes max_talk{60};      // call.max_minutes
    int attempts = 2;
    std::vector<Millis> retry{Minutes{2}, Minutes{10}};  // call.retry_minutes
    Millis give_up{Minutes{120}};                        // call.give_up_minutes
    RedialUnknown redial_unknown = RedialUnknown::when_absent;
    int max_concurrent = 10;
    Record record = Record::off;
  };

  // Where recordings are kept: a directory, a bucket, or nowhere.
  struct Recording {
    struct S3 {
      std::string endpoint;  // never ends in a slash
      std::string region;
      std::string bucket;
      std::string prefix;
      std::string access_key;
      Secret secret_key;
      bool path_style = false;
    };
    std::string dir;
    S3 s3;
    bool anywhere() const { return !dir.empty() || !s3.bucket.empty(); }
  };

  struct Verification {
    bool required = true;
    Seconds ttl{300};
    int attempts = 5;
    Seconds resend{60};
  };

  struct Visitor {
    std::vector<std::string> allowed_countries{"US"};
    std::vector<std::string> allowed_origins;
  };

  // Each "5/1m" is count/window; all windows of a limit apply at once. The shape is checked here.
  struct Limits {
    std::vector<std::string> create{"5/1m", "50/1h", "200/1d"};
    std::vector<std::string> verify_client{"20/1h", "60/1d"};
    std::vector<std::string> verify_phone{"3/15m", "5/1h", "10/1d"};
    std::vector<std::string> wrong_client{"30/1h"};
    std::vector<std::string> wrong_phone{"10/1h"};
    std::vector<std::string> verify_prefix{"3/1h", "10/1h"};  // exactly two
    std::vector<std::string> call_number{"3/1h", "6/1d"};
    std::vector<std::string> hooks_rejected{"20/1m"};
    std::vector<std::string> api{"100/15m"};
  };

  // The constants of calling; in production they are what they are.
  struct Timing {
    Millis dial_timeout{Seconds{10}};
    Millis lease{Seconds{30}};
    Millis first_look{Seconds{20}};
    Millis look_interval{Seconds{60}};
    Millis quarantine{Seconds{180}};
    Millis empty_look_gap{Seconds{30}};
    Millis poll_after_ring{Seconds{15}};
    Millis poll_first_interval{Seconds{15}};
    Millis poll_late_interval{Seconds{600}};
    Millis poll_quick{Seconds{3}};
    Millis poll_late_for{Seconds{3600}};
    Millis fetch_lag{Seconds{120}};  // the longest; a carrier may be known to be quicker
    Millis fetch_lag_gap{Seconds{60}};
    Millis max_tail{Seconds{180}};
    Millis visitor_second_chance{Seconds{300}};
    Millis doubt_end{Seconds{1800}};
    Millis throttle_first{Seconds{2}};
    Millis phantom_recheck{Seconds{30}};
    Millis refused_pause{Seconds{300}};
    Millis delivery_keep{Seconds{7 * 24 * 3600}};
    Millis recording_retry{Seconds{5}};
    Millis recording_give_up{Seconds{3 * 24 * 3600}};
    Millis recording_keep{0};  // 0: privacy.retention_days
  };

  struct Budget {
    int calls_per_day = 100;
    int sms_per_day = 200;
  };

  struct Privacy {
    Millis retention{std::chrono::days(90)};  // of callbacks, after their end
  };

  struct Log {
    LogLevel level = LogLevel::info;
    LogFormat format = LogFormat::json;
  };

  RunMode environment = RunMode::development;
  std::string public_url = "http://localhost:8501";  // never ends in a slash
  Secret secret_key;                                 // empty: made and stored on first start
  Server server;
  Storage storage;
  Carrier carrier;
  Business business;
  Call call;
  Verification verification;
  Visitor visitor;
  Limits limits;
  Timing timing;
  Budget budget;
  Recording recording;
  Privacy privacy;
  Log log;

  bool production() const { return environment == RunMode::production; }
};

struct LoadedConfig {
  Config config;                       // defaults stand where a value was refused
  std::vector<ShownSetting> settings;  // every key, for `config show`
  std::vector<std::string> problems;   // empty: it may start
  std::vector<std::string> warnings;
  std::string file;  // which file was read; empty: none was found

  // Where a key was set, for a problem that is found later: "config/ringback.toml:12".
  std::string where(const std::string& key) const;
};

// Without a path: config/ringback.toml, then /etc/ringback/ringback.toml, then defaults alone.
LoadedConfig load_config(const std::optional<std::filesystem::path>& path,
                         const EnvironmentVariables& environment);

// The same from a text, as if it stood in a file called `name`.
LoadedConfig load_config_text(std::string_view text, const std::string& name,
                              const EnvironmentVariables& environment);

// This process's own environment.
EnvironmentVariables environment_of_process();

// One line for each key, as TOML; with `origins`, a comment that says where the value came from.
std::string config_show(const LoadedConfig& loaded, bool origins);

}  // namespace ringback
