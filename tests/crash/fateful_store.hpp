// A store whose every call is a point at which the process may die: before it, or after it.
#pragma once

#include <memory>
#include <utility>

#include "core/ports/callback_store.hpp"
#include "tests/simulation/world/fate.hpp"

namespace ringback::crash {

class FatefulStore final : public CallbackStore {
 public:
  FatefulStore(std::unique_ptr<CallbackStore> inner, sim::Fate& fate)
      : inner_(std::move(inner)), fate_(fate) {}

  Result<void> batch(std::span<const Work> works) override {
    return at("batch", [&] { return inner_->batch(works); });
  }
  Result<void> commit(const Commit& commit) override {
    return at("commit", [&] { return inner_->commit(commit); });
  }
  Result<Callback> load(const CallbackId& id) override {
    return at("load", [&] { return inner_->load(id); });
  }
  Result<std::optional<CallbackId>> find_visitor_token(const Digest& hash, TimePoint now) override {
    return at("find_visitor_token", [&] { return inner_->find_visitor_token(hash, now); });
  }
  Result<int> queue_position(const CallbackId& id) override {
    return at("queue_position", [&] { return inner_->queue_position(id); });
  }
  Result<StoreFigures> figures() override {
    return at("figures", [&] { return inner_->figures(); });
  }
  Result<std::vector<Callback>> list(const CallbackFilter& filter) override {
    return at("list", [&] { return inner_->list(filter); });
  }
  Result<std::vector<JournalLine>> journal(const CallbackId& id) override {
    return at("journal", [&] { return inner_->journal(id); });
  }
  Result<std::optional<AttemptOwner>> find_attempt(const Digest& token, TimePoint now) override {
    return at("find_attempt", [&] { return inner_->find_attempt(token, now); });
  }
  Result<bool> seen(std::string_view delivery) override {
    return at("seen", [&] { return inner_->seen(delivery); });
  }
  Result<std::optional<IdempotentAnswer>> find_idempotent(const Digest& key,
                                                          TimePoint now) override {
    return at("find_idempotent", [&] { return inner_->find_idempotent(key, now); });
  }
  Result<void> add_visitor_token(const CallbackId& id, const VisitorToken& token) override {
    return at("add_visitor_token", [&] { return inner_->add_visitor_token(id, token); });
  }
  Result<std::optional<CallbackId>> find_open_proven(std::string_view site,
                                                     const Digest& phone_hmac) override {
    return at("find_open_proven", [&] { return inner_->find_open_proven(site, phone_hmac); });
  }
  Result<std::string> limit_log(const Digest& key) override {
    return at("limit_log", [&] { return inner_->limit_log(key); });
  }
  Result<void> put_limit_log(const LimitLog& log) override {
    return at("put_limit_log", [&] { return inner_->put_limit_log(log); });
  }
  Result<int> budget_used(Budget budget, int day) override {
    return at("budget_used", [&] { return inner_->budget_used(budget, day); });
  }
  Result<std::optional<TimePoint>> pace_slot(std::string_view account) override {
    return at("pace_slot", [&] { return inner_->pace_slot(account); });
  }
  Result<std::vector<DueOrder>> due_orders(TimePoint now, int most, Room room) override {
    return at("due_orders", [&] { return inner_->due_orders(now, most, room); });
  }
  Result<std::vector<DueTimer>> due_timers(TimePoint now, int most) override {
    return at("due_timers", [&] { return inner_->due_timers(now, most); });
  }
  Result<std::optional<TimePoint>> next_due(Room room) override {
    return at("next_due", [&] { return inner_->next_due(room); });
  }
  Result<void> lease(const CallbackId& id, OrderKind kind, int item, TimePoint until) override {
    return at("lease", [&] { return inner_->lease(id, kind, item, until); });
  }
  Result<void> postpone(const CallbackId& id, OrderKind kind, int item, TimePoint due) override {
    return at("postpone", [&] { return inner_->postpone(id, kind, item, due); });
  }
  Result<void> drop_order(const CallbackId& id, OrderKind kind, int item) override {
    return at("drop_order", [&] { return inner_->drop_order(id, kind, item); });
  }
  Result<std::vector<std::string>> taken_refs(int account,
                                              const std::vector<std::string>& refs) override {
    return at("taken_refs", [&] { return inner_->taken_refs(account, refs); });
  }
  Result<bool> has_rival(int account, const PhoneNumber& business, TimePoint from, TimePoint to,
                         const CallbackId& except, int except_attempt) override {
    return at("has_rival", [&] {
      return inner_->has_rival(account, business, from, to, except, except_attempt);
    });
  }
  Result<std::vector<OpenAttempt>> open_attempts() override {
    return at("open_attempts", [&] { return inner_->open_attempts(); });
  }
  Result<std::vector<OpenAttempt>> open_texts() override {
    return at("open_texts", [&] { return inner_->open_texts(); });
  }
  Result<int> live_attempts() override {
    return at("live_attempts", [&] { return inner_->live_attempts(); });
  }
  Result<std::optional<TimePoint>> last_commit_at() override {
    return at("last_commit_at", [&] { return inner_->last_commit_at(); });
  }
  Result<void> shift_due(Millis by) override {
    return at("shift_due", [&] { return inner_->shift_due(by); });
  }
  Result<int> prune(TimePoint now, TimePoint retain_after, int most) override {
    return at("prune", [&] { return inner_->prune(now, retain_after, most); });
  }
  RecordingStore& recordings() override { return inner_->recordings(); }
  std::unique_ptr<CallbackReader> open_reader() override { return inner_->open_reader(); }

 private:
  template <class Call>
  auto at(std::string_view name, Call call) -> decltype(call()) {
    fate_.point(name);
    auto result = call();
    fate_.point(name);
    return result;
  }

  std::unique_ptr<CallbackStore> inner_;
  sim::Fate& fate_;
};

}  // namespace ringback::crash
