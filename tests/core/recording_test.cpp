// The way of a recording: tries, waits, dead letters, and where the copy lies.
#include "core/domain/recording.hpp"

#include <catch2/catch.hpp>

using namespace ringback;

namespace {

const TimePoint kHeard{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} +
                       std::chrono::hours(13)};
const RecordingTimes kTimes;

Recording heard_of() {
  Recording recording;
  recording.id = *RecordingId::from_text("0193a5c0-0000-7000-8000-000000000001");
  recording.callback = *CallbackId::from_text("0193a5c0-0000-7000-8000-0000000000aa");
  recording.known_at = kHeard;
  recording.due = kHeard;
  return recording;
}

Recording tried(const Recording& recording) { return *claimed(recording, *recording.due, kTimes); }

// Fails with the same fault until nobody tries any more; how often that was, and for how long.
struct Story {
  Recording last;
  int tries = 0;
  Millis took{0};
};
Story failing(RecordingFault fault) {
  Story story{heard_of()};
  TimePoint now = kHeard;
  while (story.last.due) {
    now = *story.last.due;
    story.last = *settled(tried(story.last), ++story.tries, fault, now, kTimes);
    REQUIRE(story.tries < 2'000);
  }
  story.took = now - kHeard;
  return story;
}

std::string wave(std::uint32_t length) {
  std::string text = "RIFF....WAVE";
  for (std::size_t i = 0; i < 4; ++i) text[4 + i] = static_cast<char>(length >> (8 * i) & 0xFFU);
  return text;
}

}  // namespace

TEST_CASE("recording: it is claimed when it is due, and again only when the lease is over",
          "[recording]") {
  const auto known = heard_of();
  CHECK_FALSE(claimed(known, kHeard - Millis(1), kTimes));
  const auto first = claimed(known, kHeard, kTimes);
  REQUIRE(first);
  CHECK(first->state == RecordingState::fetching);
  CHECK(first->tries == 1);
  CHECK_FALSE(claimed(*first, kHeard + Seconds(1), kTimes));
  const auto second = claimed(*first, kHeard + kTimes.lease, kTimes);
  REQUIRE(second);
  CHECK(second->tries == 2);
}

TEST_CASE("recording: what came of an older try changes nothing", "[recording]") {
  const auto first = tried(heard_of());
  const auto second = tried(first);
  CHECK_FALSE(settled(second, first.tries, AudioFacts{}, kHeard));
  CHECK_FALSE(settled(second, first.tries, RecordingFault::not_there, kHeard, kTimes));
  const auto archived = settled(second, second.tries, AudioFacts{AudioType::wav, 9, {}}, kHeard);
  REQUIRE(archived);
  CHECK(archived->state == RecordingState::archived);
  CHECK_FALSE(archived->due);
  CHECK_FALSE(settled(*archived, second.tries, RecordingFault::not_there, kHeard, kTimes));
  CHECK_FALSE(claimed(*archived, kHeard + Minutes(999), kTimes));
}

TEST_CASE("recording: waits double up to the longest", "[recording]") {
  auto now = settled(tried(heard_of()), 1, RecordingFault::carrier_unavailable, kHeard, kTimes);
  REQUIRE(now);
  CHECK(now->state == RecordingState::known);
  CHECK(*now->due == kHeard + Seconds(5));
  const TimePoint later = *now->due;
  now = settled(tried(*now), 2, RecordingFault::carrier_unavailable, later, kTimes);
  CHECK(*now->due == later + Seconds(10));
  for (int no = 3; no < 20; ++no)
    now = settled(tried(*now), no, RecordingFault::carrier_unavailable, later, kTimes);
  CHECK(*now->due == later + kTimes.longest_retry);
}

