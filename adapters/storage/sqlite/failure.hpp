// Where SQLite's exceptions end: everything public in this folder runs inside guarded().
#pragma once

#include <fmt/format.h>

#include "adapters/storage/sqlite/connection.hpp"
#include "core/domain/result.hpp"

namespace ringback::sqlite {

inline Error storage_error(const SQLite::Exception& failure) {
  // 13 is SQLITE_FULL.
  const char* advice = failure.getErrorCode() == 13
                           ? "make room on the disk of storage.url; it goes on by itself then"
                           : "look at the disk of storage.url, and at what the system says of it";
  return {Errc::storage_failed,
          fmt::format("the database failed: {}; nothing was changed; {}", failure.what(), advice)};
}

inline Error storage_error(const DamagedRow& damage) {
  return {Errc::storage_failed,
          fmt::format("a stored row is damaged ({}); it was left as it is; restore a backup, or "
                      "report it with the version of the program",
                      damage.what())};
}

template <class F>
auto guarded(F&& work) -> decltype(work()) {
  try {
    return work();
  } catch (const SQLite::Exception& failure) {
    return storage_error(failure);
  } catch (const DamagedRow& damage) {
    return storage_error(damage);
  }
}

}  // namespace ringback::sqlite
