#include "app/recordings/spool.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <stdexcept>
#include <system_error>

namespace ringback {
namespace {

namespace fs = std::filesystem;

constexpr mode_t kPrivateFolder = 0700;
constexpr mode_t kPrivateFile = 0600;
constexpr std::size_t kPiece = 64UL * 1024;

// What a carrier may call its audio. Without a type the first bytes alone decide, as they do after
// this in any case.
bool may_be_audio(std::string_view header) {
  std::string type(header.substr(0, header.find(';')));
  for (char& c : type)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return type.empty() || type.starts_with("audio/") || type == "application/octet-stream" ||
         type == "binary/octet-stream";
}

}  // namespace

Result<void> Spool::clear() {
  std::error_code ec;
  fs::remove_all(folder_, ec);
  if (!ec && ::mkdir(folder_.c_str(), kPrivateFolder) == 0) return {};
  const auto why = ec ? ec.message() : std::generic_category().message(errno);
  return Error{Errc::storage_failed,
               fmt::format("the folder {} for recordings on their way cannot be made ({}); nothing "
                           "is fetched: let this user write there",
                           folder_, why)};
}

std::string Spool::file_of(const RecordingId& id) const { return folder_ + "/" + id.text(); }

std::optional<AudioFacts> Spool::facts_of(const RecordingId& id) const {
  std::error_code ec;
  const auto size = fs::file_size(file_of(id), ec);
  if (ec) return std::nullopt;
  SpoolReader reader(file_of(id), static_cast<std::int64_t>(size));
  AudioSum sum;
  for (std::string part; reader.read(part);) {
    if (part.empty()) return sum.facts();
    sum.add(part);
  }
  return std::nullopt;
}

void Spool::remove(const RecordingId& id) const {
  ::unlink(file_of(id).c_str());
  ::unlink(part_of(id).c_str());
}

std::int64_t Spool::bytes() const {
  std::int64_t sum = 0;
  std::error_code ec;
  for (fs::directory_iterator at(folder_, ec), end; !ec && at != end; at.increment(ec)) {
    std::error_code gone;
    const auto size = at->file_size(gone);
    if (!gone) sum += static_cast<std::int64_t>(size);
  }
  return sum;
}

// ---- the sum ---------------------------------------------------------------------------------

AudioSum::AudioSum() : context_(EVP_MD_CTX_new()) {
  if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1)
    throw std::runtime_error("OpenSSL has no SHA-256");
}

void AudioSum::add(std::string_view part) {
  if (first_.size() < kAudioMagic) first_ += part.substr(0, kAudioMagic - first_.size());
  bytes_ += static_cast<std::int64_t>(part.size());
  EVP_DigestUpdate(context_.get(), part.data(), part.size());
}

AudioFacts AudioSum::facts() {
  AudioFacts facts;
  facts.type = audio_type(first_, bytes_);
  facts.bytes = bytes_;
  EVP_DigestFinal_ex(context_.get(), facts.sha256.data(), nullptr);
  return facts;
}

// ---- in --------------------------------------------------------------------------------------

SpoolWriter::SpoolWriter(const Spool& spool, const RecordingId& id, std::int64_t limit)
    : part_(spool.part_of(id)), file_(spool.file_of(id)), limit_(limit) {}

SpoolWriter::~SpoolWriter() {
  if (fd_ < 0) return;
  ::close(fd_);
  ::unlink(part_.c_str());
}

bool SpoolWriter::refuse(RecordingFault fault) {
  fault_ = fault;
  return false;
}

bool SpoolWriter::begin(const HttpResponse& head, std::optional<std::uint64_t> length) {
  if (!may_be_audio(header_of(head.headers, "Content-Type")))
    return refuse(RecordingFault::not_audio);
  if (length && *length > static_cast<std::uint64_t>(limit_))
    return refuse(RecordingFault::too_large);
  if (fd_ < 0) fd_ = ::open(part_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, kPrivateFile);
  return fd_ >= 0 || refuse(RecordingFault::archive_unavailable);
}

bool SpoolWriter::take(std::string_view part) {
  bytes_ += static_cast<std::int64_t>(part.size());
  if (bytes_ > limit_) return refuse(RecordingFault::too_large);
  sum_.add(part);
  while (!part.empty()) {
    const auto written = ::write(fd_, part.data(), part.size());
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return refuse(RecordingFault::archive_unavailable);
    part.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

std::optional<AudioFacts> SpoolWriter::finish() {
  const auto facts = sum_.facts();
  if (facts.type == AudioType::none) {
    fault_ = RecordingFault::not_audio;
    return std::nullopt;
  }
  // No fsync: after a crash of the machine it is fetched again.
  if (::rename(part_.c_str(), file_.c_str()) != 0) {
    fault_ = RecordingFault::archive_unavailable;
    return std::nullopt;
  }
  ::close(fd_);
  fd_ = -1;
  return facts;
}

// ---- out -------------------------------------------------------------------------------------

SpoolReader::SpoolReader(const std::string& file, std::int64_t size)
    : fd_(::open(file.c_str(), O_RDONLY | O_CLOEXEC)), size_(static_cast<std::uint64_t>(size)) {}

SpoolReader::~SpoolReader() {
  if (fd_ >= 0) ::close(fd_);
}

bool SpoolReader::read(std::string& part) {
  part.resize(kPiece);
  ssize_t size = -1;
  do {
    size = fd_ < 0 ? -1 : ::read(fd_, part.data(), part.size());
  } while (size < 0 && fd_ >= 0 && errno == EINTR);
  part.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return size >= 0;
}

}  // namespace ringback
