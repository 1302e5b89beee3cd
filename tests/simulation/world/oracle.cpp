#include "tests/simulation/world/oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "core/domain/business_hours.hpp"
#include "core/domain/words.hpp"

namespace ringback::sim {
namespace {

using exchange::LogEntry;

struct Judge {
  const Stage& stage;
  const Installation& installed;
  const Witness& witness;
  CallbackStore& store;
  std::vector<Violation> found{};
  std::map<std::string, std::vector<const LogEntry*>, std::less<>> by_token{};
  std::map<std::pair<Budget, int>, int> used{};  // as the rows say

  void wrong(const CallbackId& id, std::string what) { found.push_back({id, std::move(what)}); }

  void all() {
    for (const auto& [id, what] : witness.wrong) wrong(id, what);
    for (const LogEntry& entry : stage.exchange.log()) by_token[entry.token].push_back(&entry);
    for (const CallbackId& id : witness.promised) {
      const auto callback = store.load(id);
      if (!callback) {
        wrong(id, "an answered request is lost");
        continue;
      }
      one(*callback);
    }
    // What is left belongs to no attempt of any callback.
    for (const auto& [token, entries] : by_token)
      if (!entries.empty()) wrong({}, "a call rang that no attempt ordered: " + entries[0]->call);
    world();
  }

  void one(const Callback& c) {
    if (!is_final(c.state)) wrong(c.id, "is asleep and not over");
    if (live_attempt(c) != nullptr) wrong(c.id, "rests with a live attempt");
    std::vector<const LogEntry*> calls;
    for (const Attempt& a : c.attempts) attempt(c, a, calls);
    together(c, calls);
    truth(c, calls);
    texts(c);
    money(c);
    replay(c);
  }

  void attempt(const Callback& c, const Attempt& a, std::vector<const LogEntry*>& calls) {
    const auto at = by_token.find(attempt_token(*installed.keys, c.id, a.no));
    const auto mine = at == by_token.end() ? std::vector<const LogEntry*>() : std::move(at->second);
    if (at != by_token.end()) by_token.erase(at);
    if (mine.size() > 1) wrong(c.id, fmt::format("attempt {} rang the business twice", a.no));
    const bool may_have_rung =
        a.state == AttemptState::ended || a.state == AttemptState::in_doubt_ended;
    if (!mine.empty() && !may_have_rung)
      wrong(c.id, fmt::format("attempt {} is `{}`, and yet it rang", a.no, word(a.state)));
    if (mine.empty() && a.state == AttemptState::ended)
      wrong(c.id, fmt::format("attempt {} ended, and never began", a.no));
    if (a.claimed_at && !is_open(installed.policy.hours, *installed.policy.zone, *a.claimed_at))
      wrong(c.id, fmt::format("attempt {} rang while the business was shut", a.no));
    if (!mine.empty() && a.budget_day == 0)
      wrong(c.id, fmt::format("attempt {} rang and is not paid for", a.no));
    for (const LogEntry* entry : mine) {
      if (!a.ref.empty() && a.ref != entry->call)
        wrong(c.id, fmt::format("attempt {} took somebody else's call", a.no));
      visitor(c, *entry);
      calls.push_back(entry);
    }
  }

  void visitor(const Callback& c, const LogEntry& entry) {
    if (entry.visitor_rings > 1) wrong(c.id, "one call rang the visitor twice");
    if (entry.visitor && *entry.visitor != c.visitor.phone)
      wrong(c.id, "a stranger's telephone was dialled");
    if (!entry.visitor_rang_at) return;
    const auto accepted = witness.accepted.find(entry.call);
    if (accepted == witness.accepted.end() || accepted->second > *entry.visitor_rang_at)
      wrong(c.id, "the visitor was rung before anybody accepted");
    const auto cancelled = witness.cancelled.find(c.id);
    if (cancelled != witness.cancelled.end() && *entry.visitor_rang_at > cancelled->second)
      wrong(c.id, "the visitor was rung after a cancel was accepted");
  }

  // Never two calls at once, of one callback.
  void together(const Callback& c, std::vector<const LogEntry*>& calls) {
    std::sort(calls.begin(), calls.end(),
              [](const LogEntry* a, const LogEntry* b) { return a->placed_at < b->placed_at; });
    for (std::size_t i = 1; i < calls.size(); ++i) {
      const auto& over = calls[i - 1]->business_ended_at;
      const auto& rang = calls[i]->business_rang_at;
      if (rang && (!over || *over > *rang)) wrong(c.id, "two calls were up at once");
    }
  }

