#include "tests/simulation/world/people.hpp"

#include <algorithm>

#include "core/usecases/cancel_callback.hpp"
#include "core/usecases/prove_number.hpp"
#include "core/usecases/request_callback.hpp"

namespace ringback::sim {
namespace {

constexpr Millis kTriesAgain{Seconds(2)};
constexpr std::string_view kSite = "default";

}  // namespace

People::People(Stage& stage, const Installation& installed, Witness& witness, Now now)
    : stage_(stage), installed_(installed), witness_(witness), now_(std::move(now)) {}

void People::begin() {
  Chance& chance = stage_.chance;
  const Plan& plan = stage_.plan;
  for (int i = 0; i < plan.callbacks; ++i) {
    Visitor visitor;
    const bool known = i > 0 && chance.strikes(plan.same_phone);
    visitor.phone = visitor_number(known ? chance.between(0, i - 1) : i);
    visitor.client = "client-" + std::to_string(i % 50);
    visitor.proven = chance.strikes(plan.proven);
    visitor.forgets = chance.strikes(plan.forgets_code);
    const TimePoint arrival = plan.begin + chance.between(Millis(0), plan.arrivals);
    if (chance.strikes(plan.slots))
      visitor.slot = arrival + stage_.wall_ahead + chance.between(Minutes(1), Minutes(60));
    by_phone_.emplace(visitor.phone.e164(), i);
    visitors_.push_back(std::move(visitor));
    stage_.agenda.at(arrival, [this, i](TimePoint) { arrive(i); });
  }
}

void People::arrive(int who) {
  ask(who);
  Chance& chance = stage_.chance;
  const Plan& plan = stage_.plan;
  if (chance.strikes(plan.cancels))
    stage_.agenda.at(stage_.now + chance.between(Millis(0), plan.cancels_within),
                     [this, who](TimePoint) { cancel(who); });
  if (chance.strikes(plan.resends))
    stage_.agenda.at(stage_.now + chance.between(Seconds(50), Seconds(200)),
                     [this, who](TimePoint) { resend(who); });
  if (chance.strikes(plan.operator_retries))
    stage_.agenda.at(stage_.now + chance.between(Minutes(5), Minutes(60)), [this, who](TimePoint) {
      const auto& id = visitors_[static_cast<std::size_t>(who)].id;
      if (id) retry_as_operator(*id);
    });
}

void People::insist(Millis delay, std::function<bool(Program&)> what) {
  stage_.agenda.at(stage_.now + delay, [this, what = std::move(what)](TimePoint) {
    const auto program = now_();
    try {
      if (program && !program->frozen() && what(*program)) return;
    } catch (const Died&) {
      insist(kTriesAgain, what);
      throw;
    }
    insist(kTriesAgain, what);
  });
}

void People::ask(int who) {
  insist(Millis(0), [this, who](Program& program) {
    Visitor& visitor = visitors_[static_cast<std::size_t>(who)];
    const Keyring& keys = *installed_.keys;
    CallbackRequest request;
    request.site = kSite;
    request.visitor = {.phone = visitor.phone,
                       .region = "US",
                       .name = "Visitor",
                       .email = {},
                       .message = "about a thing",
                       .locale = "en"};
    request.slot = visitor.slot;
    request.proven = visitor.proven;
    request.client = visitor.client;
    request.repeat = CallbackRequest::Repeat{keys.hmac("repeat", std::to_string(who)), Digest{}};
    const auto answer = program.run([&] { return request_callback(program.board(), request); });
    if (!answer) return false;
    using Kind = RequestAnswer::Kind;
    const bool made = answer->kind == Kind::created;
    const bool known = made || answer->kind == Kind::repeated || answer->kind == Kind::joined;
    if (!known) {
      ++stage_.tally[answer->kind == Kind::over_budget ? "request over budget" : "request refused"];
      return true;
    }
    witness_.promised.insert(answer->callback.id);
    if (visitor.created && *visitor.created != answer->callback.id &&
        answer->kind == Kind::repeated)
      witness_.wrong.emplace_back(*visitor.created, "a repeated request made another callback");
    if (made && visitor.created)
      witness_.wrong.emplace_back(*visitor.created, "a repeated request made a second callback");
    if (made) visitor.created = answer->callback.id;
    if (stage_.strikes(stage_.plan.lost_answer)) return false;  // asks again, with the same key
    visitor.id = answer->callback.id;
    return true;
  });
}

void People::read_text(const exchange::Text& text) {
  const auto mark = text.body.find(" is your code");
  if (mark == std::string::npos) return;
  const std::string code = text.body.substr(mark - 6, 6);
  const auto [first, last] = by_phone_.equal_range(text.to.e164());
  for (auto at = first; at != last; ++at) {
    const int who = at->second;
    const Visitor& visitor = visitors_[static_cast<std::size_t>(who)];
    if (visitor.proven || visitor.forgets) continue;
    const Millis delay = stage_.chance.between(Seconds(2), Seconds(60));
    if (stage_.chance.strikes(stage_.plan.mistypes))
      stage_.agenda.at(stage_.now + delay / 2,
                       [this, who](TimePoint) { type(who, "000000", true); });
    stage_.agenda.at(stage_.now + delay, [this, who, code](TimePoint) { type(who, code, false); });
  }
}

void People::type(int who, const std::string& code, bool wrong) {
  const Visitor& visitor = visitors_[static_cast<std::size_t>(who)];
  if (!visitor.id) return;
  insist(Millis(0), [this, who, code, wrong](Program& program) {
    Visitor& typist = visitors_[static_cast<std::size_t>(who)];
    const auto answer =
        program.run([&] { return enter_code(program.board(), *typist.id, code, typist.client); });
    if (!answer) return false;
    if (wrong && answer->kind == CodeAnswer::Kind::verified)
      witness_.wrong.emplace_back(*typist.id, "a wrong code was taken");
    if (answer->kind == CodeAnswer::Kind::joined) {
      ++stage_.tally["joined"];
      typist.id = answer->callback.id;
    }
    // Over budget, the code stays good: once more, later.
    if (answer->kind == CodeAnswer::Kind::over_budget && ++typist.typed < 3) return false;
    return true;
  });
}

void People::resend(int who) {
  const Visitor& visitor = visitors_[static_cast<std::size_t>(who)];
  if (!visitor.id || visitor.proven) return;
  insist(Millis(0), [this, who](Program& program) {
    const Visitor& asker = visitors_[static_cast<std::size_t>(who)];
    return program.run([&] { return resend_code(program.board(), *asker.id, asker.client); })
        .has_value();
  });
}

void People::cancel(int who) {
  const Visitor& visitor = visitors_[static_cast<std::size_t>(who)];
  if (!visitor.id) return;
  const CallbackId id = *visitor.id;
  insist(Millis(0), [this, id](Program& program) {
    const auto answer =
        program.run([&] { return cancel_callback(program.board(), id, Reason::by_visitor); });
    if (!answer) return false;
    if (answer->kind == CancelAnswer::Kind::cancelled) {
      ++stage_.tally["cancel accepted"];
      witness_.cancelled.emplace(id, stage_.now);
    } else if (answer->kind == CancelAnswer::Kind::too_late) {
      ++stage_.tally["cancel too late"];
    }
    return true;
  });
}

void People::retry_as_operator(const CallbackId& id) {
  insist(Millis(0), [this, id](Program& program) {
    const auto applied = program.run(
        [&] { return apply_event(program.board(), id, RetryAsked{.anyway = false}, "operator"); });
    if (!applied) return false;
    if (applied->decision.after.generation > applied->before.generation) {
      ++stage_.tally["operator began anew"];
      ++witness_.retried[id];
    }
    return true;
  });
}

// ---- telephones --------------------------------------------------------------------------------

void People::look() {
  const auto& legs = stage_.exchange.legs();
  const bool any = !legs.empty() && legs.rbegin()->first > last_leg_;
  for (auto at = any ? legs.upper_bound(last_leg_) : legs.end(); at != legs.end(); ++at) {
    last_leg_ = at->first;
    at->second.role == Side::business ? business_rings(at->second) : visitor_rings(at->second);
  }
  const auto& texts = stage_.exchange.texts();
  for (; last_text_ < texts.size(); ++last_text_) read_text(texts[last_text_]);
}

Does People::next(const std::vector<Does>& ways, std::size_t& turn) {
  if (!stage_.plan.in_order) return stage_.chance.one_of(ways);
  return ways[std::min(turn++, ways.size() - 1)];
}

void People::act(const std::string& leg, Millis delay, std::string_view action,
                 std::string_view digits) {
  stage_.agenda.at(stage_.now + delay, [this, leg, action, digits](TimePoint) {
    const bool done = stage_.exchange.act(leg, action, digits, stage_.now).has_value();
    if (done && digits == "1") witness_.accepted.emplace(leg, stage_.now);
  });
}

void People::business_rings(const exchange::Leg& leg) {
  Chance& chance = stage_.chance;
  const Millis reacts = chance.between(Millis(600), Seconds(14));
  const Millis after = reacts + chance.between(Millis(500), Seconds(9));
  if (installed_.policy.rules.accept == Accept::none) witness_.accepted.emplace(leg.id, stage_.now);
  switch (next(stage_.plan.businesses, business_turn_)) {
    case Does::accept:
      act(leg.id, reacts, "answer");
      act(leg.id, after, "digits", "1");
      // Sometimes the business has had enough.
      if (chance.strikes(0.1))
        act(leg.id, after + chance.between(Millis(100), Minutes(3)), "hang_up");
      return;
    case Does::press_2:
      act(leg.id, reacts, "answer");
      return act(leg.id, after, "digits", "2");
    case Does::keep_mum:
      return act(leg.id, reacts, "answer");
    case Does::ring_off:
      act(leg.id, reacts, "answer");
      return act(leg.id, after, "hang_up");
    case Does::decline:
      return act(leg.id, reacts, "decline");
    case Does::busy:
      return act(leg.id, Millis(200), "busy");
    case Does::ignore:
      return;
    case Does::machine:
      act(leg.id, reacts, "machine");
      return act(leg.id, reacts + Seconds(30), "hang_up");
  }
}

void People::visitor_rings(const exchange::Leg& leg) {
  Chance& chance = stage_.chance;
  const Millis reacts = chance.between(Millis(600), Seconds(20));
  switch (next(stage_.plan.visitors, visitor_turn_)) {
    case Does::accept:
    case Does::press_2:
    case Does::keep_mum:
      act(leg.id, reacts, "answer");
      // Some talk until the line is cut.
      if (!chance.strikes(0.03))
        act(leg.id, reacts + chance.between(Seconds(2), Minutes(6)), "hang_up");
      return;
    case Does::ring_off:
      act(leg.id, reacts, "answer");
      return act(leg.id, reacts + chance.between(Millis(10), Seconds(2)), "hang_up");
    case Does::decline:
      return act(leg.id, reacts, "decline");
    case Does::busy:
      return act(leg.id, Millis(200), "busy");
    case Does::ignore:
      return;
    case Does::machine:
      act(leg.id, reacts, "machine");
      return act(leg.id, reacts + Seconds(20), "hang_up");
  }
}

}  // namespace ringback::sim
