#include "tests/conformance/archive_suite.hpp"

#include <catch2/catch.hpp>
#include <fstream>

namespace ringback::conformance {
namespace {

const TimePoint kNow{Seconds{1'795'000'000}};
const std::string kKey = "2026/11/21/callback_recording.wav";

ArchiveOutcome stored(ArchiveFixture& f, const std::string& key, const std::string& text) {
  ArchiveItem item{.key = key, .file = f.folder + "/item", .audio = {AudioType::wav, 0, {}}};
  item.audio.bytes = static_cast<std::int64_t>(text.size());
  std::ofstream(item.file, std::ios::binary) << text;
  auto step = f.archive->store(item, kNow);
  if (auto* done = std::get_if<ArchiveOutcome>(&step)) return *done;
  return f.archive->read_stored(f.carry(std::get<HttpRequest>(step), item.file));
}

ArchiveOutcome removed(ArchiveFixture& f, const std::string& key) {
  auto step = f.archive->remove(key, kNow);
  if (auto* done = std::get_if<ArchiveOutcome>(&step)) return *done;
  return f.archive->read_removed(f.carry(std::get<HttpRequest>(step), ""));
}

}  // namespace

void check_archive(ArchiveFixture& f) {
  using Kind = ArchiveOutcome::Kind;
  CHECK_FALSE(f.archive->name().empty());
  CHECK_FALSE(f.content(kKey));
  const std::string sound("RIFF\0\1\2\xFFsound", 13);
  REQUIRE(stored(f, kKey, sound).kind == Kind::done);
  CHECK(f.content(kKey) == sound);
  // A crash may make us do it again: one copy, whole.
  REQUIRE(stored(f, kKey, sound + "!").kind == Kind::done);
  CHECK(f.content(kKey) == sound + "!");
  REQUIRE(stored(f, "2026/11/21/other.mp3", "ID3").kind == Kind::done);
  REQUIRE(removed(f, kKey).kind == Kind::done);
  CHECK_FALSE(f.content(kKey));
  CHECK(f.content("2026/11/21/other.mp3") == "ID3");
  CHECK(removed(f, kKey).kind == Kind::done);  // what is not there need not be removed
  CHECK(removed(f, "1999/01/01/never.wav").kind == Kind::done);
}

}  // namespace ringback::conformance
