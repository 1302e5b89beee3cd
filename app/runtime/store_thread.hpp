// The one thread that writes to the store. Works that wait together share one transaction (group
// commit): each inside its own savepoint, one commit for all, then all answers.
//
//   const auto callback = co_await store.run(Urgency::visitor, [&] { return request_callback(board, r); });
//
// The queue is bounded: when it is full, the answer is Errc::overloaded before any work is done. What
// works tell the Observer is published only after the commit.
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

struct StoreThreadLimits {
  std::size_t visitor_queue = 2'000;
  std::size_t carrier_queue = 8'000;
  std::size_t largest_batch = 512;
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

  // work: () -> Result<T>. An error rolls the work back and is the answer.
  template <class Work>
  // request_id: of the request on whose behalf, for the log lines of what changes.
  boost::asio::awaitable<std::invoke_result_t<Work&>> run(Urgency urgency, Work work,
                                                          std::string_view request_id = {});

  // The same for threads that may wait.
  template <class Work>
  std::invoke_result_t<Work&> run_blocking(Work work);

  void stop();  // does what waits, then joins
  bool healthy() const { return healthy_.load(); }  // what is written gets to the disk
  std::size_t waiting() const;

 private:
  struct Job {
    virtual ~Job() = default;
    virtual bool run() = 0;
    virtual void finish(const Result<void>& committed) = 0;
    std::string request_id;
  };
  template <class Work>
  struct TypedJob;

  bool submit(Urgency urgency, std::shared_ptr<Job> job);
  void work();
  bool has_room();
  void run_batch(std::vector<std::shared_ptr<Job>>& jobs);

  CallbackStore& store_;
  Changes& changes_;
  OnBatch on_batch_;
  StoreThreadLimits limits_;
  mutable std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::shared_ptr<Job>> queue_;
  bool stopping_ = false;
  std::atomic<bool> healthy_{true};
  std::thread thread_;
};

template <class Work>
struct StoreThread::TypedJob : StoreThread::Job {
  using Answer = std::invoke_result_t<Work&>;

  explicit TypedJob(Work w) : work(std::move(w)) {}
  bool run() override {
    answer.emplace(work());
    return answer->has_value();
  }
  void finish(const Result<void>& committed) override {
    // What was not committed did not happen, whatever the work believed.
    if (!committed && (!answer || answer->has_value())) answer.emplace(committed.error());
    if (resume) resume();
  }

  Work work;
  std::optional<Answer> answer;
  std::function<void()> resume;
};

template <class Work>
boost::asio::awaitable<std::invoke_result_t<Work&>> StoreThread::run(Urgency urgency, Work work,
                                                                     std::string_view request_id) {
  namespace asio = boost::asio;
  using Answer = std::invoke_result_t<Work&>;
  auto job = std::make_shared<TypedJob<Work>>(std::move(work));
  job->request_id = request_id;
  const auto executor = co_await asio::this_coro::executor;
  bool taken = false;
  TypedJob<Work>* raw = job.get();
  std::shared_ptr<TypedJob<Work>>* held = &job;
  // Captures only pointers and references: g++ 12 destroys others twice (GCC bug 107288).
  auto initiate = [this, raw, held, urgency, &taken, &executor](auto handler) {
    auto kept = std::make_shared<decltype(handler)>(std::move(handler));
    raw->resume = [kept, executor] { asio::post(executor, std::move(*kept)); };
    taken = submit(urgency, *held);
    if (!taken) asio::post(executor, std::move(*kept));
  };
  co_await asio::async_initiate<const asio::use_awaitable_t<>&, void()>(initiate,
                                                                        asio::use_awaitable);
  raw->resume = nullptr;
  if (!taken) {
    const Error full{Errc::overloaded, "the store's queue is full"};
    co_return Answer(full);
  }
  co_return std::move(*job->answer);
}

template <class Work>
std::invoke_result_t<Work&> StoreThread::run_blocking(Work work) {
  auto job = std::make_shared<TypedJob<Work>>(std::move(work));
  std::mutex mutex;
  std::condition_variable done;
  bool finished = false;
  job->resume = [&] {
    const std::lock_guard lock(mutex);
    finished = true;
    done.notify_one();
  };
  if (!submit(Urgency::carrier, job))
    return Error{Errc::overloaded, "the store's queue is full"};
  std::unique_lock lock(mutex);
  done.wait(lock, [&] { return finished; });
  return std::move(*job->answer);
}

}  // namespace ringback
