// Both archives through one suite, and what each has of its own.
#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "adapters/archive/directory/directory_archive.hpp"
#include "adapters/archive/s3/s3_archive.hpp"
#include "tests/conformance/archive_suite.hpp"

using namespace ringback;
using namespace ringback::conformance;
using Kind = ArchiveOutcome::Kind;

namespace {

namespace fs = std::filesystem;

class Folder {
 public:
  Folder() {
    char name[] = "/tmp/ringback-archive-XXXXXX";
    path = ::mkdtemp(name);
  }
  ~Folder() { fs::remove_all(path); }
  std::string path;
};

std::optional<std::string> read(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  if (!in) return std::nullopt;
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

mode_t rights(const std::string& path) {
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  return about.st_mode & 0777U;
}

s3::S3Settings bucket(bool path_style) {
  return {.endpoint = "http://127.0.0.1:9000",
          .bucket = "calls",
          .prefix = "ringback/",
          .path_style = path_style,
          .key = {"key", "secret", "us-east-1"}};
}

// A bucket in memory; knows its own place.
struct PretendBucket {
  std::map<std::string, std::string> objects;

  HttpResponse answer(const HttpRequest& letter, const std::string& file) {
    CHECK_FALSE(header_of(letter.headers, "Authorization").empty());
    const std::string place = "http://127.0.0.1:9000/calls/ringback/";
    REQUIRE(letter.url.substr(0, place.size()) == place);
    const auto key = letter.url.substr(place.size());
    if (letter.method == "PUT") {
      objects[key] = read(file).value();
      return {200, {}, ""};
    }
    REQUIRE(letter.method == "DELETE");
    return {objects.erase(key) == 0 ? 404 : 204, {}, "<Error><Code>NoSuchKey</Code></Error>"};
  }
};

ArchiveOutcome said(int status, const std::string& code) {
  const s3::S3Archive archive(bucket(true));
  return archive.read_stored({status, {}, "<Error><Code>" + code + "</Code></Error>"});
}

}  // namespace

TEST_CASE("a directory is an archive", "[archive]") {
  const Folder folder;
  auto archive = DirectoryArchive::open(folder.path + "/recordings");
  REQUIRE(archive.has_value());
  ArchiveFixture fixture{
      .archive = std::move(*archive), .folder = folder.path, .carry = {}, .content = {}};
  fixture.content = [&](const std::string& key) {
    return read(folder.path + "/recordings/" + key);
  };
  check_archive(fixture);
}

TEST_CASE("a bucket is an archive", "[archive]") {
  const Folder folder;
  PretendBucket pretend;
  ArchiveFixture fixture{.archive = std::make_unique<s3::S3Archive>(bucket(true)),
                         .folder = folder.path,
                         .carry = {},
                         .content = {}};
  fixture.carry = [&](const HttpRequest& letter, const std::string& file) {
    return pretend.answer(letter, file);
  };
  fixture.content = [&](const std::string& key) -> std::optional<std::string> {
    const auto found = pretend.objects.find(key);
    if (found == pretend.objects.end()) return std::nullopt;
    return found->second;
  };
  check_archive(fixture);
}

TEST_CASE("a directory keeps its copies to itself", "[archive]") {
  const Folder folder;
  const auto archive = std::move(*DirectoryArchive::open(folder.path + "/deep/recordings"));
  std::ofstream(folder.path + "/item") << "ID3";
  ArchiveItem item{"2026/11/21/a.mp3", folder.path + "/item", {AudioType::mp3, 3, {}}};
  REQUIRE(std::get<ArchiveOutcome>(archive->store(item, {})).kind == Kind::done);
  const auto root = folder.path + "/deep/recordings";
  CHECK(rights(root) == 0700);
  CHECK(rights(root + "/2026/11/21") == 0700);
  CHECK(rights(root + "/2026/11/21/a.mp3") == 0600);
  SECTION("a half copy of an earlier try goes with the copy, and empty days go, too") {
    std::ofstream(root + "/2026/11/21/a.mp3.part") << "I";
    REQUIRE(std::get<ArchiveOutcome>(archive->remove(item.key, {})).kind == Kind::done);
    CHECK(fs::is_empty(root));
  }
  SECTION("what cannot be read is not a copy") {
    item.file = folder.path + "/nothing";
    item.key = "2026/11/21/b.mp3";
    CHECK(std::get<ArchiveOutcome>(archive->store(item, {})).kind == Kind::unavailable);
    CHECK_FALSE(fs::exists(root + "/2026/11/21/b.mp3"));
    CHECK_FALSE(fs::exists(root + "/2026/11/21/b.mp3.part"));
  }
}

TEST_CASE("a directory stays when its last copy goes, however it is written", "[archive]") {
  const Folder folder;
  const auto root = folder.path + "/recordings";
  const auto archive = std::move(*DirectoryArchive::open(root + "/"));
  std::ofstream(folder.path + "/item") << "ID3";
  const ArchiveItem item{"2026/11/21/a.mp3", folder.path + "/item", {AudioType::mp3, 3, {}}};
  REQUIRE(std::get<ArchiveOutcome>(archive->store(item, {})).kind == Kind::done);
  REQUIRE(std::get<ArchiveOutcome>(archive->remove(item.key, {})).kind == Kind::done);
  REQUIRE(fs::exists(root));
  CHECK(fs::is_empty(root));
}

TEST_CASE("a directory that cannot be is refused with what to do", "[archive]") {
  const Folder folder;
  std::ofstream(folder.path + "/file") << "x";
  const auto opened = DirectoryArchive::open(folder.path + "/file/below");
  REQUIRE(opened.has_error());
  CHECK(opened.error().detail.find("recording.dir") != std::string::npos);
  // Whether it is there cannot even be asked.
  fs::create_symlink("round", folder.path + "/round");
  REQUIRE(DirectoryArchive::open(folder.path + "/round/below").has_error());
}

TEST_CASE("a bucket stands in the path or in the host name", "[archive]") {
  const auto url = [](bool path_style) {
    auto settings = bucket(path_style);
    settings.endpoint = "https://s3.eu-central-1.amazonaws.com";
    s3::S3Archive archive(settings);
    return std::get<HttpRequest>(archive.remove("2026/a b.wav", {})).url;
  };
  CHECK(url(true) == "https://s3.eu-central-1.amazonaws.com/calls/ringback/2026/a%20b.wav");
  CHECK(url(false) == "https://calls.s3.eu-central-1.amazonaws.com/ringback/2026/a%20b.wav");
}

TEST_CASE("a bucket's answers: what is ours to mend, what passes by itself", "[archive]") {
  CHECK(said(200, "").kind == Kind::done);
  const auto refused = said(403, "SignatureDoesNotMatch");
  CHECK(refused.kind == Kind::refused);
  CHECK(refused.detail == "the archive answered 403 SignatureDoesNotMatch");
  CHECK(said(404, "NoSuchBucket").kind == Kind::refused);
  CHECK(said(400, "BadDigest").kind == Kind::refused);
  CHECK(said(301, "PermanentRedirect").kind == Kind::refused);
  CHECK(said(400, "RequestTimeout").kind == Kind::unavailable);
  CHECK(said(503, "SlowDown").kind == Kind::unavailable);
  CHECK(said(500, "InternalError").kind == Kind::unavailable);
  CHECK(said(429, "").kind == Kind::unavailable);
  // A stranger's page does not get into the log.
  CHECK(said(403, "<b>Call +12025550123 now").detail == "the archive answered 403");

  const s3::S3Archive archive(bucket(true));
  CHECK(archive.look({}).url == "http://127.0.0.1:9000/calls?max-keys=0");
  CHECK(archive.read_looked({200, {}, ""}).kind == Kind::done);
  CHECK(archive.read_looked({403, {}, "<Code>AccessDenied</Code>"}).kind == Kind::done);
  CHECK(archive.read_looked({403, {}, "<Code>InvalidAccessKeyId</Code>"}).kind == Kind::refused);
  CHECK(archive.read_removed({204, {}, ""}).kind == Kind::done);
  CHECK(archive.read_removed({404, {}, "<Code>NoSuchBucket</Code>"}).kind == Kind::refused);
  CHECK(archive.read_removed({503, {}, ""}).kind == Kind::unavailable);
}
