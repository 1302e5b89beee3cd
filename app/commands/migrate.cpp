#include <fmt/format.h>

#include "adapters/storage/registry.hpp"
#include "adapters/storage/sqlite/migrations.hpp"
#include "app/assembly/service.hpp"
#include "app/commands/commands.hpp"

namespace ringback::commands {

int migrate(const ConfigPath& path, bool dry_run) {
  const auto loaded = load_or_complain(path);
  if (!loaded) return kWrongUse;
  const auto file = sqlite_path(loaded->config.storage.url);
  if (!file) {
    fmt::print("{} has no schema to bring up to date\n", loaded->config.storage.url);
    return kFine;
  }
  const auto pending = sqlite::plan_migrations(*file);
  if (!pending) {
    fmt::print(stderr, "ringback: {}\n", pending.error().detail);
    return kFailed;
  }
  for (const auto& migration : *pending)
    fmt::print("{} {:04}_{}\n", dry_run ? "would apply" : "applying", migration.number,
               migration.name);
  if (pending->empty()) fmt::print("{}: the schema is up to date\n", *file);
  if (dry_run || pending->empty()) return kFine;
  const auto migrated = migrate_storage(loaded->config, version());
  if (migrated) return kFine;
  fmt::print(stderr, "ringback: {}\n", migrated.error().detail);
  return kFailed;
}

}  // namespace ringback::commands
