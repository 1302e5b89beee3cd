#include "adapters/archive/directory/directory_archive.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace ringback {
namespace {

namespace fs = std::filesystem;
using Kind = ArchiveOutcome::Kind;

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr std::size_t kPiece = 64UL * 1024;
constexpr std::string_view kUnfinished = ".part";

class File {
 public:
  File(const std::string& path, int flags)
      : fd_(::open(path.c_str(), flags | O_CLOEXEC, kPrivateFile)) {}
  ~File() {
    if (fd_ >= 0) ::close(fd_);
  }
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  bool is_open() const { return fd_ >= 0; }
  int fd() const { return fd_; }

 private:
  int fd_;
};

// Rights are the operator's to mend; everything else (no room, a disk that is gone) may pass.
ArchiveOutcome failure(std::string_view what, int code) {
  const bool rights = code == EACCES || code == EPERM || code == EROFS;
  return {rights ? Kind::refused : Kind::unavailable,
          fmt::format("{}: {}", what, std::generic_category().message(code))};
}

bool sync_folder(const fs::path& folder) {
  const File file(folder.string(), O_RDONLY | O_DIRECTORY);
  return file.is_open() && ::fsync(file.fd()) == 0;
}

// Each new folder's name is on disk before anything in it counts.
int make_folders(const fs::path& folder) {
  std::error_code hidden;  // a folder that may not be looked into, for one
  if (folder.empty() || fs::exists(folder, hidden)) return 0;
  if (hidden) return hidden.value();
  if (const int code = make_folders(folder.parent_path()); code != 0) return code;
  if (::mkdir(folder.c_str(), kPrivateFolder) != 0 && errno != EEXIST) return errno;
  const auto parent = folder.has_parent_path() ? folder.parent_path() : fs::path(".");
  return sync_folder(parent) ? 0 : errno;
}

bool write_all(int fd, const char* bytes, std::size_t size) {
  while (size > 0) {
    const auto written = ::write(fd, bytes, size);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes += written;
    size -= static_cast<std::size_t>(written);
  }
  return true;
}

int copy(const std::string& from, const std::string& to) {
  const File in(from, O_RDONLY);
  if (!in.is_open()) return errno;
  const File out(to, O_WRONLY | O_CREAT | O_TRUNC);
  if (!out.is_open()) return errno;
  std::array<char, kPiece> piece{};
  for (;;) {
    const auto size = ::read(in.fd(), piece.data(), piece.size());
    if (size < 0 && errno == EINTR) continue;
    if (size < 0) return errno;
    if (size == 0) break;
    if (!write_all(out.fd(), piece.data(), static_cast<std::size_t>(size))) return errno;
  }
  return ::fsync(out.fd()) == 0 ? 0 : errno;
}

}  // namespace

Result<std::unique_ptr<DirectoryArchive>> DirectoryArchive::open(const std::string& folder) {
  const auto wrong = [&](int code) {
    return Error{Errc::invalid_input,
                 fmt::format("recording.dir {} cannot be written ({}); no recording could be kept: "
                             "make it, and let this user write there",
                             folder, std::generic_category().message(code))};
  };
  std::error_code ignored;
  auto path = fs::absolute(folder, ignored);
  // "recordings/" is "recordings": remove() knows this folder by its name, and leaves it alone.
  if (!path.has_filename()) path = path.parent_path();
  if (const int code = make_folders(path); code != 0) return wrong(code);
  if (::access(path.c_str(), R_OK | W_OK | X_OK) != 0) return wrong(errno);
  return std::unique_ptr<DirectoryArchive>(new DirectoryArchive(path.string()));
}

ArchiveStep DirectoryArchive::store(const ArchiveItem& item, TimePoint) {
  const fs::path to = fs::path(folder_) / item.key;
  if (const int code = make_folders(to.parent_path()); code != 0)
    return failure("the folder could not be made", code);
  const auto unfinished = to.string() + std::string(kUnfinished);
  if (const int code = copy(item.file, unfinished); code != 0) {
    ::unlink(unfinished.c_str());
    return failure("the copy could not be written", code);
  }
  if (::rename(unfinished.c_str(), to.c_str()) != 0 || !sync_folder(to.parent_path()))
    return failure("the copy could not be given its name", errno);
  return ArchiveOutcome{Kind::done, ""};
}

ArchiveStep DirectoryArchive::remove(const std::string& key, TimePoint) {
  const fs::path path = fs::path(folder_) / key;
  const auto unfinished = path.string() + std::string(kUnfinished);
  for (const auto& one : {path.string(), unfinished})
    if (::unlink(one.c_str()) != 0 && errno != ENOENT && errno != ENOTDIR)
      return failure("the copy could not be deleted", errno);
  // Days that are empty now go with their last copy.
  std::error_code ignored;
  auto folder = path.parent_path();
  if (fs::exists(folder, ignored) && !sync_folder(folder))
    return failure("the folder could not be brought to disk", errno);
  for (; folder != fs::path(folder_) && folder.has_parent_path(); folder = folder.parent_path())
    if (::rmdir(folder.c_str()) != 0) break;
  return ArchiveOutcome{Kind::done, ""};
}

// Nothing is asked over the network, so nothing is answered.
ArchiveOutcome DirectoryArchive::read_stored(const HttpResponse&) const {
  return {Kind::unavailable, "a directory sends no answers"};
}
ArchiveOutcome DirectoryArchive::read_removed(const HttpResponse& response) const {
  return read_stored(response);
}

}  // namespace ringback
