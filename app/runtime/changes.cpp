#include "app/runtime/changes.hpp"

namespace ringback {

void Changes::on_commit(const Callback* before, const Decision& decision, const Event&) {
  Change& change = changes_.emplace_back();
  if (before != nullptr) change.before = *before;
  change.after = decision.after;
  change.verdict = decision.verdict;
  change.orders = !decision.orders.empty() || !decision.timers.empty();
  change.foreign_call = decision.foreign_call;
}

}  // namespace ringback
