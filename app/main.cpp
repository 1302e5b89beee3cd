// Reads the arguments and calls a command; nothing else.
#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <optional>
#include <string>

#include "app/commands/commands.hpp"

namespace {

namespace commands = ringback::commands;

int run(int argc, char** argv) {
  CLI::App program{"Ringback calls your visitors back: the business first, then the visitor."};
  program.name("ringback");
  program.set_version_flag("--version", "ringback " + commands::version());
  program.require_subcommand(1);
  program.footer(
      "Exit codes: 0 fine, 1 a problem was found or work failed, 2 wrong usage or "
      "configuration.");

  std::string config;
  const auto takes_config = [&](CLI::App* command) {
    command->add_option("--config", config,
                        "the configuration (default: config/ringback.toml, then "
                        "/etc/ringback/ringback.toml)");
  };

  auto* serve = program.add_subcommand("serve", "run the service");
  takes_config(serve);

  bool as_json = false;
  auto* check = program.add_subcommand("check", "look for problems, and say what mends them");
  takes_config(check);
  check->add_flag("--json", as_json, "for programs");

  bool origins = false;
  auto* configuration = program.add_subcommand("config", "the configuration");
  configuration->require_subcommand(1);
  auto* show = configuration->add_subcommand("show", "the effective values, secrets masked");
  takes_config(show);
  show->add_flag("--origin", origins, "where each value came from");

  bool dry_run = false;
  auto* migrate = program.add_subcommand("migrate", "bring the schema up to date");
  takes_config(migrate);
  migrate->add_flag("--dry-run", dry_run, "only say what would be done");

  commands::KeyOptions wanted;
  std::string key_id;
  auto* key = program.add_subcommand("key", "keys for operators' programs");
  key->require_subcommand(1);
  auto* key_add = key->add_subcommand("add", "make one; it is printed once, alone on stdout");
  takes_config(key_add);
  key_add->add_option("--name", wanted.name, "what it is for")->required();
  key_add->add_option("--scope", wanted.scopes, "what it may do, for example callbacks:read")
      ->required()
      ->delimiter(',');
  key_add->add_option("--days", wanted.days, "for so long it is good")
      ->check(CLI::Range(1, 365))
      ->capture_default_str();
  auto* key_list = key->add_subcommand("list", "those that were made");
  takes_config(key_list);
  auto* key_revoke = key->add_subcommand("revoke", "take one back");
  takes_config(key_revoke);
  key_revoke->add_option("id", key_id, "its id, as the list shows it")->required();

  commands::SimulatorOptions exchange;
  auto* simulator =
      program.add_subcommand("simulator", "the simulator's exchange as a process of its own");
  simulator->add_option("--listen", exchange.listen, "where it listens; port 0 is any free one")
      ->capture_default_str();
  simulator->add_flag("--auto", exchange.automatic, "numbers act by their last two digits");
  simulator->add_option("--latency-ms", exchange.latency_ms, "how late every answer is")
      ->check(CLI::Range(0, 600'000))
      ->capture_default_str();
  simulator
      ->add_option("--talk-seconds", exchange.talk_seconds, "how long two automatic people talk")
      ->check(CLI::Range(1, 3'600))
      ->capture_default_str();

  try {
    program.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    if (stop.get_exit_code() == 0) return program.exit(stop);  // --help, --version
    fmt::print(stderr, "ringback: {}; see: ringback --help\n", stop.what());
    return commands::kWrongUse;
  }

  const commands::ConfigPath path =
      config.empty() ? std::nullopt : commands::ConfigPath(std::filesystem::path(config));
  if (serve->parsed()) return commands::serve(path);
  if (check->parsed()) return commands::check(path, as_json);
  if (show->parsed()) return commands::config_show(path, origins);
  if (migrate->parsed()) return commands::migrate(path, dry_run);
  if (key_add->parsed()) return commands::key_add(path, wanted);
  if (key_list->parsed()) return commands::key_list(path);
  if (key_revoke->parsed()) return commands::key_revoke(path, key_id);
  return commands::simulator(exchange);
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& bug) {
    fmt::print(stderr, "ringback: stopped by an error of its own: {}; please report it\n",
               bug.what());
    return commands::kFailed;
  }
}
