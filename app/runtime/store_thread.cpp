#include "app/runtime/store_thread.hpp"

#include <algorithm>
#include <chrono>

#include "app/observe/log.hpp"

namespace ringback {
namespace {

// More than the largest request writes, so that who is told "ready" finds room.
constexpr std::size_t kTrialBytes = 64UL * 1024;

}  // namespace

StoreThread::StoreThread(CallbackStore& store, Changes& changes, OnBatch on_batch,
                         StoreThreadLimits limits)
    : store_(store), changes_(changes), on_batch_(std::move(on_batch)), limits_(limits) {
  thread_ = std::thread([this] { work(); });
}

StoreThread::~StoreThread() { stop(); }

void StoreThread::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::size_t StoreThread::waiting() const {
  const std::lock_guard lock(mutex_);
  return queue_.size();
}

std::size_t StoreThread::limit_of(Urgency urgency) const {
  return urgency == Urgency::visitor ? limits_.visitor_queue : limits_.carrier_queue;
}

bool StoreThread::full(Urgency urgency) const { return waiting() >= limit_of(urgency); }

bool StoreThread::submit(Urgency urgency, std::shared_ptr<Job> job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= limit_of(urgency)) return false;
    queue_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void StoreThread::work() {
  std::vector<std::shared_ptr<Job>> jobs;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      wake_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      // No artificial delay: whoever waits now goes together.
      while (!queue_.empty() && jobs.size() < limits_.largest_batch) {
        jobs.push_back(std::move(queue_.front()));
        queue_.pop_front();
      }
    }
    run_batch(jobs);
    jobs.clear();
  }
}

// A batch that only looked commits on a full disk, too: after trouble the store is asked to write.
bool StoreThread::has_room() {
  const LimitLog trial{.key = {}, .log = std::string(kTrialBytes, ' '), .expires = {}};
  const LimitLog nothing{.key = {}, .log = {}, .expires = {}};
  return store_.put_limit_log(trial).has_value() && store_.put_limit_log(nothing).has_value();
}

void StoreThread::run_batch(std::vector<std::shared_ptr<Job>>& jobs) {
  std::vector<CallbackStore::Work> works;
  works.reserve(jobs.size());
  first_ = jobs.front().get();
  for (auto& job : jobs)
    works.emplace_back([this, raw = job.get()] {
      // The store may begin again: what was told until then did not happen.
      if (raw == first_) changes_.take_back({});
      const auto mark = changes_.mark();
      changes_.set_request(raw->request_id);
      const bool kept = raw->run();
      if (!kept) changes_.take_back(mark);
      return kept;
    });
  const auto begun = std::chrono::steady_clock::now();
  const auto committed = store_.batch(works);
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  healthy_ = committed && (healthy_ || has_room());
  auto changes = changes_.end_batch(committed.has_value());
  // Published before the answers go out: who is told "done" sees it everywhere.
  try {
    on_batch_(took.count(), jobs.size(), std::move(changes));
  } catch (const std::exception& bug) {
    // It is on disk all the same, and whoever asked must be told so.
    log::error("a change could not be published", {{"what", bug.what()}});
  }
  answer(jobs, committed);
}

// One message for each thread that has callers waiting: it would be woken for each of them.
void StoreThread::answer(std::vector<std::shared_ptr<Job>>& jobs, const Result<void>& committed) {
  struct Waiting {
    boost::asio::any_io_executor where;
    std::vector<std::function<void()>> callers;
  };
  std::vector<Waiting> all;
  for (auto& job : jobs) {
    job->finish(committed);
    auto at = std::find_if(all.begin(), all.end(),
                           [&](const Waiting& w) { return w.where == job->where; });
    if (at == all.end()) at = all.insert(all.end(), {job->where, {}});
    // Once resumed, the caller ends: it must not be a part of the job that it holds.
    at->callers.push_back(std::exchange(job->resume, nullptr));
  }
  for (auto& waiting : all)
    boost::asio::post(waiting.where, [callers = std::move(waiting.callers)]() mutable {
      for (auto& resume : callers) std::exchange(resume, nullptr)();
    });
}

}  // namespace ringback
