// What is due later: tasks by time, those of one instant in the order in which they were noted. The
// clock is told, so an hour of telephone calls can pass in a millisecond.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "core/domain/time.hpp"

namespace ringback::exchange {

class Agenda {
 public:
  // A task is told its own due time, not the time at which somebody came round to it.
  using Task = std::function<void(TimePoint)>;

  void at(TimePoint due, Task task) {
    std::size_t place = tasks_.size();
    if (free_.empty()) {
      tasks_.push_back(std::move(task));
    } else {
      place = free_.back();
      free_.pop_back();
      tasks_[place] = std::move(task);
    }
    heap_.push_back({due, noted_++, place});
    std::push_heap(heap_.begin(), heap_.end(), later);
  }

  std::optional<TimePoint> next() const {
    if (heap_.empty()) return std::nullopt;
    return heap_.front().due;
  }

  // Does everything due until `now`, what is noted on the way included.
  void run(TimePoint now) {
    while (!heap_.empty() && heap_.front().due <= now) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      const Entry first = heap_.back();
      heap_.pop_back();
      const Task task = std::exchange(tasks_[first.place], nullptr);
      free_.push_back(first.place);
      task(first.due);
    }
  }

 private:
  // Small, so that the heap moves little; the task itself stays where it is.
  struct Entry {
    TimePoint due;
    std::uint64_t no = 0;
    std::size_t place = 0;
  };
  static bool later(const Entry& a, const Entry& b) {
    return std::tie(a.due, a.no) > std::tie(b.due, b.no);
  }

  std::vector<Entry> heap_;
  std::vector<Task> tasks_;
  std::vector<std::size_t> free_;
  std::uint64_t noted_ = 0;
};

}  // namespace ringback::exchange
