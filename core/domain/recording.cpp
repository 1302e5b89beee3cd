#include "core/domain/recording.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace ringback {
namespace {

// How often the same fault is tried again; without a number, until the time to give up.
constexpr int kUntilGivenUp = 0;

struct FaultRow {
  RecordingFault fault;
  std::string_view word;
  int most_tries;
  std::string_view advice;
};

// Nine tries with doubled waits are twenty minutes: carriers take up to fifteen to finish a file.
constexpr std::array<FaultRow, 8> kFaults{{
    {RecordingFault::none, "", 1, ""},
    {RecordingFault::not_there, "not_there", 9, "look for it in the carrier's console"},
    {RecordingFault::carrier_refused, "carrier_refused", 5,
     "check the carrier account's credentials, then restart"},
    {RecordingFault::carrier_unavailable, "carrier_unavailable", kUntilGivenUp,
     "wait for the carrier, then restart"},
    {RecordingFault::not_audio, "not_audio", 4, "listen to it in the carrier's console"},
    {RecordingFault::too_large, "too_large", 1, "download it in the carrier's console"},
    {RecordingFault::archive_refused, "archive_refused", 5,
     "check recording.s3.* (keys, bucket, region) or the rights on recording.dir, then restart"},
    {RecordingFault::archive_unavailable, "archive_unavailable", kUntilGivenUp,
     "bring the archive back, then restart"},
}};

const FaultRow& row_of(RecordingFault fault) { return kFaults[static_cast<std::size_t>(fault)]; }

bool gives_up(const Recording& recording, RecordingFault fault, TimePoint now,
              const RecordingTimes& times) {
  const int most = row_of(fault).most_tries;
  if (most == kUntilGivenUp) return now - recording.known_at >= times.give_up;
  return recording.repeats >= most;
}

Millis pause_after(int repeats, const RecordingTimes& times) {
  Millis pause = times.first_retry;
  for (int i = 1; i < repeats && pause < times.longest_retry; ++i) pause *= 2;
  return std::min(pause, times.longest_retry);
}

// What was written while it was made may not know its own length.
bool is_whole_wave(std::string_view first, std::int64_t bytes) {
  constexpr std::uint32_t kNotKnown = 0xFFFFFFFF;
  constexpr std::int64_t kBeforeLength = 8;
  std::uint32_t told = 0;
  for (std::size_t i = 0; i < 4; ++i)
    told |= static_cast<std::uint32_t>(static_cast<unsigned char>(first[4 + i])) << (8U * i);
  return told == 0 || told == kNotKnown || bytes >= static_cast<std::int64_t>(told) + kBeforeLength;
}

bool is_try(const Recording& recording, int tries) {
  return recording.state == RecordingState::fetching && recording.tries == tries;
}

}  // namespace

std::optional<Recording> claimed(const Recording& recording, TimePoint now,
                                 const RecordingTimes& times) {
  const bool open =
      recording.state == RecordingState::known || recording.state == RecordingState::fetching;
  if (!open || !recording.due || *recording.due > now) return std::nullopt;
  Recording next = recording;
  next.state = RecordingState::fetching;
  ++next.tries;
  next.due = now + times.lease;
  return next;
}

std::optional<Recording> settled(const Recording& now_stored, int tries, const AudioFacts& audio,
                                 TimePoint now) {
  if (!is_try(now_stored, tries)) return std::nullopt;
  Recording next = now_stored;
  next.state = RecordingState::archived;
  next.fault = RecordingFault::none;
  next.repeats = 0;
  next.due.reset();
  next.archived_at = now;
  next.audio = audio;
  return next;
}

std::optional<Recording> settled(const Recording& now_stored, int tries, RecordingFault fault,
                                 TimePoint now, const RecordingTimes& times) {
  if (!is_try(now_stored, tries)) return std::nullopt;
  Recording next = now_stored;
  next.repeats = next.fault == fault ? next.repeats + 1 : 1;
  next.fault = fault;
  if (gives_up(next, fault, now, times)) {
    next.state = RecordingState::dead;
    next.due.reset();
  } else {
    next.state = RecordingState::known;
    next.due = now + pause_after(next.repeats, times);
  }
  return next;
}

std::optional<Recording> revived(const Recording& recording, TimePoint now) {
  if (recording.state != RecordingState::fetching && recording.state != RecordingState::dead)
    return std::nullopt;
  Recording next = recording;
  next.repeats = 0;
  next.state = RecordingState::known;
  next.due = now;
  return next;
}

std::string archive_key(const Recording& recording, AudioType type) {
  const std::chrono::year_month_day day{std::chrono::floor<std::chrono::days>(recording.known_at)};
  return fmt::format("{:04}/{:02}/{:02}/{}_{}.{}", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     recording.callback.text(), recording.id.text(),
                     type == AudioType::mp3 ? "mp3" : "wav");
}

std::vector<std::string> archive_keys(const Recording& recording) {
  if (recording.audio.type != AudioType::none)
    return {archive_key(recording, recording.audio.type)};
  return {archive_key(recording, AudioType::wav), archive_key(recording, AudioType::mp3)};
}

AudioType audio_type(std::string_view first, std::int64_t bytes) {
  if (first.substr(0, 4) == "RIFF" && first.size() >= kAudioMagic && first.substr(8, 4) == "WAVE")
    return is_whole_wave(first, bytes) ? AudioType::wav : AudioType::none;
  if (first.substr(0, 3) == "ID3") return AudioType::mp3;
  // An MPEG frame begins with eleven set bits, and names a layer that there is.
  if (first.size() >= 2 && first[0] == '\xFF') {
    const auto second = static_cast<unsigned char>(first[1]);
    if ((second & 0xE0U) == 0xE0U && (second & 0x06U) != 0) return AudioType::mp3;
  }
  return AudioType::none;
}

std::string_view media_type(AudioType type) {
  return type == AudioType::mp3 ? "audio/mpeg" : "audio/wav";
}

std::string_view word(RecordingState state) {
  constexpr std::array<std::string_view, 5> kStates{"known", "fetching", "archived", "absent",
                                                    "dead"};
  return kStates[static_cast<std::size_t>(state)];
}

std::string_view word(RecordingFault fault) { return row_of(fault).word; }
std::string_view advice(RecordingFault fault) { return row_of(fault).advice; }

}  // namespace ringback
