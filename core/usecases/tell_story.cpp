#include "core/usecases/tell_story.hpp"

namespace ringback {
namespace {

// As it was asked for, before anything was decided.
Callback as_asked(const Callback& callback) {
  Callback fresh;
  fresh.id = callback.id;
  fresh.site = callback.site;
  fresh.visitor = callback.visitor;
  fresh.phone_hmac = callback.phone_hmac;
  fresh.client_hmac = callback.client_hmac;
  fresh.slot = callback.slot;
  fresh.created_at = fresh.updated_at = callback.created_at;
  return fresh;
}

}  // namespace

std::vector<Chapter> tell_story(const Callback& callback, const std::vector<JournalLine>& lines) {
  std::vector<Chapter> chapters;
  Callback now = as_asked(callback);
  for (const JournalLine& line : lines) {
    if (line.situation.rules == nullptr || line.situation.rules->accounts.empty() ||
        line.situation.rules->numbers.empty())
      return {};
    Decision decision = decide(now, line.event, line.situation);
    now = std::move(decision.after);
    chapters.push_back({.state = now.state,
                        .phase = now.phase,
                        .reason = now.reason,
                        .version = now.version,
                        .moved = decision.verdict == Verdict::moved,
                        .orders = std::move(decision.orders),
                        .drops = std::move(decision.drops),
                        .timers = std::move(decision.timers),
                        .budget = std::move(decision.budget)});
  }
  if (now != callback) return {};
  return chapters;
}

}  // namespace ringback