TEST_CASE("recording: each fault has its own patience", "[recording]") {
  SECTION("a file that is not there yet is asked for again for at least a quarter of an hour") {
    const auto story = failing(RecordingFault::not_there);
    CHECK(story.last.state == RecordingState::dead);
    CHECK(story.took >= Minutes(15));
  }
  SECTION("a refusal is the operator's to mend: it is told within minutes") {
    for (const auto fault : {RecordingFault::carrier_refused, RecordingFault::archive_refused}) {
      const auto story = failing(fault);
      CHECK(story.last.fault == fault);
      CHECK(story.took <= Minutes(5));
      CHECK(story.tries == 5);
    }
  }
  SECTION("what is too large will not shrink") {
    CHECK(failing(RecordingFault::too_large).tries == 1);
  }
  SECTION("an outage is waited out for days, not for ever") {
    const auto story = failing(RecordingFault::archive_unavailable);
    CHECK(story.took >= kTimes.give_up);
    CHECK(story.took <= kTimes.give_up + kTimes.longest_retry);
  }
}

TEST_CASE("recording: an outage before does not use up the patience with a refusal",
          "[recording]") {
  Recording now = heard_of();
  int no = 0;
  for (int i = 0; i < 30; ++i)
    now = *settled(tried(now), ++no, RecordingFault::archive_unavailable, kHeard, kTimes);
  now = *settled(tried(now), ++no, RecordingFault::archive_refused, kHeard, kTimes);
  CHECK(now.state == RecordingState::known);
  CHECK(*now.due == kHeard + kTimes.first_retry);
}

TEST_CASE("recording: a start gives dead letters another chance and ends the leases of the dead",
          "[recording]") {
  const auto dead = failing(RecordingFault::archive_refused).last;
  const auto again = revived(dead, kHeard + Minutes(60));
  REQUIRE(again);
  CHECK(again->state == RecordingState::known);
  CHECK(*again->due == kHeard + Minutes(60));
  const auto once_more =
      settled(tried(*again), dead.tries + 1, RecordingFault::archive_refused, kHeard, kTimes);
  CHECK(once_more->state == RecordingState::known);

  const auto leased = tried(heard_of());
  CHECK(*revived(leased, kHeard + Seconds(1))->due == kHeard + Seconds(1));
  CHECK_FALSE(revived(heard_of(), kHeard));
  const auto archived = settled(leased, 1, AudioFacts{}, kHeard);
  CHECK_FALSE(revived(*archived, kHeard));
}

TEST_CASE("recording: the copy lies by day and callback, at the same place for each try",
          "[recording]") {
  Recording recording = heard_of();
  const auto key = archive_key(recording, AudioType::wav);
  CHECK(key ==
        "2026/11/21/0193a5c0-0000-7000-8000-0000000000aa_"
        "0193a5c0-0000-7000-8000-000000000001.wav");
  recording.tries = 7;
  CHECK(archive_key(recording, AudioType::wav) == key);
  // A copy may be there although nobody wrote down of which type.
  CHECK(archive_keys(recording).size() == 2);
  recording.audio.type = AudioType::mp3;
  CHECK(archive_keys(recording) == std::vector{archive_key(recording, AudioType::mp3)});
}

TEST_CASE("recording: only audio is taken for audio", "[recording]") {
  CHECK(audio_type(wave(100), 108) == AudioType::wav);
  CHECK(audio_type(wave(100), 109) == AudioType::wav);
  CHECK(audio_type(wave(100), 107) == AudioType::none);  // cut short
  CHECK(audio_type(wave(0), 12) == AudioType::wav);      // written as it came
  CHECK(audio_type(wave(0xFFFFFFFF), 5'000) == AudioType::wav);
  CHECK(audio_type(std::string("ID3\x04", 4), 400) == AudioType::mp3);
  CHECK(audio_type("\xFF\xFB\x90\x64", 400) == AudioType::mp3);
  CHECK(audio_type("\xFF\xE1", 400) == AudioType::none);  // no such layer
  CHECK(audio_type("", 0) == AudioType::none);
  CHECK(audio_type("\xFF", 1) == AudioType::none);
  CHECK(audio_type("RIFF", 4) == AudioType::none);
  CHECK(audio_type("RIFF....AVI LIST", 400) == AudioType::none);
  CHECK(audio_type("<!doctype html>", 400) == AudioType::none);
  CHECK(audio_type("{\"code\":20404}", 400) == AudioType::none);
}
