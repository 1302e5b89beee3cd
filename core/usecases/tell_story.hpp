// A callback's journal, decided once more: what each line moved and ordered.
#pragma once

#include <vector>

#include "core/usecases/switchboard.hpp"

namespace ringback {

// What one line of the journal led to.
struct Chapter {
  State state{};
  Phase phase{};
  Reason reason{};
  std::int64_t version = 0;
  bool moved = false;  // the row is another one than before
  std::vector<Order> orders;
  std::vector<OrderDrop> drops;
  std::vector<TimerChange> timers;
  std::vector<BudgetMove> budget;
};

// One for each line. None at all if the lines do not lead to the callback as it is: they were
// decided by a program with other rules, and nothing is told rather than something made up.
std::vector<Chapter> tell_story(const Callback& callback, const std::vector<JournalLine>& lines);

}  // namespace ringback