  void truth(const Callback& c, const std::vector<const LogEntry*>& calls) {
    const bool talked = std::any_of(calls.begin(), calls.end(), [](const LogEntry* entry) {
      return entry->joined_at.has_value();
    });
    if (talked && c.state != State::completed)
      wrong(c.id, fmt::format("they talked, and it is `{}`", word(c.state)));
    if (!talked && c.state == State::completed) wrong(c.id, "nobody talked, and it is `completed`");
    if (witness.cancelled.count(c.id) > 0 && c.state != State::cancelled)
      wrong(c.id, fmt::format("a cancel was accepted, and it is `{}`", word(c.state)));
    if (is_final(c.state) && !c.finished_at) wrong(c.id, "is over, but since when?");
    const auto claims = c.finished_at.value_or(TimePoint{}) - stage.wall_ahead;
    if (claims > stage.now) wrong(c.id, "ended in the future");
  }

  void texts(const Callback& c) {
    const bool to_be_told = c.proven && (c.state == State::missed || c.state == State::failed ||
                                         c.state == State::expired);
    int told = 0;
    for (const Message& m : c.messages) {
      if (m.state == MessageState::ready || m.state == MessageState::sending)
        wrong(c.id, fmt::format("text {} rests, `{}`", m.no, word(m.state)));
      if (m.purpose != MessagePurpose::alert) continue;
      if (m.generation == c.generation) ++told;
      const int sent = sent_with(text_reference(*installed.keys, c.id, m.no));
      if (sent > 1) wrong(c.id, fmt::format("text {} was sent {} times", m.no, sent));
      if (sent == 0 && m.state == MessageState::accepted)
        wrong(c.id, fmt::format("text {} counts as accepted, and was never sent", m.no));
      if (sent == 1 && m.state == MessageState::refused)
        wrong(c.id, fmt::format("text {} counts as refused, and was sent", m.no));
    }
    if (to_be_told && told != 1)
      wrong(c.id, fmt::format("`{}`, and {} texts were ordered", word(c.state), told));
    // Late truth may come after the text; nobody else tells the business anything.
    if (!to_be_told && told > 0 && !c.late)
      wrong(c.id, fmt::format("`{}`, and a text was ordered", word(c.state)));
  }

  int sent_with(const std::string& reference) const {
    int sent = 0;
    for (const auto& text : stage.exchange.texts())
      if (text.to == installed.policy.sms_number && text.body.find(reference) != std::string::npos)
        ++sent;
    return sent;
  }

  void money(const Callback& c) {
    if (c.held_day != 0) {
      wrong(c.id, "is over and holds a call");
      ++used[{Budget::calls, c.held_day}];
    }
    for (const Attempt& a : c.attempts)
      if (a.budget_day != 0) ++used[{Budget::calls, a.budget_day}];
    for (const Message& m : c.messages)
      if (m.budget_day != 0) ++used[{Budget::texts, m.budget_day}];
  }

  // The journal, decided once more, arrives at the row.
  void replay(const Callback& c) {
    const auto lines = store.journal(c.id);
    if (!lines) return wrong(c.id, "has no journal");
    Callback again;
    again.id = c.id;
    again.site = c.site;
    again.visitor = c.visitor;
    again.phone_hmac = c.phone_hmac;
    again.client_hmac = c.client_hmac;
    again.slot = c.slot;
    again.created_at = again.updated_at = c.created_at;
    for (const JournalLine& line : *lines) {
      again = decide(again, line.event, line.situation).after;
      const auto live = std::count_if(again.attempts.begin(), again.attempts.end(),
                                      [](const Attempt& a) { return is_live(a.state); });
      if (live > 1) wrong(c.id, "had two live attempts");
    }
    if (!(again == c)) wrong(c.id, "its journal arrives at another row");
  }

