#include "app/runtime/changes.hpp"

#include "app/observe/log.hpp"

namespace ringback {
namespace {

constexpr std::size_t kMostTold = 1'000;

// Why an order was not taken, in words that hold no number.
std::string said_by_carrier(const Event& event) {
  if (const auto* dial = std::get_if<DialAnswered>(&event)) return dial->outcome.detail;
  if (const auto* text = std::get_if<TextAnswered>(&event)) return text->outcome.detail;
  return {};
}

}  // namespace

void Changes::on_trouble(const CallbackId& id, const Error& error) {
  troubles_.emplace_back(id, error);
}

void Changes::end_troubles(bool committed) {
  for (const auto& [id, error] : std::exchange(troubles_, {}))
    if (committed && told_.size() < kMostTold && told_.insert(id).second)
      log::error("a callback is left aside", {{"callback", id.text()}, {"error", error.detail}});
}

void Changes::on_commit(const Callback* before, const Decision& decision, const Event& event) {
  Change& change = changes_.emplace_back();
  if (before != nullptr) change.before = *before;
  change.after = decision.after;
  change.verdict = decision.verdict;
  change.orders = !decision.orders.empty() || !decision.timers.empty();
  change.foreign_call = decision.foreign_call;
  change.said = said_by_carrier(event);
  change.request_id = request_id_;
}

}  // namespace ringback
