// Brings a database to the schema of this program: numbered files, in order, once, each in its own
// transaction. What was applied is kept with its checksum in schema_migrations; a file that was
// edited afterwards, or a schema newer than this program, is refused before anything is changed.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/result.hpp"
#include "core/domain/time.hpp"

namespace ringback::sqlite {

class Connection;

struct Migration {
  int number = 0;
  std::string_view name;      // "callbacks"
  std::string_view checksum;  // SHA-256 of the file, in hex
  std::string_view sql;
};

// Those that were built in, from migrations/*.sql.
std::span<const Migration> built_in_migrations();

struct Stamp {
  TimePoint now{};
  std::string program;  // the version that applies them
};

// What is not applied yet, oldest first; nothing is changed. A file that does not exist needs all.
Result<std::vector<Migration>> plan_migrations(
    const std::string& path, std::span<const Migration> known = built_in_migrations());
Result<std::vector<Migration>> pending_migrations(Connection& connection,
                                                  std::span<const Migration> known);

// Applies what is pending; those are returned.
Result<std::vector<Migration>> apply_migrations(Connection& connection,
                                                std::span<const Migration> known,
                                                const Stamp& stamp);

}  // namespace ringback::sqlite
