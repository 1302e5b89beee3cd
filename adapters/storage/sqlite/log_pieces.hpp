// The write-ahead log in large pieces. SQLite hands each page of a commit to the system by itself,
// in two calls that fit no page of the system's; kept together until the log is read or synced they
// cost a third. What is not synced yet is nobody's: no other connection looks at it, and a commit
// is only done when its sync was.
#pragma once

#include <string>

namespace ringback::sqlite {

// Of a VFS for connections that write; registered at the first call.
const std::string& vfs_of_log_pieces();

}  // namespace ringback::sqlite
