// Carries out what the store has ordered: rings due timers, sends due letters, brings their answers
// back. One thread, one loop; letters are in flight side by side.
//
// After a start everything open is asked about first; new dials wait for those answers, at most ten
// seconds.
#pragma once

#include <atomic>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "app/http/wakeup.hpp"
#include "app/observe/metrics.hpp"
#include "app/outbound/https_client.hpp"
#include "app/runtime/request_pace.hpp"
#include "app/runtime/store_thread.hpp"
#include "core/usecases/carry_out.hpp"
#include "core/usecases/circuits.hpp"

namespace ringback {

struct RunnerOptions {
  Millis dial_timeout{Seconds(10)};
  bool development = false;  // carriers may be on loopback, without TLS
  Millis retention{std::chrono::days(90)};
  Millis refused_pause = kRefusedPause;  // after an account refused us; doubles
};

class Runner {
 public:
  Runner(StoreThread& store, Switchboard& board, HttpsClient& client, Metrics& metrics,
         RunnerOptions options);
  ~Runner();
  Runner(const Runner&) = delete;
  Runner& operator=(const Runner&) = delete;

  void start();
  void wake();  // something may be due; any thread
  // A letter beside the outbox, which may get lost; any thread.
  void send_apart(HttpRequest letter, const VoiceAccount& account);
  // Claims nothing new, waits for replies in flight at most so long, commits what came.
  void stop(Millis deadline);

  // How the carriers have been lately.
  std::vector<Circuits::Member> circuits() const;
  bool recovered() const { return recovered_.load(); }

 private:
  struct Pass {
    std::vector<Errand> errands;
    int timers = 0;
    std::optional<TimePoint> next_due;
  };

  boost::asio::awaitable<void> run();
  boost::asio::awaitable<void> recover_first();
  boost::asio::awaitable<void> carry(Errand errand, Millis wait);
  Paces promise_turns();
  Millis keep_promise(const Errand& errand);
  void release_turns();
  boost::asio::awaitable<void> nobody_claims();
  boost::asio::awaitable<bool> wait_for_turn(const Errand& errand);
  boost::asio::awaitable<std::vector<Reply>> send(const Errand& errand);
  boost::asio::awaitable<Settled> bring_back(const Errand& errand,
                                             const std::vector<Reply>& replies);
  boost::asio::awaitable<void> keep_house();
  Result<Pass> take_pass(const Admission& admission, const Paces& paces);
  Admission admission() const;
  SendOptions options_for(const Errand& errand) const;
  void note(const Errand& errand, std::string_view word, double seconds);
  void note_circuit(const Errand& errand, const Settled& settled, bool tried);

  StoreThread& store_;
  Switchboard& board_;
  HttpsClient& client_;
  Metrics& metrics_;
  RunnerOptions options_;
  boost::asio::io_context context_{1};
  std::shared_ptr<http::Wakeup> bell_;
  std::thread thread_;
  // By pace_of(); only the loop's thread. Between promise and release nobody else takes a turn.
  std::map<std::string, RequestPace> paces_;
  bool promised_ = false;
  boost::asio::steady_timer released_{context_, boost::asio::steady_timer::time_point::max()};
  std::atomic<bool> stopping_{false};
  std::atomic<bool> recovered_{false};
  std::chrono::steady_clock::time_point started_{};
  TimePoint kept_house_at_{};
  int in_flight_ = 0;
  int first_questions_ = 0;  // of the start-up, not answered yet
  mutable std::mutex mutex_;
  Circuits circuits_;
};

}  // namespace ringback