  void world() {
    const int first = static_cast<int>(
        std::chrono::floor<std::chrono::days>(stage.plan.begin).time_since_epoch().count());
    const int last = static_cast<int>(
        std::chrono::floor<std::chrono::days>(stage.now).time_since_epoch().count());
    for (const Budget budget : {Budget::calls, Budget::texts})
      for (int day = first - 1; day <= last + 2; ++day) {
        const auto stored = store.budget_used(budget, day);
        const auto rows = used.find({budget, day});
        const int expected = rows == used.end() ? 0 : rows->second;
        if (!stored || *stored != expected)
          wrong({}, fmt::format("{} of day {}: {} counted, {} in the rows",
                                budget == Budget::calls ? "calls" : "texts", day,
                                stored ? *stored : -1, expected));
        const int cap =
            budget == Budget::calls ? installed.policy.caps.calls : installed.policy.caps.texts;
        if (expected > cap) wrong({}, "a day's cap was exceeded");
      }
    const auto figures = store.figures();
    if (!figures || figures->outbox_pending != 0) wrong({}, "orders are left at rest");
    if (!figures || figures->live_attempts != 0) wrong({}, "lines are taken at rest");
    const auto texts = store.open_texts();
    if (!texts || !texts->empty()) wrong({}, "texts are being sent at rest");
  }
};

constexpr std::array kEvents = {
    "asked",      "code entered", "resend asked",  "joined",        "cancel",        "retry",
    "timer",      "dial claimed", "dial answered", "looked up",     "sender died",   "news",
    "questioned", "snapshot",     "text claimed",  "text answered", "text looked up"};
static_assert(kEvents.size() == std::variant_size_v<Event>);

std::string detail_of(const Event& event) {
  if (const auto* e = std::get_if<TimerRang>(&event)) return std::string(word(e->kind));
  if (const auto* e = std::get_if<DialAnswered>(&event))
    return fmt::format("#{} taken {} {}", e->attempt, static_cast<int>(e->outcome.taken),
                       e->outcome.ref);
  if (const auto* e = std::get_if<LookedUp>(&event))
    return fmt::format("#{} candidates {} rival {} {}", e->attempt, e->candidates, e->rival,
                       e->ref);
  if (const auto* e = std::get_if<News>(&event))
    return fmt::format("#{} {} {}", e->attempt, e->side == Side::business ? "business" : "visitor",
                       word(e->view));
  if (const auto* e = std::get_if<Questioned>(&event))
    return fmt::format("#{} point {} round {} digits '{}'", e->attempt, static_cast<int>(e->point),
                       e->round, e->digits);
  if (const auto* e = std::get_if<Snapshot>(&event))
    return fmt::format("#{} business {} visitor {}{}", e->attempt, word(e->business),
                       word(e->visitor), e->gone ? " gone" : "");
  if (const auto* e = std::get_if<TextAnswered>(&event))
    return fmt::format("text {} taken {}", e->message, static_cast<int>(e->outcome.taken));
  if (const auto* e = std::get_if<TextLookedUp>(&event))
    return fmt::format("text {} {}", e->message, e->found ? "found" : "absent");
  return {};
}

}  // namespace

std::vector<Violation> judge(const Stage& stage, const Installation& installed,
                             const Witness& witness, CallbackStore& store) {
  Judge judge{stage, installed, witness, store};
  judge.all();
  return std::move(judge.found);
}

std::string story_of(const Stage& stage, const Installation& installed, CallbackStore& store,
                     const CallbackId& id) {
  const auto row = store.load(id);
  const auto lines = store.journal(id);
  if (!row || !lines) return "  (no row)\n";
  const auto since = [&](TimePoint at) {
    return static_cast<double>((at - stage.plan.begin).count()) / 1000;
  };
  std::vector<std::pair<TimePoint, std::string>> told;
  Callback c;
  c.id = id;
  c.visitor = row->visitor;
  c.slot = row->slot;
  c.created_at = c.updated_at = row->created_at;
  for (const JournalLine& line : *lines) {
    c = decide(c, line.event, line.situation).after;
    told.emplace_back(
        line.at,
        fmt::format("{:<14} {:<32} -> {} {} {}{}", kEvents[line.event.index()],
                    detail_of(line.event), word(c.state), word(c.phase), word(c.reason),
                    c.attempts.empty()
                        ? std::string()
                        : fmt::format("  [#{} {} gate {}]", c.attempts.back().no,
                                      word(c.attempts.back().state), c.attempts.back().gate_open)));
  }
  for (const Attempt& a : row->attempts)
    for (const LogEntry& entry : stage.exchange.log()) {
      if (entry.token != attempt_token(*installed.keys, id, a.no)) continue;
      const auto note = [&](const std::optional<TimePoint>& at, std::string_view what) {
        if (at)
          told.emplace_back(*at + stage.wall_ahead,
                            fmt::format("EXCHANGE {}: {} (#{})", entry.call, what, a.no));
      };
      note(entry.placed_at, "order taken");
      note(entry.business_rang_at, "business rings");
      note(entry.business_answered_at, "business answers");
      note(entry.visitor_rang_at, "visitor rings");
      note(entry.joined_at, "joined");
      note(entry.visitor_ended_at, "visitor leg over");
      note(entry.business_ended_at, "business leg over");
    }
  std::stable_sort(told.begin(), told.end(),
                   [](const auto& a, const auto& b) { return a.first < b.first; });
  std::string text = fmt::format("  callback {}\n", id.text());
  for (const auto& [at, what] : told) text += fmt::format("  {:>10.3f} s  {}\n", since(at), what);
  return text;
}

}  // namespace ringback::sim
