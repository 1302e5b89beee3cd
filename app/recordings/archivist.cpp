#include "app/recordings/archivist.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/url/parse.hpp>
#include <boost/url/url_view.hpp>

#include "app/observe/log.hpp"

namespace ringback {
namespace {

namespace asio = boost::asio;
using Steady = std::chrono::steady_clock;

constexpr int kMostAtOnce = 4;
constexpr int kMostRetired = 50;  // in one round
constexpr int kMostRedirects = 3;
constexpr std::size_t kAnswerLimit = 64UL * 1024;  // of what is not audio
constexpr Millis kDeletion{Seconds(30)};  // nothing large is sent, and the loop waits for it
constexpr Millis kLongestSleep{Seconds(5)};
constexpr Millis kStoreTrouble{Seconds(1)};

asio::awaitable<void> pause(Millis time) {
  asio::steady_timer timer(co_await asio::this_coro::executor, time);
  boost::system::error_code ignored;
  co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
}

// Signatures tell the wall's time, not that of the store.
TimePoint wall_clock() { return std::chrono::floor<Millis>(std::chrono::system_clock::now()); }

bool will_pass(const Error& error) {
  return error.code == Errc::storage_failed || error.code == Errc::overloaded;
}

// What an answer without audio says.
RecordingFault fault_of(int status) {
  if (status == 404 || status == 410) return RecordingFault::not_there;
  if (status == 408 || status == 429 || status >= 500) return RecordingFault::carrier_unavailable;
  return RecordingFault::carrier_refused;
}

RecordingFault fault_of(const ArchiveOutcome& outcome) {
  switch (outcome.kind) {
    case ArchiveOutcome::Kind::done:
      return RecordingFault::none;
    case ArchiveOutcome::Kind::refused:
      return RecordingFault::archive_refused;
    case ArchiveOutcome::Kind::unavailable:
      break;
  }
  return RecordingFault::archive_unavailable;
}

bool is_redirect(int status) {
  constexpr std::array<int, 5> kRedirects{301, 302, 303, 307, 308};
  return std::find(kRedirects.begin(), kRedirects.end(), status) != kRedirects.end();
}

std::string origin_of(const std::string& url) {
  const auto parsed = boost::urls::parse_uri(url);
  return parsed ? std::string(parsed->encoded_origin()) : std::string();
}

// The way on, if it leads to a host of the carrier's. The credentials stay at the place that they
// were meant for.
bool follow(HttpRequest& letter, const HttpResponse& answer,
            const std::vector<std::string>& hosts) {
  const std::string to(header_of(answer.headers, "Location"));
  const bool relative = to.starts_with('/') && !to.starts_with("//");
  if (relative) {
    const auto scheme = letter.url.find("://");
    letter.url = letter.url.substr(0, letter.url.find('/', scheme + 3)) + to;
    return true;
  }
  if (!names_host_among(to, hosts)) return false;
  if (letter.url.starts_with("https:") && !to.starts_with("https:")) return false;
  if (origin_of(to) != origin_of(letter.url))
    std::erase_if(letter.headers, [](const auto& header) {
      const HttpHeaders one{{header.first, "x"}};
      return !header_of(one, "Authorization").empty();
    });
  letter.url = to;
  return true;
}

}  // namespace

Archivist::Archivist(StoreThread& store, Switchboard& board, RecordingArchive& archive,
                     Metrics& metrics, ArchivistOptions options)
    : store_(store),
      board_(board),
      archive_(archive),
      metrics_(metrics),
      options_(std::move(options)),
      spool_(options_.spool),
      bell_(http::Wakeup::make(context_.get_executor())) {}

Archivist::~Archivist() { stop(Millis(0)); }

Result<void> Archivist::start() {
  if (const auto cleared = spool_.clear(); !cleared) return cleared.error();
  running_ = true;
  asio::co_spawn(context_, run(), [](const std::exception_ptr& bug) {
    if (bug) std::rethrow_exception(bug);
  });
  thread_ = std::thread([this] { context_.run(); });
  return {};
}

void Archivist::wake() { bell_->notify(); }

void Archivist::stop(Millis deadline) {
  if (!thread_.joinable()) return;
  stopping_ = true;
  wake();
  asio::steady_timer patience(context_, deadline);
  patience.async_wait([this](const boost::system::error_code& ec) {
    if (!ec) client_.cancel_all();
  });
  asio::co_spawn(
      context_,
      [this, &patience]() -> asio::awaitable<void> {
        // The loop, too: it may be deleting, or about to begin what it has claimed.
        while (running_ || in_flight_ > 0) co_await pause(Millis(10));
        patience.cancel();
      },
      asio::detached);
  thread_.join();
}

// ---- the loop --------------------------------------------------------------------------------

asio::awaitable<void> Archivist::revive() {
  while (!stopping_) {
    auto work = [this] { return revive_recordings(board_); };
    const auto count = co_await store_.run(Urgency::carrier, work);
    if (count) {
      if (*count > 0) log::info("recordings are tried again", {{"recordings", *count}});
      break;
    }
    log::error("recordings wait for the store", {{"error", count.error().detail}});
    co_await pause(kStoreTrouble);
  }
}

asio::awaitable<void> Archivist::run() {
  co_await revive();
  while (!stopping_) {
    if (Steady::now() - retired_at_ >= options_.housekeeping) {
      retired_at_ = Steady::now();
      co_await retire_old();
    }
    std::vector<Recording> mine;
    std::optional<TimePoint> next;
    const int room = kMostAtOnce - in_flight_;
    auto work = [this, room, &mine, &next]() -> Result<void> {
      auto claimed = claim_recordings(board_, room);
      if (!claimed) return claimed.error();
      const auto due = board_.store.recordings().next_due();
      if (!due) return due.error();
      mine = std::move(*claimed);
      next = *due;
      return {};
    };
    const auto taken = co_await store_.run(Urgency::carrier, work);
    if (!taken) {
      log::error("recordings wait for the store", {{"error", taken.error().detail}});
      co_await pause(kStoreTrouble);
      continue;
    }
    for (Recording& recording : mine) {
      ++in_flight_;
      asio::co_spawn(context_, carry(std::move(recording)), asio::detached);
    }
    const Millis until = next && in_flight_ < kMostAtOnce ? *next - board_.now() : kLongestSleep;
    const auto house =
        std::chrono::duration_cast<Millis>(retired_at_ + options_.housekeeping - Steady::now());
    co_await bell_->wait(std::clamp(std::min(until, house), Millis(20), kLongestSleep));
  }
  running_ = false;
}

asio::awaitable<void> Archivist::carry(Recording recording) {
  RecordingResult result = RecordingFault::archive_unavailable;
  try {
    result = co_await keep(recording);
  } catch (const std::exception& bug) {
    log::error("a recording was not dealt with",
               {{"recording", recording.id.text()}, {"what", bug.what()}});
  }
  try {
    co_await settle(recording, result);
  } catch (const std::exception& bug) {
    log::error("a recording's fate was not stored",
               {{"recording", recording.id.text()}, {"what", bug.what()}});
  }
  --in_flight_;
  wake();
}

// ---- from the carrier to the archive ---------------------------------------------------------

const Carrier* Archivist::carrier_of(const Recording& recording) const {
  for (const auto& voice : board_.voices)
    if (voice.name == recording.account) return voice.carrier.get();
  return nullptr;
}

SendOptions Archivist::options_for(Millis deadline) const {
  SendOptions options;
  options.deadline = deadline;
  options.response_limit = kAnswerLimit;
  options.allow_http = options.allow_loopback = options_.development;
  return options;
}

void Archivist::note(const Recording& recording, const std::string& detail) const {
  log::warn("a recording was not archived this time", {{"recording", recording.id.text()},
                                                       {"account", recording.account},
                                                       {"try", recording.tries},
                                                       {"why", detail}});
}

asio::awaitable<RecordingResult> Archivist::keep(const Recording& recording) {
  RecordingResult fetched = RecordingFault::none;
  if (const auto there = spool_.facts_of(recording.id))
    fetched = *there;
  else
    fetched = co_await fetch(recording);
  const auto* audio = std::get_if<AudioFacts>(&fetched);
  if (audio == nullptr) co_return fetched;
  const auto fault = co_await store_copy(recording, *audio);
  const bool waits = fault != RecordingFault::none && spool_.bytes() <= options_.most_spooled;
  if (!waits) spool_.remove(recording.id);  // stored, or fetched again with the next try
  if (fault != RecordingFault::none) co_return fault;
  co_return *audio;
}

asio::awaitable<RecordingResult> Archivist::fetch(const Recording& recording) {
  const Carrier* carrier = carrier_of(recording);
  HttpRequest letter;
  if (carrier != nullptr) letter = carrier->fetch_recording(recording.ref);
  if (letter.url.empty()) {
    note(recording, "no configured account can fetch it");
    co_return RecordingFault::carrier_refused;
  }
  SendOptions options = options_for(options_.deadline);
  options.only_hosts = carrier->recording_hosts();
  log::info("recording accessed", {{"audit", true},
                                   {"by", "archivist"},
                                   {"recording", recording.id.text()},
                                   {"callback", recording.callback.text()},
                                   {"account", recording.account}});
  // One deadline for the whole way round: the lease must not end before it.
  const auto until = Steady::now() + options_.deadline;
  for (int hop = 0; hop <= kMostRedirects; ++hop) {
    options.deadline = std::chrono::duration_cast<Millis>(until - Steady::now());
    SpoolWriter writer(spool_, recording.id);
    options.sink = &writer;
    HttpRequest copy = letter;
    const auto answer = co_await client_.send(std::move(copy), options);
    if (writer.fault() != RecordingFault::none) {
      note(recording, std::string(word(writer.fault())));
      co_return writer.fault();
    }
    if (const auto* error = std::get_if<SendError>(&answer)) {
      note(recording, error->detail);
      co_return RecordingFault::carrier_unavailable;
    }
    const auto& response = std::get<HttpResponse>(answer);
    if (is_redirect(response.status)) {
      if (follow(letter, response, options.only_hosts)) continue;
      note(recording, "the carrier sends us to a host that is not its own; it was not asked");
      co_return RecordingFault::carrier_refused;
    }
    if (response.status / 100 != 2) {
      note(recording, fmt::format("the carrier answered {}", response.status));
      co_return fault_of(response.status);
    }
    const auto facts = writer.finish();
    if (facts) co_return *facts;
    note(recording, std::string(word(writer.fault())));
    co_return writer.fault();
  }
  note(recording, "the carrier sends us round in circles");
  co_return RecordingFault::carrier_refused;
}

asio::awaitable<RecordingFault> Archivist::store_copy(const Recording& recording,
                                                      const AudioFacts& audio) {
  const ArchiveItem item{.key = archive_key(recording, audio.type),
                         .file = spool_.file_of(recording.id),
                         .audio = audio};
  auto step = archive_.store(item, wall_clock());
  ArchiveOutcome outcome;
  if (auto* letter = std::get_if<HttpRequest>(&step)) {
    SpoolReader reader(item.file, audio.bytes);
    SendOptions options = options_for(options_.deadline);
    options.source = &reader;
    const auto answer = co_await client_.send(std::move(*letter), options);
    if (const auto* response = std::get_if<HttpResponse>(&answer))
      outcome = archive_.read_stored(*response);
    else
      outcome.detail = std::get<SendError>(answer).detail;
  } else {
    outcome = std::get<ArchiveOutcome>(step);
  }
  if (outcome.kind != ArchiveOutcome::Kind::done) note(recording, outcome.detail);
  co_return fault_of(outcome);
}

// What cannot be stored now is offered again; if the process is to end, the lease remembers it.
asio::awaitable<void> Archivist::settle(const Recording& recording, const RecordingResult& result) {
  Result<std::optional<Recording>> stored = std::optional<Recording>{};
  for (;;) {
    auto work = [this, &recording, &result] { return settle_recording(board_, recording, result); };
    stored = co_await store_.run(Urgency::carrier, work);
    if (stored) break;
    log::error("a recording waits for the store", {{"error", stored.error().detail}});
    if (stopping_ || !will_pass(stored.error())) co_return;
    co_await pause(kStoreTrouble);
  }
  if (!*stored) co_return;
  const Recording& now = **stored;
  if (now.state == RecordingState::archived) {
    metrics_.recording("archived");
    log::info("recording archived", {{"audit", true},
                                     {"recording", now.id.text()},
                                     {"callback", now.callback.text()},
                                     {"key", archive_key(now, now.audio.type)},
                                     {"bytes", now.audio.bytes},
                                     {"archive", archive_.name()}});
  } else if (now.state == RecordingState::dead) {
    spool_.remove(now.id);
    metrics_.recording("dead");
    log::error(
        "a recording was given up; it is still at the carrier and is tried again after the "
        "next start",
        {{"recording", now.id.text()},
         {"callback", now.callback.text()},
         {"account", now.account},
         {"fault", word(now.fault)},
         {"do", advice(now.fault)}});
  } else {
    metrics_.recording("retried");
  }
}

// ---- the end of their time -------------------------------------------------------------------

asio::awaitable<void> Archivist::retire_old() {
  auto work = [this] {
    return expired_recordings(board_, board_.now() - options_.retention, retired_to_, kMostRetired);
  };
  const auto old = co_await store_.run(Urgency::carrier, work);
  if (!old) co_return;
  Accounts silent;
  for (const Recording& recording : old->recordings) {
    if (stopping_) co_return;
    retired_to_ = place_of(recording);  // whatever becomes of it, the next is the next one's turn
    if (!co_await retire(recording, silent)) co_return;
  }
  retired_to_ = old->next;
}

// False: the same would happen to the others. What a carrier keeps from going is its own trouble.
asio::awaitable<bool> Archivist::retire(const Recording& recording, Accounts& silent) {
  if (recording.state != RecordingState::absent) {
    for (const auto& key : archive_keys(recording)) {
      const auto outcome = co_await remove_copy(key);
      if (outcome.kind == ArchiveOutcome::Kind::done) continue;
      log::error("a recording whose time is over could not be deleted; it is tried again",
                 {{"recording", recording.id.text()}, {"why", outcome.detail}});
      co_return false;
    }
    if (!co_await delete_at_carrier(recording, silent)) co_return true;
    spool_.remove(recording.id);
  }
  auto work = [this, &recording] { return board_.store.recordings().remove(recording.id); };
  if (const auto gone = co_await store_.run(Urgency::carrier, work); !gone) co_return false;
  metrics_.recording("deleted");
  log::info("recording deleted", {{"audit", true},
                                  {"recording", recording.id.text()},
                                  {"callback", recording.callback.text()},
                                  {"why", "its time is over"}});
  co_return true;
}

// False: later. A carrier that refuses keeps its copy, and the log says so; one that gives no
// answer at all is not asked again in this round.
asio::awaitable<bool> Archivist::delete_at_carrier(const Recording& recording, Accounts& silent) {
  if (silent.contains(recording.account)) co_return false;
  const Carrier* carrier = carrier_of(recording);
  HttpRequest letter;
  if (carrier != nullptr) letter = carrier->delete_recording(recording.ref);
  RecordingFault fault = RecordingFault::carrier_refused;
  if (!letter.url.empty()) {
    SendOptions options = options_for(std::min(options_.deadline, kDeletion));
    options.only_hosts = carrier->recording_hosts();
    const auto answer = co_await client_.send(std::move(letter), options);
    const auto* response = std::get_if<HttpResponse>(&answer);
    if (response == nullptr) {
      silent.insert(recording.account);
      co_return false;
    }
    fault = response->status / 100 == 2 ? RecordingFault::none : fault_of(response->status);
  }
  if (fault == RecordingFault::carrier_unavailable) co_return false;
  if (fault == RecordingFault::carrier_refused)
    log::warn(
        "the carrier keeps its copy of a recording whose time is over; delete it in its console",
        {{"recording", recording.id.text()},
         {"account", recording.account},
         {"carriers_name", recording.ref}});
  co_return true;
}

asio::awaitable<ArchiveOutcome> Archivist::remove_copy(const std::string& key) {
  auto step = archive_.remove(key, wall_clock());
  if (auto* outcome = std::get_if<ArchiveOutcome>(&step)) co_return *outcome;
  HttpRequest letter = std::get<HttpRequest>(std::move(step));
  const SendOptions options = options_for(std::min(options_.deadline, kDeletion));
  const auto answer = co_await client_.send(std::move(letter), options);
  if (const auto* response = std::get_if<HttpResponse>(&answer))
    co_return archive_.read_removed(*response);
  ArchiveOutcome failed;
  failed.detail = std::get<SendError>(answer).detail;
  co_return failed;
}

}  // namespace ringback
