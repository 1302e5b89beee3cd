#include "adapters/storage/sqlite/log_pieces.hpp"

#include <sqlite3.h>

#include <cstddef>
#include <cstring>
#include <new>

namespace ringback::sqlite {
namespace {

constexpr int kPiece = 128 * 1024;

// A log, as SQLite sees it. The file that it stands for lies behind it, in memory that SQLite gave.
struct Log {
  sqlite3_file as_file;
  sqlite3_file* real;
  char* piece;         // none until somebody writes
  int size;            // bytes of it that wait
  sqlite3_int64 from;  // where they belong
};

Log& log_of(sqlite3_file* file) { return *reinterpret_cast<Log*>(file); }

// On failure nothing is kept: SQLite takes the commit back, and writes the same place again later.
int hand_over(Log& log) {
  if (log.size == 0) return SQLITE_OK;
  const int size = log.size;
  log.size = 0;
  return log.real->pMethods->xWrite(log.real, log.piece, size, log.from);
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
  Log& log = log_of(file);
  const bool follows = log.size > 0 && at == log.from + log.size && size <= kPiece - log.size;
  if (!follows) {
    if (const int failed = hand_over(log); failed != SQLITE_OK) return failed;
    if (log.piece == nullptr) log.piece = new (std::nothrow) char[kPiece];
    if (log.piece == nullptr || size > kPiece)
      return log.real->pMethods->xWrite(log.real, bytes, size, at);
    log.from = at;
  }
  std::memcpy(log.piece + log.size, bytes, static_cast<std::size_t>(size));
  log.size += size;
  return SQLITE_OK;
}

int read(sqlite3_file* file, void* bytes, int size, sqlite3_int64 at) {
  Log& log = log_of(file);
  if (const int failed = hand_over(log); failed != SQLITE_OK) return failed;
  return log.real->pMethods->xRead(log.real, bytes, size, at);
}

int sync(sqlite3_file* file, int flags) {
  Log& log = log_of(file);
  if (const int failed = hand_over(log); failed != SQLITE_OK) return failed;
  return log.real->pMethods->xSync(log.real, flags);
}

int truncate(sqlite3_file* file, sqlite3_int64 size) {
  Log& log = log_of(file);
  if (const int failed = hand_over(log); failed != SQLITE_OK) return failed;
  return log.real->pMethods->xTruncate(log.real, size);
}

int file_size(sqlite3_file* file, sqlite3_int64* size) {
  Log& log = log_of(file);
  if (const int failed = hand_over(log); failed != SQLITE_OK) return failed;
  return log.real->pMethods->xFileSize(log.real, size);
}

int close(sqlite3_file* file) {
  Log& log = log_of(file);
  const int failed = hand_over(log);
  const int closed = log.real->pMethods->xClose(log.real);
  delete[] log.piece;
  log.piece = nullptr;
  return failed != SQLITE_OK ? failed : closed;
}

int lock(sqlite3_file* file, int how) {
  sqlite3_file* const real = log_of(file).real;
  return real->pMethods->xLock(real, how);
}
int unlock(sqlite3_file* file, int how) {
  sqlite3_file* const real = log_of(file).real;
  return real->pMethods->xUnlock(real, how);
}
int is_reserved(sqlite3_file* file, int* answer) {
  sqlite3_file* const real = log_of(file).real;
  return real->pMethods->xCheckReservedLock(real, answer);
}
int control(sqlite3_file* file, int what, void* value) {
  sqlite3_file* const real = log_of(file).real;
  return real->pMethods->xFileControl(real, what, value);
}
int sector_size(sqlite3_file* file) {
  sqlite3_file* const real = log_of(file).real;
  return real->pMethods->xSectorSize(real);
}
int characteristics(sqlite3_file* file) {
  sqlite3_file* const real = log_of(file).real;
  return real->pMethods->xDeviceCharacteristics(real);
}

// Version 1: memory is shared and mapped for the database's file, never for its log.
constexpr sqlite3_io_methods kMethods{
    .iVersion = 1,
    .xClose = close,
    .xRead = read,
    .xWrite = write,
    .xTruncate = truncate,
    .xSync = sync,
    .xFileSize = file_size,
    .xLock = lock,
    .xUnlock = unlock,
    .xCheckReservedLock = is_reserved,
    .xFileControl = control,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = nullptr,
    .xShmLock = nullptr,
    .xShmBarrier = nullptr,
    .xShmUnmap = nullptr,
    .xFetch = nullptr,
    .xUnfetch = nullptr,
};

sqlite3_vfs* usual() { return sqlite3_vfs_find(nullptr); }

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* got) {
  sqlite3_vfs* const vfs = usual();
  if ((flags & SQLITE_OPEN_WAL) == 0) return vfs->xOpen(vfs, name, file, flags, got);
  auto* const log = new (file) Log{};
  log->real = reinterpret_cast<sqlite3_file*>(log + 1);
  const int failed = vfs->xOpen(vfs, name, log->real, flags, got);
  if (log->real->pMethods != nullptr) log->as_file.pMethods = &kMethods;
  return failed;
}

}  // namespace

const std::string& vfs_of_log_pieces() {
  static const std::string kName = "log-pieces";
  static sqlite3_vfs vfs = [] {
    sqlite3_vfs made = *usual();
    made.zName = kName.c_str();
    made.szOsFile += static_cast<int>(sizeof(Log));
    made.pNext = nullptr;
    made.xOpen = open;
    return made;
  }();
  [[maybe_unused]] static const int registered = sqlite3_vfs_register(&vfs, 0);
  return kName;
}

}  // namespace ringback::sqlite
