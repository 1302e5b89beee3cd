// The one thread that writes to the store. Works that wait together share one transaction (group
// commit): one commit for all, then all answers. A work that fails leaves nothing behind; the
// others may then be run once more, so a work changes nothing but the store, its answer, and what
// Changes takes back.
//
//   const auto callback = co_await store.run(Urgency::visitor, [&] { return request_callback(board,
//   r); });
//
// The queue is bounded: when it is full, the answer is Errc::overloaded before any work is done.
// What works tell the Observer is published only after the commit.
#pragma once

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "app/runtime/changes.hpp"
#include "core/ports/callback_store.hpp"

namespace ringback {

// Who waits. Carriers and the runner are served while visitors are refused already.
enum class Urgency { visitor, carrier };

// Who is let in waits for those before it and for the batch under way: this many works at most, so
// that a small machine answers within a quarter of a second also when it refuses others.
struct StoreThreadLimits {
  std::size_t visitor_queue = 1'024;
  std::size_t carrier_queue = 8'000;
  std::size_t largest_batch = 256;
};

class StoreThread {
 public:
  // on_batch: after each commit, on the store's thread: seconds, works, what changed.
  using OnBatch = std::function<void(double, std::size_t, std::vector<Change>&&)>;

  StoreThread(CallbackStore& store, Changes& changes, OnBatch on_batch,
              StoreThreadLimits limits = {});
  ~StoreThread();
  StoreThread(const StoreThread&) = delete;
  StoreThread& operator=(const StoreThread&) = delete;

  // work: () -> Result<T>. An error rolls the work back and is the answer; an exception rolls it
  // back and is thrown to whoever waits, and to nobody else. request_id: of the request on whose
  // behalf, for the log lines of what changes.
  template <class Work>
  boost::asio::awaitable<std::invoke_result_t<Work&>> run(Urgency urgency, Work work,
                                                          std::string_view request_id = {});

  void stop();                                      // does what waits, then joins
  bool healthy() const { return healthy_.load(); }  // what is written gets to the disk
  std::size_t waiting() const;
  // Would a work be refused now? Asked before the request is read, so that refusing costs little.
  bool full(Urgency urgency) const;

 private:
  struct Job {
    virtual ~Job() = default;
    virtual bool run() = 0;
    virtual void finish(const Result<void>& committed) = 0;
    std::string request_id;
    boost::asio::any_io_executor where;  // who waits is resumed there
    std::function<void()> resume;
  };
  template <class Work>
  struct TypedJob;

  std::size_t limit_of(Urgency urgency) const;
  bool submit(Urgency urgency, std::shared_ptr<Job> job);
  void work();
  bool has_room();
  void run_batch(std::vector<std::shared_ptr<Job>>& jobs);
  static void answer(std::vector<std::shared_ptr<Job>>& jobs, const Result<void>& committed);

  CallbackStore& store_;
  Changes& changes_;
  OnBatch on_batch_;
  StoreThreadLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> queue_;
  bool stopping_ = false;
  const Job* first_ = nullptr;  // of the batch that runs
  std::atomic<bool> healthy_{true};
  std::thread thread_;
};

template <class Work>
struct StoreThread::TypedJob : StoreThread::Job {
  using Answer = std::invoke_result_t<Work&>;

  explicit TypedJob(Work w) : work(std::move(w)) {}
  bool run() override {
    bug = nullptr;
    try {
      answer.emplace(work());
      return answer->has_value();
    } catch (...) {
      bug = std::current_exception();
      return false;
    }
  }
  void finish(const Result<void>& committed) override {
    // What was not committed did not happen, whatever the work believed.
    if (!committed && !bug && (!answer || answer->has_value())) answer.emplace(committed.error());
  }

  Work work;
  std::optional<Answer> answer;
  std::exception_ptr bug;
};

template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> StoreThread::run(Urgency urgency, Work work,
                                                                     std::string_view request_id) {
  namespace asio = boost::asio;
  auto job = std::make_shared<TypedJob<Work>>(std::move(work));
  job->request_id = request_id;
  job->where = co_await asio::this_coro::executor;
  std::shared_ptr<TypedJob<Work>>* held = &job;
  // Captures only pointers and references: g++ 12 destroys others twice (GCC bug 107288).
  auto initiate = [this, held, urgency](auto handler) {
    // Once submitted, the frame of the coroutine may be gone at any moment: hold the job here.
    const std::shared_ptr<TypedJob<Work>> mine = *held;
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    mine->resume = [kept] { std::move (*kept)(); };
    if (submit(urgency, mine)) return;
    mine->answer.emplace(Error{Errc::overloaded, "the store's queue is full; nothing was done"});
    asio::post(mine->where, std::exchange(mine->resume, nullptr));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate,
                                                                        asio::use_awaitable);
  if (job->bug) std::rethrow_exception(job->bug);
  co_return std::move(*job->answer);
}

}  // namespace ringback
