// Brings recordings from the carrier into the archive, and deletes the copies when their time is
// over. One thread, a few recordings side by side; files are read and written here, so nobody else
// waits for a disk.
//
// The carrier's credentials go only to the hosts that its codec names, on public addresses. What
// was not marked as archived is done again after a crash, to the same place.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <thread>

#include "app/http/wakeup.hpp"
#include "app/observe/metrics.hpp"
#include "app/outbound/https_client.hpp"
#include "app/recordings/spool.hpp"
#include "app/runtime/store_thread.hpp"
#include "core/ports/recording_archive.hpp"
#include "core/usecases/keep_recordings.hpp"

namespace ringback {

struct ArchivistOptions {
  bool development = false;  // carrier and archive may be on loopback, without TLS
  Millis retention{std::chrono::days(90)};
  Millis deadline{Minutes(10)};  // for one fetch, and for one upload
  Millis housekeeping{Seconds(60)};
  std::string spool;
  // What waits there for an archive that is down: beside the database, whose disk must not fill up.
  std::int64_t most_spooled = 1LL << 30;
};

class Archivist {
 public:
  Archivist(StoreThread& store, Switchboard& board, RecordingArchive& archive, Metrics& metrics,
            ArchivistOptions options);
  ~Archivist();
  Archivist(const Archivist&) = delete;
  Archivist& operator=(const Archivist&) = delete;

  Result<void> start();
  void wake();  // a recording was heard of; any thread
  // Begins nothing new; what is on its way is broken off after so long, and done again at the next
  // start.
  void stop(Millis deadline);

 private:
  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> revive();
  boost::asio::awaitable<void> carry(Recording recording);
  boost::asio::awaitable<RecordingResult> keep(const Recording& recording);
  boost::asio::awaitable<RecordingResult> fetch(const Recording& recording);
  boost::asio::awaitable<RecordingFault> store_copy(const Recording& recording,
                                                    const AudioFacts& audio);
  boost::asio::awaitable<void> settle(const Recording& recording, const RecordingResult& result);
  boost::asio::awaitable<void> retire_old();
  using Accounts = std::set<std::string>;
  boost::asio::awaitable<bool> retire(const Recording& recording, Accounts& silent);
  boost::asio::awaitable<bool> delete_at_carrier(const Recording& recording, Accounts& silent);
  boost::asio::awaitable<ArchiveOutcome> remove_copy(const std::string& key);

  const Carrier* carrier_of(const Recording& recording) const;
  SendOptions options_for(Millis deadline) const;
  void note(const Recording& recording, const std::string& detail) const;

  StoreThread& store_;
  Switchboard& board_;
  RecordingArchive& archive_;
  Metrics& metrics_;
  ArchivistOptions options_;
  Spool spool_;
  HttpsClient client_;
  boost::asio::io_context context_{1};
  std::shared_ptr<http::Wakeup> bell_;
  std::thread thread_;
  std::atomic<bool> stopping_{false};
  std::chrono::steady_clock::time_point retired_at_{};
  RecordingPlace retired_to_;
  // Only the loop's thread, once it runs.
  bool running_ = false;
  int in_flight_ = 0;
};

}  // namespace ringback
