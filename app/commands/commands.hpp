// The commands of the program: what each one is given, and the exit code it gives back.
// 0: fine. 1: a problem was found, or the work failed. 2: wrong usage or configuration.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "app/config/config.hpp"

namespace ringback::commands {

inline constexpr int kFine = 0;
inline constexpr int kFailed = 1;
inline constexpr int kWrongUse = 2;

// Which configuration file; nothing: the usual places.
using ConfigPath = std::optional<std::filesystem::path>;

// The service itself. Drains and gives 0 within 10 s after SIGINT or SIGTERM.
int serve(const ConfigPath& config);

// The doctor: every problem with the line that mends it.
int check(const ConfigPath& config, bool as_json);

// The effective configuration; problems go to stderr.
int config_show(const ConfigPath& config, bool origins);

// Brings the schema up to date, or only says what it would do.
int migrate(const ConfigPath& config, bool dry_run);

// Keys for operators' programs. They work beside a running server, which obeys at once.
struct KeyOptions {
  std::string name;
  std::vector<std::string> scopes;
  int days = 90;
};
int key_add(const ConfigPath& config, const KeyOptions& wanted);  // the key alone on stdout
int key_list(const ConfigPath& config);
int key_revoke(const ConfigPath& config, const std::string& id);

// The simulator's exchange as a process of its own.
struct SimulatorOptions {
  std::string listen = "127.0.0.1:8502";  // port 0: any free one
  bool automatic = false;                 // numbers act by their last two digits
  int latency_ms = 0;
  int talk_seconds = 60;  // so long two automatic people talk
};
int simulator(const SimulatorOptions& wanted);

// The version as `--version` and /health say it.
std::string version();

// The configuration for a command that needs a right one: prints warnings and problems to stderr,
// one line each, and gives nothing when there is a problem (exit kWrongUse).
std::optional<LoadedConfig> load_or_complain(const ConfigPath& path);

}  // namespace ringback::commands
