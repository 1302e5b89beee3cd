// Port: the memory of the service. Callbacks with their journal, outbox, timers, tokens and
// counters.
//
// A commit is all or nothing. The core never sees SQL. One implementation of CallbackStore is used
// by one thread at a time (the store's own); readers are used by one thread each, at the same time.
// Every implementation passes tests/conformance/store_suite.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "core/domain/callback.hpp"
#include "core/domain/effect.hpp"
#include "core/domain/event.hpp"
#include "core/domain/result.hpp"
#include "core/domain/situation.hpp"
#include "core/ports/recording_store.hpp"

namespace ringback {

struct JournalLine {
  TimePoint at{};
  std::string actor;  // "visitor", "carrier", "timer", "runner", an operator: "key:<id>"
  Event event;
  Situation situation;  // its rules are stored once, under a hash, and referred to
};

struct AttemptToken {
  Digest hash{};
  int attempt = 0;
  TimePoint expires{};
};

struct VisitorToken {
  Digest hash{};
  TimePoint expires{};
};

struct IdempotencyEntry {
  Digest key{};           // of client, route and the header
  Digest request_hash{};  // of the body: another body with the same key is a conflict
  TimePoint expires{};
};

struct IdempotentAnswer {
  CallbackId callback;
  Digest request_hash{};
};

// The new log of a durable limit (rate_limit.hpp), written with the work that it counts.
struct LimitLog {
  Digest key{};
  std::string log;
  TimePoint expires{};
};

struct BudgetCaps {
  int calls = 0;
  int texts = 0;
};

struct Commit {
  std::int64_t expected_version = 0;  // 0: the callback is new
  const Callback* before = nullptr;  // as loaded; null: new. Lets the store write only what changed
  Callback after;                    // version = expected + 1 if the row changed, else expected
  JournalLine line;
  std::vector<OrderDrop> drops;  // applied before orders: settled or withdrawn orders
  std::vector<Order> orders;     // an order of the same kind and item is replaced
  std::vector<TimerChange> timers;
  std::vector<BudgetMove> budget;  // a +1 beyond the cap is a conflict: somebody was faster
  BudgetCaps caps;
  std::optional<std::string> delivery;  // a webhook's key: conflict if it was seen before
  std::vector<AttemptToken> attempt_tokens;
  std::vector<VisitorToken> visitor_tokens;
  std::optional<IdempotencyEntry> idempotency;  // conflict if the key is there
  std::vector<LimitLog> limits;
  std::optional<std::pair<std::string, TimePoint>> pace;  // account -> its next free slot
};

struct AttemptOwner {
  CallbackId callback;
  int attempt = 0;
};

struct DueOrder {
  CallbackId callback;
  OrderKind kind{};
  int item = 0;
  TimePoint due{};
  int tries = 0;  // leases so far
};

// Dials need a free line, dials and texts a turn of their account: so many may be taken. All other
// orders need neither.
struct Room {
  int dials = 0;
  int texts = 0;
};

struct DueTimer {
  CallbackId callback;
  TimerKind kind{};
  TimePoint due{};
};

// An attempt that something may be known about only at the carrier, for the start-up.
struct OpenAttempt {
  CallbackId callback;
  int attempt = 0;
  AttemptState state{};
};

// Carriers repeat a webhook for hours, not for days; its key is remembered for this long.
constexpr Millis kDeliveryKept = std::chrono::hours(7 * 24);

struct StoreFigures {
  std::map<State, std::int64_t> open;  // callbacks that are not final, by state
  std::int64_t outbox_pending = 0;
  std::optional<TimePoint> outbox_oldest_due;
  int live_attempts = 0;                      // sending, placed or unknown
  std::int64_t recordings_waiting = 0;        // known or being fetched
  std::optional<TimePoint> oldest_recording;  // when the first of those was heard of
  std::int64_t recordings_dead = 0;
  RecordingFault newest_fault = RecordingFault::none;  // of the dead one heard of last
};

// Which callbacks an operator wants to see, the youngest first. Ids are in order of birth, so a
// page goes on where the one before it ended, whatever was asked for meanwhile.
struct CallbackFilter {
  std::optional<State> state;
  std::optional<CallbackId> from;    // this one and younger ones
  std::optional<CallbackId> before;  // only older ones than this
  int most = 50;
};

class CallbackReader {
 public:
  virtual ~CallbackReader() = default;

