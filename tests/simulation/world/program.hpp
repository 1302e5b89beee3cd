// One process of the program under a virtual clock: what the shell does around the use cases. Dies
// by being dropped: whatever it had in memory is gone, and what it sent is on its way all the same.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/usecases/circuits.hpp"
#include "tests/simulation/world/stage.hpp"

namespace ringback::sim {

// What is configured, not remembered: the same for every process of a world.
struct Installation {
  Policy policy;
  std::vector<VoiceAccount> voices;
  std::vector<TextAccount> texts;
  std::shared_ptr<const Keyring> keys;
};

class StageClock final : public Clock {
 public:
  explicit StageClock(const Stage& stage) : stage_(stage), boot_(stage.now) {}
  TimePoint now() const override { return stage_.now + stage_.wall_ahead; }
  Millis steady() const override { return stage_.now - boot_; }

 private:
  const Stage& stage_;
  TimePoint boot_;
};

class Program : public std::enable_shared_from_this<Program> {
 public:
  using Task = std::function<void(Program&)>;
  static constexpr std::string_view kTrouble = "a row could not be dealt with";  // never

  Program(Stage& stage, const Installation& installed, CallbackStore& store, const Clock& clock,
          IdSource& ids);

  void start();
  void freeze(TimePoint until);
  bool frozen() const { return stage_.now < frozen_until_; }

  std::optional<TimePoint> next_wake() const { return wake_at_; }
  void pass();  // timers and orders that are due
  void hear(exchange::OutgoingWebhook letter);

  // One work in one batch; all that people ask goes this way.
  template <class F>
  auto run(F work) -> decltype(work()) {
    std::optional<decltype(work())> result;
    const bool trouble = stage_.strikes(stage_.plan.store_trouble);
    const CallbackStore::Work one = [&] {
      result.emplace(work());
      const bool kept = !trouble && result->has_value();
      if (!kept) board_.claims.take_back(0);
      board_.claims.keep();
      return kept;
    };
    const auto done = board_.store.batch({&one, 1});
    wake();
    if (!done) return done.error();
    if (trouble) {
      ++stage_.tally["batch failed"];
      return Error{Errc::storage_failed, "the disk is full; nothing was changed"};
    }
    return std::move(*result);
  }

  Switchboard& board() { return board_; }
  // Done by this process at that time, unless it is dead by then; later, if it is frozen.
  void later(Millis delay, Task task);

 private:
  struct Job {
    Errand errand;
    std::vector<Reply> replies;
  };
  using Shared = std::shared_ptr<Job>;

  class Watcher final : public Observer {
   public:
    explicit Watcher(Stage& stage) : stage_(stage) {}
    void on_commit(const Callback*, const Decision&, const Event&) override {}
    void on_trouble(const CallbackId&, const Error&) override { ++stage_.tally[kTrouble]; }

   private:
    Stage& stage_;
  };

  static void resume(Stage& stage, const std::weak_ptr<Program>& who, const Task& task);
  void wake() { wake_at_ = stage_.now; }
  void recover_first();
  Admission admission();
  void carry(const Shared& job);
  void send(const Shared& job, Millis travel);
  void answer(const Shared& job, Reply reply);
  void settle(const Shared& job);
  HttpResponse answer_to(HttpRequest letter);

  Stage& stage_;
  const Installation& installed_;
  Watcher observer_;
  Switchboard board_;
  TimePoint started_;
  TimePoint frozen_until_{};
  std::optional<TimePoint> wake_at_;
  bool recovered_ = false;
  bool asking_first_ = true;  // recover() has not come through yet
  int first_questions_ = 0;
  Circuits circuits_;
};

}  // namespace ringback::sim
