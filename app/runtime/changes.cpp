#include "app/runtime/changes.hpp"

#include "app/observe/log.hpp"

namespace ringback {
namespace {

constexpr std::size_t kMostTold = 1'000;

}  // namespace

void Changes::on_trouble(const CallbackId& id, const Error& error) {
  troubles_.emplace_back(id, error);
}

void Changes::end_troubles(bool committed) {
  for (const auto& [id, error] : std::exchange(troubles_, {}))
    if (committed && told_.size() < kMostTold && told_.insert(id).second)
      log::error("a callback is left aside", {{"callback", id.text()}, {"error", error.detail}});
}

void Changes::on_commit(const Callback* before, const Decision& decision, const Event&) {
  Change& change = changes_.emplace_back();
  if (before != nullptr) change.before = *before;
  change.after = decision.after;
  change.verdict = decision.verdict;
  change.orders = !decision.orders.empty() || !decision.timers.empty();
  change.foreign_call = decision.foreign_call;
  change.request_id = request_id_;
}

}  // namespace ringback
