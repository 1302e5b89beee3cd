// One recording of a call on its way from the carrier into the archive, and the rules of that way:
// when it is tried again, when it is given up, when its copy goes. Pure: the shell fetches and
// stores, these functions say what a result means.
//
//   known -> fetching -> archived -> (the time is over) gone
//                     -> known again, later -> ... -> dead
//   absent: the carrier says that there is nothing to fetch
//
// A dead letter stays visible and is tried again after the next start of the program.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/id.hpp"
#include "core/domain/time.hpp"

namespace ringback {

using RecordingId = Id<struct RecordingTag>;

enum class RecordingState : std::uint8_t { known, fetching, archived, absent, dead };

// What kept a recording from the archive, the last time that it was tried.
enum class RecordingFault : std::uint8_t {
  none,
  not_there,            // the carrier does not have it (yet)
  carrier_refused,      // credentials, rights, an address that is not the carrier's
  carrier_unavailable,  // no answer, an error of its own, too many requests
  not_audio,            // neither WAVE nor MPEG, empty, or cut short
  too_large,
  archive_refused,      // credentials, rights, no such bucket
  archive_unavailable,  // no answer, an error of its own, no room
};

enum class AudioType : std::uint8_t { none, wav, mp3 };

// What was fetched and kept.
struct AudioFacts {
  AudioType type = AudioType::none;
  std::int64_t bytes = 0;
  Digest sha256{};

  friend bool operator==(const AudioFacts&, const AudioFacts&) = default;
};

struct Recording {
  RecordingId id;
  CallbackId callback;
  int attempt = 0;
  std::string account;  // whose credentials fetch it
  std::string call;     // the carrier's name of the business leg
  std::string ref;      // the carrier's name of the recording
  RecordingState state = RecordingState::known;
  RecordingFault fault = RecordingFault::none;
  int tries = 0;    // names each try, so it only grows
  int repeats = 0;  // tries in a row that ended with this fault
  int seconds = 0;  // as the carrier says; 0: it does not
  TimePoint known_at{};
  std::optional<TimePoint> due;  // known: the next try; fetching: the end of the lease
  std::optional<TimePoint> archived_at;
  AudioFacts audio;

  friend bool operator==(const Recording&, const Recording&) = default;
};

// The waiting times; in development they can be shorter.
struct RecordingTimes {
  Millis first_retry{Seconds(5)};  // doubled with each try, up to
  Millis longest_retry{Minutes(15)};
  Millis lease{Minutes(30)};             // longer than the slowest fetch and upload together
  Millis give_up{Minutes(3 * 24 * 60)};  // after it was heard of, for what may pass by itself

  friend bool operator==(const RecordingTimes&, const RecordingTimes&) = default;
};

// Somebody begins to fetch it. Nothing if it is not its turn.
std::optional<Recording> claimed(const Recording& recording, TimePoint now,
                                 const RecordingTimes& times);

// What came of the try that `tries` names; nothing if another try has begun since.
std::optional<Recording> settled(const Recording& now_stored, int tries, const AudioFacts& audio,
                                 TimePoint now);
std::optional<Recording> settled(const Recording& now_stored, int tries, RecordingFault fault,
                                 TimePoint now, const RecordingTimes& times);

// After a start: what was in work goes on at once, what was given up gets another chance. Nothing
// if there is nothing to do for it.
std::optional<Recording> revived(const Recording& recording, TimePoint now);

// Where the copy lies in the archive: by day, callback and recording, the same for each try.
std::string archive_key(const Recording& recording, AudioType type);
// All places at which a copy may lie: the state was perhaps not written any more.
std::vector<std::string> archive_keys(const Recording& recording);

// What a file is that begins with these bytes and has so many; none: no audio, or cut short.
AudioType audio_type(std::string_view first_bytes, std::int64_t bytes);
constexpr std::size_t kAudioMagic = 12;  // bytes that audio_type wants to see

std::string_view media_type(AudioType type);  // "audio/wav"
std::string_view word(RecordingState state);
std::string_view word(RecordingFault fault);    // none: ""
std::string_view advice(RecordingFault fault);  // for the operator: what to do

}  // namespace ringback
