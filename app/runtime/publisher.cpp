#include "app/runtime/publisher.hpp"

#include <algorithm>

#include "app/observe/log.hpp"
#include "core/domain/words.hpp"

namespace ringback {
namespace {

double seconds_between(TimePoint from, TimePoint to) {
  return std::chrono::duration<double>(to - from).count();
}

bool entered(const Change& change) {
  return !change.before || change.before->state != change.after.state;
}

const Attempt* before_of(const Change& change, const Attempt& a) {
  return change.before ? attempt_of(*change.before, a.no) : nullptr;
}

// Why an attempt ended, or the state that it ended in.
std::string_view outcome_of(const Attempt& a) {
  if (a.outcome != Reason::none) return word(a.outcome);
  return talked(a) ? "completed" : word(a.state);
}

void write(const Change& change, log::Lines& lines) {
  const Callback& after = change.after;
  const bool moved = entered(change) || !change.before || change.before->phase != after.phase;
  const auto level = moved ? log::Level::info : log::Level::debug;
  const auto id = after.id.text();
  const auto tell = [&](log::Field who) {
    lines.add(level, "callback changed",
              {who,
               {"callback", id},
               {"state", word(after.state)},
               {"phase", word(after.phase)},
               {"reason", word(after.reason)},
               {"version", after.version}});
  };
  // Work that no request asked for was done by ourselves.
  if (change.request_id.empty())
    tell({"by", "runner"});
  else
    tell({"request_id", change.request_id});
}

}  // namespace

bool Publisher::changed_document(const Change& change) const {
  if (!change.before) return true;
  return change.before->status_version != change.after.status_version &&
         board_.knows(change.after.id);
}

void Publisher::publish(double seconds, std::size_t works, std::vector<Change>&& changes) {
  metrics_.storage_commit(seconds, static_cast<double>(works));
  bool orders = false;
  log::Lines lines;
  for (Change& change : changes) {
    orders |= change.orders;
    const CallbackId id = change.after.id;
    if (change.foreign_call) log::error("two calls for one attempt", {{"callback", id.text()}});
    if (!change.said.empty())
      log::warn("the carrier did not take an order",
                {{"callback", id.text()}, {"said", change.said}});
    if (change.before && change.after.version == change.before->version) continue;
    count(change);
    write(change, lines);
    if (render_ && changed_document(change)) board_.publish(id, render_(std::move(change.after)));
  }
  lines.write();
  if (orders && wake_) wake_();
}

void Publisher::count(const Change& change) {
  if (entered(change)) metrics_.callback_entered(word(change.after.state));
  if (entered(change) && change.after.state == State::connected)
    metrics_.time_to_bridge(seconds_between(
        change.after.proven_at.value_or(change.after.created_at), change.after.updated_at));
  if (entered(change) && change.after.state == State::expired && !change.after.proven)
    metrics_.verification(Metrics::Verification::expired);
  count_attempts(change);
  count_texts(change);
}

void Publisher::count_attempts(const Change& change) {
  for (const Attempt& a : change.after.attempts) {
    const Attempt* was = before_of(change, a);
    if (was != nullptr && is_live(was->state) && !is_live(a.state)) {
      const auto last = carriers_.size() - 1;
      metrics_.attempt_ended(carriers_[std::min(static_cast<std::size_t>(a.account), last)],
                             outcome_of(a));
    }
    const bool answered = a.business_leg.answered_at.has_value();
    if (answered && a.claimed_at && (was == nullptr || !was->business_leg.answered_at))
      metrics_.time_to_answer(seconds_between(*a.claimed_at, *a.business_leg.answered_at));
  }
}

void Publisher::count_texts(const Change& change) {
  for (const Message& m : change.after.messages) {
    if (m.purpose != MessagePurpose::code || m.state != MessageState::accepted) continue;
    const auto no = static_cast<std::size_t>(m.no - 1);
    const bool was_accepted = change.before && no < change.before->messages.size() &&
                              change.before->messages[no].state == MessageState::accepted;
    if (!was_accepted) metrics_.verification(Metrics::Verification::sent);
  }
}

}  // namespace ringback
