#include "tests/core/support/world.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "core/domain/instruction.hpp"
#include "tests/core/support/checks.hpp"

namespace ringback::test {
namespace {

// A1: what we stopped waiting for is taken within the quarantine, or never.
constexpr Millis kTakenUntil = Seconds(209);

template <class T>
void remove_at(std::vector<T>& items, std::size_t index) {
  items.erase(items.begin() + static_cast<std::ptrdiff_t>(index));
}

}  // namespace

std::string World::ref_of(const Call& call) const {
  return "CA" + std::to_string(&call - calls.data() + 1);
}

Verdict World::feed(const Event& event) {
  const Callback before = story.c;
  const auto verdict = story.feed(event);
  if (std::getenv("RINGBACK_SEED") != nullptr) {
    // A story that is played alone tells itself: the event, the rows taken, and where it stands.
    std::fprintf(stderr, "event %zu rows", event.index());
    for (const int row : story.last.rows) std::fprintf(stderr, " %d", row);
    std::fprintf(stderr, " -> state %d phase %d", static_cast<int>(story.c.state),
                 static_cast<int>(story.c.phase));
    for (const Attempt& a : story.c.attempts)
      std::fprintf(stderr, " [%d %s b%d v%d]", static_cast<int>(a.state), a.ref.c_str(),
                   static_cast<int>(a.business_leg.view), static_cast<int>(a.visitor_leg.view));
    std::fprintf(stderr, "\n");
  }
  fail_if(broken_by(before, event, story.world, story.last));
  fail_if(broken_in(story));
  return verdict;
}

void World::news(const Call& call, Side side, View view, bool declined) {
  News n;
  n.attempt = call.attempt;
  n.ref = ref_of(call);
  n.side = side;
  n.view = view;
  n.declined = declined;
  mail.push_back(n);
}

void World::ring_visitor(Call& call) {
  if (call.visitor != View::none || is_final(call.business)) return;
  if (cancel_accepted) fail("the visitor was rung after an accepted cancel");
  for (const Call& other : calls)
    if (&other != &call && !other.over()) fail("the visitor was rung by two calls at once");
  const Attempt* a = attempt_of(story.c, call.attempt);
  if (!bridges() && !a->gate_open) fail("the visitor was rung before a human accepted");
  call.visitor = View::ringing;
  call.visitor_shows_at = story.now() + story.rules.accounts[0].fetch_lag;
  news(call, Side::visitor, View::ringing);
}

void World::end_call(Call& call) {
  if (!is_final(call.business)) {
    call.business = call.business == View::answered ? View::completed : View::canceled;
    news(call, Side::business, call.business);
  }
  if (call.visitor == View::none || is_final(call.visitor)) return;
  call.visitor = call.visitor == View::answered ? View::completed : View::canceled;
  news(call, Side::visitor, call.visitor);
}

void World::take(const Request& request, bool answered) {
  for (const Call& other : calls) {
    if (other.attempt == request.attempt) fail("one attempt rang twice");
    if (!other.over()) fail("two calls at once");
  }
  Call call;
  call.attempt = request.attempt;
  call.business = View::ringing;
  calls.push_back(call);
  news(calls.back(), Side::business, View::ringing);
  if (!answered) return;
  mail.push_back(DialAnswered{request.attempt, request.fence,
                              Outcome{Taken::accepted, ref_of(calls.back()), Millis{0}, ""}});
}

void World::run(OrderKind kind, int item) {
  story.outbox.erase({kind, item});
  const auto call =
      std::find_if(calls.begin(), calls.end(), [&](const Call& c) { return c.attempt == item; });
  switch (kind) {
    case OrderKind::dial: {
      // A claim that is refused leaves its order, as the real outbox would.
      feed(DialClaimed{item});
      const Attempt* a = attempt_of(story.c, item);
      if (a->state == AttemptState::sending) requests.push_back({item, a->fence, story.now()});
      return;
    }
    case OrderKind::hang_up:
      if (call != calls.end()) end_call(*call);
      return;
    case OrderKind::look_up:
      mail.push_back(LookedUp{item, call != calls.end() ? 1 : 0, false,
                              call != calls.end() ? ref_of(*call) : "", story.now()});
      return;
    case OrderKind::poll: {
      Snapshot shot;
      shot.attempt = item;
      shot.asked_at = story.now();
      if (call == calls.end()) return fail("a poll of a call that does not exist");
      shot.ref = ref_of(*call);
      shot.business = call->business;
      if (story.now() >= call->visitor_shows_at) shot.visitor = call->visitor;
      mail.push_back(shot);
      return;
    }
    case OrderKind::send_text: {
      feed(TextClaimed{item, Digest{}});
      const Message* m = message_of(story.c, item);
      if (m->state == MessageState::sending)
        mail.push_back(TextAnswered{item, m->fence, Outcome{Taken::accepted, "SM", Millis{0}, ""}});
      return;
    }
    case OrderKind::look_up_text:
      mail.push_back(TextLookedUp{item, false, "", story.now()});
      return;
  }
}

void World::deliver(std::size_t index, bool again) {
  const Event event = mail[index];
  if (!again) remove_at(mail, index);
  feed(event);
  const auto* asked = std::get_if<Questioned>(&event);
  if (asked == nullptr) return;
  const auto it = std::find_if(calls.begin(), calls.end(),
                               [&](const Call& c) { return ref_of(c) == asked->ref; });
  if (is_final(it->business)) return;
  const auto said = instruction_for(story.c, *asked, story.rules, Prompts{});
  if (std::holds_alternative<DialVisitor>(said)) return ring_visitor(*it);
  if (!std::holds_alternative<AskForKey>(said)) return end_call(*it);
  it->asked = true;
}

std::vector<Move> World::moves() const {
  std::vector<Move> out;
  int i = 0;
  while (i < static_cast<int>(story.outbox.size())) out.push_back({Do::run_order, i++});
  if (!story.timers.empty()) out.push_back({Do::ring_timer});
  for (int r = 0; r < static_cast<int>(requests.size()); ++r) {
    const auto& request = requests[static_cast<std::size_t>(r)];
    if (story.now() < request.claimed + kTakenUntil) {
      out.push_back({Do::take, r});
      if (losses > 0) out.push_back({Do::take_silently, r});
    }
    out.push_back({Do::throttle, r});
    out.push_back({Do::refuse_number, r});
    out.push_back({Do::refuse_account, r});
    if (losses > 0) out.push_back({Do::lose, r});
    if (deaths > 0) out.push_back({Do::die, r});
  }
  for (int r = 0; r < static_cast<int>(orphans.size()); ++r)
    if (story.now() < orphans[static_cast<std::size_t>(r)].claimed + kTakenUntil)
      out.push_back({Do::take_silently, static_cast<int>(requests.size()) + r});
  for (int m = 0; m < static_cast<int>(mail.size()); ++m) {
    out.push_back({Do::deliver, m});
    if (repeats > 0) out.push_back({Do::repeat, m});
    if (drops > 0) out.push_back({Do::drop, m});
  }
  for (int n = 0; n < static_cast<int>(calls.size()); ++n) {
    const Call& call = calls[static_cast<std::size_t>(n)];
    if (call.business == View::ringing) {
      for (const Do what : {Do::answer, Do::ignore, Do::decline}) out.push_back({what, n});
    } else if (call.business == View::answered) {
      if (call.asked && !call.pressed) {
        out.push_back({Do::press, n});
        out.push_back({Do::press_other, n});
      }
      out.push_back({Do::hang_up_business, n});
    }
    if (call.visitor == View::ringing) {
      out.push_back({Do::visitor_answers, n});
      out.push_back({Do::visitor_ignores, n});
    } else if (call.visitor == View::answered) {
      out.push_back({Do::hang_up_both, n});
    }
  }
  if (cancels > 0 && story.c.version > 0) out.push_back({Do::cancel});
  if (retries > 0 && is_final(story.c.state)) out.push_back({Do::retry});
  return out;
}

void World::take_move(const Move& move) {
  const auto n = static_cast<std::size_t>(move.which);
  const auto answer = [&](Taken taken) {
    const Request r = requests[n];
    remove_at(requests, n);
    mail.push_back(DialAnswered{r.attempt, r.fence, Outcome{taken, "", Millis{0}, ""}});
  };
  switch (move.what) {
    case Do::run_order: {
      const auto order = *std::next(story.outbox.begin(), move.which);
      story.world.now = std::max(story.now(), order.second);
      return run(order.first.first, order.first.second);
    }
    case Do::ring_timer: {
      const auto timer = std::min_element(story.timers.begin(), story.timers.end(),
                                          [](auto& a, auto& b) { return a.second < b.second; });
      const auto kind = timer->first;
      story.world.now = std::max(story.now(), timer->second);
      feed(TimerRang{kind});
      return;
    }
    case Do::take: {
      const Request r = requests[n];
      remove_at(requests, n);
      return take(r, true);
    }
    case Do::take_silently: {
      const bool orphan = n >= requests.size();
      auto& list = orphan ? orphans : requests;
      const auto at = orphan ? n - requests.size() : n;
      const Request r = list[at];
      remove_at(list, at);
      losses -= orphan ? 0 : 1;
      return take(r, false);
    }
    case Do::lose:
      losses -= 1;
      return answer(Taken::unknown);
    case Do::throttle:
      return answer(Taken::throttled);
    case Do::refuse_number:
      return answer(Taken::refused_number);
    case Do::refuse_account:
      return answer(Taken::refused_account);
    case Do::die: {
      const Request r = requests[n];
      remove_at(requests, n);
      orphans.push_back(r);
      deaths -= 1;
      feed(SenderDied{r.attempt, 0});
      return;
    }
    case Do::deliver:
      return deliver(n, false);
    case Do::repeat:
      repeats -= 1;
      return deliver(n, true);
    case Do::drop:
      drops -= 1;
      return remove_at(mail, n);
    case Do::cancel:
      cancels -= 1;
      if (feed(CancelAsked{}) == Verdict::moved) cancel_accepted = true;
      return;
    case Do::retry:
      retries -= 1;
      feed(RetryAsked{});
      return;
    default:
      break;
  }
  Call& call = calls[n];
  switch (move.what) {
    case Do::answer:
      call.business = View::answered;
      news(call, Side::business, View::answered);
      if (bridges()) return ring_visitor(call);
      mail.push_back(Questioned{call.attempt, ref_of(call), Point::answered, 1, "", false});
      return;
    case Do::ignore:
      call.business = View::no_answer;
      return news(call, Side::business, View::no_answer);
    case Do::decline:
      call.business = View::busy;
      return news(call, Side::business, View::busy, true);
    case Do::press:
    case Do::press_other:
      call.pressed = true;
      mail.push_back(Questioned{call.attempt, ref_of(call), Point::key, 1,
                                move.what == Do::press ? "1" : "5", false});
      return;
    case Do::visitor_answers:
      call.visitor = View::answered;
      call.talked = true;
      return news(call, Side::visitor, View::answered);
    case Do::visitor_ignores:
      call.visitor = View::no_answer;
      news(call, Side::visitor, View::no_answer);
      return end_call(call);
    case Do::hang_up_both:
    case Do::hang_up_business:
      return end_call(call);
    default:
      return;
  }
}

// Whatever is under way ends, then time goes on.
std::optional<Move> World::kind_move() const {
  if (!mail.empty()) return Move{Do::deliver, 0};
  if (!requests.empty())
    return Move{story.now() < requests[0].claimed + kTakenUntil ? Do::take : Do::throttle, 0};
  for (int n = 0; n < static_cast<int>(calls.size()); ++n) {
    const Call& call = calls[static_cast<std::size_t>(n)];
    if (call.business == View::ringing) return Move{Do::ignore, n};
    if (!call.over()) return Move{Do::hang_up_both, n};
  }
  int i = 0;
  auto next_timer = TimePoint::max();
  for (const auto& [kind, due] : story.timers) next_timer = std::min(next_timer, due);
  for (const auto& [order, due] : story.outbox) {
    if (due <= std::max(story.now(), next_timer)) return Move{Do::run_order, i};
    ++i;
  }
  if (!story.timers.empty()) return Move{Do::ring_timer};
  if (!story.outbox.empty()) return Move{Do::run_order};
  return std::nullopt;
}

int World::run_to_end(int most) {
  for (int n = 0; n < most; ++n) {
    const auto move = kind_move();
    if (!move) {
      check_end();
      return n;
    }
    take_move(*move);
    if (!fault.empty()) return -1;
  }
  fail("it does not end");
  return -1;
}

void World::check_end() {
  if (!is_final(story.c.state)) return fail("it sleeps for ever");
  if (live_attempt(story.c) != nullptr) return fail("an attempt lives for ever");
  const bool talk = std::any_of(calls.begin(), calls.end(), [](const Call& c) { return c.talked; });
  const bool doubt =
      std::any_of(story.c.attempts.begin(), story.c.attempts.end(),
                  [](const Attempt& a) { return a.state == AttemptState::in_doubt_ended; });
  if (story.c.state == State::completed && !talk) fail("completed, and nobody talked");
  if (talk && story.c.state != State::completed && !doubt)
    fail("they talked, and it is not completed");
}

std::uint64_t World::fingerprint() const {
  std::uint64_t h = 14695981039346656037ULL;
  const auto mix = [&](auto value) {
    h = (h ^ static_cast<std::uint64_t>(value)) * 1099511628211ULL;
    h ^= h >> 29U;
  };
  const auto when = [&](const std::optional<TimePoint>& at) {
    mix(at ? (*at - story.now()).count() : 0x7fffffffLL);
  };
  const auto text = [&](const std::string& s) { mix(std::hash<std::string>{}(s)); };
  const Callback& c = story.c;
  for (const auto value :
       {static_cast<int>(c.state), static_cast<int>(c.phase), static_cast<int>(c.reason),
        static_cast<int>(c.cancel), c.generation, c.round, c.number_index, c.account,
        static_cast<int>(c.rang), static_cast<int>(c.last_reason),
        static_cast<int>(c.visitor_reason), static_cast<int>(c.fault),
        static_cast<int>(c.in_doubt_ended), static_cast<int>(c.second_chance_used),
        static_cast<int>(c.too_old), static_cast<int>(c.late), c.held_day, c.alerted_generation,
        static_cast<int>(c.struck.size())})
    mix(value);
  when(c.scheduled_for);
  when(c.give_up_at);
  for (const Attempt& a : c.attempts) {
    for (const auto value :
         {static_cast<int>(a.state), a.account, a.number_index, a.fence, a.throttled, a.budget_day,
          a.empty_looks, static_cast<int>(a.business_leg.view),
          static_cast<int>(a.visitor_leg.view), static_cast<int>(a.business_leg.declined),
          static_cast<int>(a.gate_open), static_cast<int>(a.key_refused),
          static_cast<int>(a.closed), a.polls})
      mix(value);
    when(a.claimed_at);
    when(a.empty_look_at);
    when(a.childless_at);
    when(a.business_leg.ended_at);
    text(a.ref);
  }
  for (const Message& m : c.messages) {
    mix(m.state);
    mix(m.fence);
  }
  for (const auto& [order, due] : story.outbox) {
    mix(order.first);
    mix(order.second);
    when(due);
  }
  for (const auto& [kind, due] : story.timers) {
    mix(kind);
    when(due);
  }
  for (const Call& call : calls)
    for (const auto value :
         {call.attempt, static_cast<int>(call.business), static_cast<int>(call.visitor),
          static_cast<int>(call.asked), static_cast<int>(call.pressed)})
      mix(value);
  for (const auto* list : {&requests, &orphans})
    for (const Request& r : *list) {
      mix(r.attempt);
      mix(r.fence);
      when(r.claimed);
    }
  for (const Event& e : mail) {
    mix(e.index());
    if (const auto* n = std::get_if<News>(&e))
      mix((n->attempt * 2 + static_cast<int>(n->side)) * 16 + static_cast<int>(n->view));
    if (const auto* d = std::get_if<DialAnswered>(&e))
      mix(d->attempt * 64 + d->fence * 8 + static_cast<int>(d->outcome.taken));
    if (const auto* q = std::get_if<Questioned>(&e))
      mix(q->attempt * 8 + static_cast<int>(q->point) * 2 + (q->digits == "1" ? 1 : 0));
    if (const auto* s = std::get_if<Snapshot>(&e)) {
      mix((s->attempt * 16 + static_cast<int>(s->business)) * 16 + static_cast<int>(s->visitor));
      when(s->asked_at);
    }
    if (const auto* l = std::get_if<LookedUp>(&e)) {
      mix(l->attempt * 4 + l->candidates);
      when(l->asked_at);
    }
  }
  for (const auto value :
       {deaths, repeats, drops, cancels, retries, losses, static_cast<int>(cancel_accepted)})
    mix(value);
  return h;
}

}  // namespace ringback::test
