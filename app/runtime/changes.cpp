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

Changes::Mark Changes::mark() const {
  return {.changes = changes_.size(),
          .troubles = troubles_.size(),
          .claims = claims_ == nullptr ? 0 : claims_->undo.size()};
}

void Changes::take_back(const Mark& mark) {
  const auto after = [](auto& list, std::size_t kept) {
    return list.begin() + static_cast<std::ptrdiff_t>(kept);
  };
  changes_.erase(after(changes_, mark.changes), changes_.end());
  troubles_.erase(after(troubles_, mark.troubles), troubles_.end());
  if (claims_ != nullptr) claims_->take_back(mark.claims);
}

std::vector<Change> Changes::end_batch(bool committed) {
  if (!committed) take_back({});
  if (claims_ != nullptr) claims_->keep();
  for (const auto& [id, error] : std::exchange(troubles_, {}))
    if (told_.size() < kMostTold && told_.insert(id).second)
      log::error("a callback is left aside", {{"callback", id.text()}, {"error", error.detail}});
  std::vector<Change> changes;
  changes.reserve(changes_.size());  // the next batch will be as large
  return std::exchange(changes_, std::move(changes));
}

}  // namespace ringback
