#include "adapters/system/secret_file.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <optional>

namespace ringback {
namespace {

constexpr std::size_t kLargestSecret = 64 << 10;  // private keys in PEM are secrets too
constexpr std::size_t kRandomBytes = 32;

class File {
 public:
  explicit File(int descriptor) : descriptor_(descriptor) {}
  File(const File&) = delete;
  File& operator=(const File&) = delete;
  ~File() {
    if (descriptor_ >= 0) ::close(descriptor_);
  }
  int get() const noexcept { return descriptor_; }
  bool is_open() const noexcept { return descriptor_ >= 0; }

 private:
  int descriptor_;
};

Error system_error(std::string_view what, const std::string& path) {
  const int reason = errno;
  const Errc code = reason == ENOENT ? Errc::not_found : Errc::storage_failed;
  return Error{code, fmt::format("cannot {} {}: {}; nothing was changed", what, path,
                                 std::strerror(reason))};
}

std::optional<Error> unsafe(int descriptor, const std::string& path) {
  struct stat status {};
  if (::fstat(descriptor, &status) != 0) return system_error("look at", path);
  if (!S_ISREG(status.st_mode))
    return Error{Errc::invalid_input, path + " is not an ordinary file; it was not read"};
  if ((status.st_mode & (S_IRWXO | S_IWGRP)) != 0)
    return Error{Errc::invalid_input,
                 fmt::format("{} holds a secret that others may read or change; it was not read. "
                             "Type: chmod 600 {}",
                             path, path)};
  return std::nullopt;
}

void trim_line_end(std::string& text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r')) text.pop_back();
}

bool write_all(int descriptor, const std::string& text) {
  std::size_t done = 0;
  while (done < text.size()) {
    const auto n = ::write(descriptor, text.data() + done, text.size() - done);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    done += static_cast<std::size_t>(n);
  }
  return ::fsync(descriptor) == 0;
}

Result<std::string> random_hex(std::size_t bytes) {
  std::array<unsigned char, kRandomBytes> random{};
  if (RAND_bytes(random.data(), static_cast<int>(bytes)) != 1)
    return Error{Errc::unavailable, "the operating system gave no randomness; nothing was made"};
  std::string hex;
  for (std::size_t i = 0; i < bytes; ++i) hex += fmt::format("{:02x}", random[i]);
  return hex;
}

// Written under another name and then linked: the file appears whole or not at all, and a process
// that was faster wins (EEXIST is fine).
std::optional<Error> create(const std::string& path) {
  const auto secret = random_hex(kRandomBytes);
  if (!secret) return secret.error();
  const auto suffix = random_hex(8);
  if (!suffix) return suffix.error();
  const std::string draft = path + ".new-" + *suffix;
  const File file(::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
  if (!file.is_open()) {
    Error error = system_error("create", draft);
    error.code = Errc::storage_failed;  // here ENOENT is a missing folder, not a missing secret
    return error;
  }
  std::optional<Error> failed;
  if (!write_all(file.get(), *secret + "\n"))
    failed = system_error("write", draft);
  else if (::link(draft.c_str(), path.c_str()) != 0 && errno != EEXIST)
    failed = system_error("create", path);
  ::unlink(draft.c_str());
  if (failed) return failed;
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "." : path.substr(0, slash + 1);
  const File directory(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!directory.is_open() || ::fsync(directory.get()) != 0) return system_error("sync", folder);
  return std::nullopt;
}

}  // namespace

Result<Secret> read_secret_file(const std::string& path) {
  const File file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  if (!file.is_open()) return system_error("open", path);
  if (const auto problem = unsafe(file.get(), path)) return *problem;
  std::string text(kLargestSecret + 1, '\0');
  std::size_t size = 0;
  for (;;) {
    const auto n = ::read(file.get(), text.data() + size, text.size() - size);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return system_error("read", path);
    if (n == 0) break;
    size += static_cast<std::size_t>(n);
    if (size > kLargestSecret)
      return Error{Errc::invalid_input, path + " is too large for a secret; it was not used"};
  }
  text.resize(size);
  trim_line_end(text);
  if (text.empty())
    return Error{Errc::invalid_input, path + " is empty; write the secret into it, or remove it"};
  Secret secret(text);
  OPENSSL_cleanse(text.data(), text.size());
  return secret;
}

Result<Secret> load_or_create_secret(const std::string& path) {
  auto existing = read_secret_file(path);
  if (existing || existing.error().code != Errc::not_found) return existing;
  if (const auto failed = create(path)) return *failed;
  return read_secret_file(path);
}

}  // namespace ringback
