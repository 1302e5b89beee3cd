// A store that hands everything on to another: tests override what is to go wrong.
#pragma once

#include "core/ports/callback_store.hpp"

namespace ringback::test {

class ForwardingStore : public CallbackStore {
 public:
  explicit ForwardingStore(CallbackStore& inner) : inner_(inner) {}

  // clang-format off
  Result<Callback> load(const CallbackId& id) override { return inner_.load(id); }
  Result<std::optional<CallbackId>> find_visitor_token(const Digest& h, TimePoint n) override { return inner_.find_visitor_token(h, n); }
  Result<int> queue_position(const CallbackId& id) override { return inner_.queue_position(id); }
  Result<StoreFigures> figures() override { return inner_.figures(); }
  Result<std::vector<Callback>> list(const CallbackFilter& f) override { return inner_.list(f); }
  Result<std::vector<JournalLine>> journal(const CallbackId& id) override { return inner_.journal(id); }
  Result<void> batch(std::span<const Work> works) override { return inner_.batch(works); }
  Result<void> commit(const Commit& c) override { return inner_.commit(c); }
  Result<std::optional<AttemptOwner>> find_attempt(const Digest& t, TimePoint n) override { return inner_.find_attempt(t, n); }
  Result<bool> seen(std::string_view d) override { return inner_.seen(d); }
  Result<std::optional<IdempotentAnswer>> find_idempotent(const Digest& k, TimePoint n) override { return inner_.find_idempotent(k, n); }
  Result<void> add_visitor_token(const CallbackId& id, const VisitorToken& t) override { return inner_.add_visitor_token(id, t); }
  Result<std::optional<CallbackId>> find_open_proven(std::string_view s, const Digest& p) override { return inner_.find_open_proven(s, p); }
  Result<std::string> limit_log(const Digest& k) override { return inner_.limit_log(k); }
  Result<void> put_limit_log(const LimitLog& l) override { return inner_.put_limit_log(l); }
  Result<int> budget_used(Budget b, int d) override { return inner_.budget_used(b, d); }
  Result<std::optional<TimePoint>> pace_slot(std::string_view a) override { return inner_.pace_slot(a); }
  Result<std::vector<DueOrder>> due_orders(TimePoint n, int m, Room r) override { return inner_.due_orders(n, m, r); }
  Result<std::vector<DueTimer>> due_timers(TimePoint n, int m) override { return inner_.due_timers(n, m); }
  Result<std::optional<TimePoint>> next_due(Room r) override { return inner_.next_due(r); }
  Result<void> lease(const CallbackId& id, OrderKind k, int i, TimePoint u) override { return inner_.lease(id, k, i, u); }
  Result<void> postpone(const CallbackId& id, OrderKind k, int i, TimePoint d) override { return inner_.postpone(id, k, i, d); }
  Result<void> drop_order(const CallbackId& id, OrderKind k, int i) override { return inner_.drop_order(id, k, i); }
  Result<std::vector<std::string>> taken_refs(int a, const std::vector<std::string>& r) override { return inner_.taken_refs(a, r); }
  Result<bool> has_rival(int a, const PhoneNumber& b, TimePoint f, TimePoint t, const CallbackId& e, int n) override { return inner_.has_rival(a, b, f, t, e, n); }
  Result<std::vector<OpenAttempt>> open_attempts() override { return inner_.open_attempts(); }
  Result<std::vector<OpenAttempt>> open_texts() override { return inner_.open_texts(); }
  Result<int> live_attempts() override { return inner_.live_attempts(); }
  Result<std::optional<TimePoint>> last_commit_at() override { return inner_.last_commit_at(); }
  Result<void> shift_due(Millis by) override { return inner_.shift_due(by); }
  Result<int> prune(TimePoint n, TimePoint r, int m) override { return inner_.prune(n, r, m); }
  RecordingStore& recordings() override { return inner_.recordings(); }
  std::unique_ptr<CallbackReader> open_reader() override { return inner_.open_reader(); }
  // clang-format on

 protected:
  CallbackStore& inner_;
};

}  // namespace ringback::test
