// What is due later: tasks by time, those of one instant in the order in which they were noted. The
// clock is told, so an hour of telephone calls can pass in a millisecond.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>

#include "core/domain/time.hpp"

namespace ringback::exchange {

class Agenda {
 public:
  // A task is told its own due time, not the time at which somebody came round to it.
  using Task = std::function<void(TimePoint)>;

  void at(TimePoint due, Task task) { tasks_.emplace(due, std::move(task)); }

  std::optional<TimePoint> next() const {
    if (tasks_.empty()) return std::nullopt;
    return tasks_.begin()->first;
  }

  // Does everything due until `now`, what is noted on the way included.
  void run(TimePoint now) {
    while (!tasks_.empty() && tasks_.begin()->first <= now) {
      auto first = tasks_.extract(tasks_.begin());
      first.mapped()(first.key());
    }
  }

 private:
  std::multimap<TimePoint, Task> tasks_;
};

}  // namespace ringback::exchange