  virtual Result<Callback> load(const CallbackId& id) = 0;  // not_found
  virtual Result<std::optional<CallbackId>> find_visitor_token(const Digest& hash,
                                                               TimePoint now) = 0;
  // How many dial orders are due before this callback's; for the status document.
  virtual Result<int> queue_position(const CallbackId& id) = 0;
  virtual Result<StoreFigures> figures() = 0;
  virtual Result<std::vector<Callback>> list(const CallbackFilter& filter) = 0;
  // The story: every line, oldest first.
  virtual Result<std::vector<JournalLine>> journal(const CallbackId& id) = 0;
};

class CallbackStore : public CallbackReader {
 public:
  // Runs all works in one transaction; a work that returns false leaves nothing behind. On success
  // all is on disk; on failure (storage_failed) nothing of any work is. To undo one work, the store
  // may undo all and run them again from the first: what a work does beside the store must bear it.
  using Work = std::function<bool()>;
  virtual Result<void> batch(std::span<const Work> works) = 0;

  // The calls below belong inside a work.
  virtual Result<void> commit(const Commit& commit) = 0;  // conflict, storage_failed

  virtual Result<std::optional<AttemptOwner>> find_attempt(const Digest& token, TimePoint now) = 0;
  virtual Result<bool> seen(std::string_view delivery) = 0;
  virtual Result<std::optional<IdempotentAnswer>> find_idempotent(const Digest& key,
                                                                  TimePoint now) = 0;
  // Another token for a callback that is there already (a repeated create, a joined one).
  virtual Result<void> add_visitor_token(const CallbackId& id, const VisitorToken& token) = 0;
  // A callback of this site for this proven number that is not final; the oldest.
  virtual Result<std::optional<CallbackId>> find_open_proven(std::string_view site,
                                                             const Digest& phone_hmac) = 0;
  virtual Result<std::string> limit_log(const Digest& key) = 0;  // empty: none
  virtual Result<void> put_limit_log(const LimitLog& log) = 0;
  virtual Result<int> budget_used(Budget budget, int day) = 0;
  virtual Result<std::optional<TimePoint>> pace_slot(std::string_view account) = 0;

  // The outbox and the timers: what is due and finds room, in the order in which it fell due.
  virtual Result<std::vector<DueOrder>> due_orders(TimePoint now, int most, Room room) = 0;
  virtual Result<std::vector<DueTimer>> due_timers(TimePoint now, int most) = 0;
  // When something is due next for which there is room.
  virtual Result<std::optional<TimePoint>> next_due(Room room) = 0;
  // A leased order comes back when the lease ends, if nobody drops it before. Counts a try.
  virtual Result<void> lease(const CallbackId& id, OrderKind kind, int item, TimePoint until) = 0;
  virtual Result<void> postpone(const CallbackId& id, OrderKind kind, int item, TimePoint due) = 0;
  virtual Result<void> drop_order(const CallbackId& id, OrderKind kind, int item) = 0;

  // Which of these references does some attempt have? (adoption)
  virtual Result<std::vector<std::string>> taken_refs(int account,
                                                      const std::vector<std::string>& refs) = 0;
  // Has another attempt to this business number, claimed in [from, to], no reference? (adoption)
  virtual Result<bool> has_rival(int account, const PhoneNumber& business, TimePoint from,
                                 TimePoint to, const CallbackId& except, int except_attempt) = 0;

  virtual Result<std::vector<OpenAttempt>> open_attempts() = 0;
  // Texts whose sender may have died: messages in `sending`.
  virtual Result<std::vector<OpenAttempt>> open_texts() = 0;  // attempt: the message's number
  virtual Result<int> live_attempts() = 0;
  virtual Result<std::optional<TimePoint>> last_commit_at() = 0;
  // The clock was wrong and is right again: everything due moves by this much.
  virtual Result<void> shift_due(Millis by) = 0;

  // Deletes what has run out (delivery keys, tokens, idempotency keys, limit logs) and final
  // callbacks without a live attempt that ended before `retain_after`; at most `most` rows of each
  // kind.
  virtual Result<int> prune(TimePoint now, TimePoint retain_after, int most) = 0;

  virtual RecordingStore& recordings() = 0;

  virtual std::unique_ptr<CallbackReader> open_reader() = 0;
};

}  // namespace ringback
