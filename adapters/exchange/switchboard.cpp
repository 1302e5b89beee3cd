#include "adapters/exchange/switchboard.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "adapters/exchange/habits.hpp"
#include "adapters/exchange/object_text.hpp"

namespace ringback::exchange {
namespace {

constexpr Millis kSetUp{100};  // from the order to the first ring
constexpr Millis kPressing{400};
constexpr Millis kSpeech{2'500};  // plus, for each letter:
constexpr Millis kSpeechLetter{55};
constexpr std::size_t kMostKeys = 32;
constexpr Millis kFiling{200};  // from the end of a talk to the news of its recording

int whole_seconds(Millis span) {
  return static_cast<int>(std::chrono::duration_cast<Seconds>(span).count());
}

bool is_key(char c) { return (c >= '0' && c <= '9') || c == '*' || c == '#'; }

// What a letter says about a leg.
ObjectText& say_leg(ObjectText& to, const Call& call, const Leg& leg) {
  const bool visitor = leg.role == Side::visitor;
  return to.text("status", name_of(leg.status))
      .text("cause", name_of(leg.cause))
      .flag("machine", leg.machine)
      .flag("joined", visitor && call.joined_at.has_value())
      .number("talk_seconds", visitor ? call.talk_seconds : 0);
}

}  // namespace

std::optional<Act> act_named(std::string_view name) {
  constexpr std::array<std::pair<std::string_view, Act>, 7> kActs{{{"answer", Act::answer},
                                                                   {"decline", Act::decline},
                                                                   {"busy", Act::busy},
                                                                   {"no_answer", Act::no_answer},
                                                                   {"machine", Act::machine},
                                                                   {"hang_up", Act::hang_up},
                                                                   {"digits", Act::digits}}};
  for (const auto& [text, act] : kActs)
    if (text == name) return act;
  return std::nullopt;
}

// ---- legs ------------------------------------------------------------------------------------

Leg& Switchboard::add_leg(const NewLeg& what, TimePoint now) {
  const std::uint64_t no = ++last_leg_;
  Leg leg;
  leg.no = no;
  leg.call = what.call == 0 ? no : what.call;
  leg.id = fmt::format("call-{}-{}", boot_, no);
  if (what.call != 0) leg.parent = legs_.at(what.call).id;
  leg.role = what.role;
  leg.from = what.from;
  leg.to = what.to;
  leg.ring = what.ring;
  leg.placed_at = now;
  agenda_.at(now + kSetUp, [this, no](TimePoint at) { ring(no, at); });
  return legs_.emplace(no, std::move(leg)).first->second;
}

Leg* Switchboard::leg_by_id(std::string_view id) {
  const std::string prefix = fmt::format("call-{}-", boot_);
  if (id.substr(0, prefix.size()) != prefix) return nullptr;
  std::uint64_t no = 0;
  const char* end = id.data() + id.size();
  const auto read = std::from_chars(id.data() + prefix.size(), end, no);
  if (read.ec != std::errc{} || read.ptr != end) return nullptr;
  const auto it = legs_.find(no);
  return it == legs_.end() || it->second.id != id ? nullptr : &it->second;
}

const Call* Switchboard::find(std::string_view id) const {
  const Leg* leg = const_cast<Switchboard*>(this)->leg_by_id(id);  // reads only
  return leg == nullptr || leg->role != Side::business ? nullptr : &calls_.at(leg->no);
}

std::string Switchboard::place(const CallOrder& order, TimePoint now) {
  Leg& leg = add_leg({Side::business, order.from, order.to, order.ring}, now);
  Call call;
  call.business = leg.no;
  call.hook = order.hook;
  call.sign_key = order.sign_key;
  LogEntry entry;
  entry.call = leg.id;
  entry.token = order.hook.substr(order.hook.rfind('/') + 1);
  entry.business = order.to;
  entry.placed_at = now;
  call.log = records_.open_entry(std::move(entry));
  Call& placed = calls_.emplace(leg.no, std::move(call)).first->second;

  records_.changed(leg);
  tell_status(placed, leg, now);
  return leg.id;
}

void Switchboard::ring(std::uint64_t no, TimePoint now) {
  const auto it = legs_.find(no);
  if (it == legs_.end() || it->second.status != LegStatus::queued) return;
  Leg& leg = it->second;
  Call& call = call_of(leg);
  const Habit& habit = habit_of(leg.to);
  if (manners_.automatic && habit.reaction == Reaction::unobtainable)
    return end(leg, Cause::failed, now);

  leg.status = LegStatus::ringing;
  leg.rang_at = now;
  if (auto* entry = entry_of(call)) {
    if (leg.role == Side::business) {
      entry->business_rang_at = now;
    } else {
      entry->visitor_rang_at = now;
      ++entry->visitor_rings;
    }
  }
  records_.changed(leg);
  tell_status(call, leg, now);
  agenda_.at(now + leg.ring, [this, no](TimePoint at) {
    const auto found = legs_.find(no);
    if (found != legs_.end() && found->second.status == LegStatus::ringing)
      end(found->second, Cause::no_answer, at);
  });
  if (manners_.automatic)
    agenda_.at(now + habit.after, [this, no](TimePoint at) { react(no, at); });
}

void Switchboard::react(std::uint64_t no, TimePoint now) {
  const auto it = legs_.find(no);
  if (it == legs_.end() || it->second.status != LegStatus::ringing) return;
  Leg& leg = it->second;
  const Habit& habit = habit_of(leg.to);
  switch (habit.reaction) {
    case Reaction::answer:
      pick_up(leg, false, now);
      break;
    case Reaction::machine:
      pick_up(leg, true, now);
      break;
    case Reaction::busy:
      return end(leg, Cause::busy, now);
    case Reaction::decline:
      return end(leg, Cause::declined, now);
    case Reaction::unobtainable:
      return end(leg, Cause::failed, now);
    case Reaction::ignore:
      return;
  }
  const auto hang_up_after = habit.hangs_up              ? habit.hangs_up
                             : leg.role == Side::visitor ? std::optional(manners_.automatic_talk)
                                                         : std::nullopt;
  if (!hang_up_after) return;
  agenda_.at(now + *hang_up_after, [this, no](TimePoint at) {
    const auto found = legs_.find(no);
    if (found != legs_.end() && found->second.status == LegStatus::answered)
      end(found->second, Cause::completed, at);
  });
}

void Switchboard::pick_up(Leg& leg, bool machine, TimePoint now) {
  leg.status = LegStatus::answered;
  leg.machine = machine;
  leg.answered_at = now;
  Call& call = call_of(leg);
  auto* entry = entry_of(call);
  if (leg.role == Side::business) {
    if (entry != nullptr) entry->business_answered_at = now;
  } else {
    call.joined_at = now;
    if (entry != nullptr) entry->joined_at = now;
    leg.prompt = call.announce;
    agenda_.at(now + call.talk, [this, no = leg.no](TimePoint at) {
      const auto found = legs_.find(no);
      if (found != legs_.end() && found->second.status == LegStatus::answered)
        end(found->second, Cause::completed, at);
    });
  }
  records_.changed(leg);
  tell_status(call, leg, now);
  if (leg.role == Side::business) ask_program(call, "answer", 1, "", now);
}

void Switchboard::end(Leg& leg, Cause cause, TimePoint now) {
  if (leg.status == LegStatus::ended) return;
  leg.status = LegStatus::ended;
  leg.cause = cause;
  leg.prompt.clear();
  leg.keys.clear();
  leg.ended_at = now;
  Call& call = call_of(leg);
  if (leg.role == Side::visitor && call.joined_at)
    call.talk_seconds = whole_seconds(now - *call.joined_at);
  if (auto* entry = entry_of(call))
    (leg.role == Side::business ? entry->business_ended_at : entry->visitor_ended_at) = now;
  records_.changed(leg);
  tell_status(call, leg, now);
  if (leg.role == Side::visitor && call.joined_at && !call.announce.empty()) keep_tape(call, now);
  if (leg.role == Side::business)
    end_business(call, now);
  else
    end_visitor(call, now);
}

void Switchboard::end_business(Call& call, TimePoint now) {
  ++call.step;
  call.asking = 0;
  if (call.visitor) {
    Leg& visitor = legs_.at(*call.visitor);
    end(visitor, visitor.status == LegStatus::answered ? Cause::completed : Cause::canceled, now);
  }
  ended_.push_back(call.business);
  forget_old();
}

// Whoever called the visitor still holds the line: the program says what they hear.
void Switchboard::end_visitor(Call& call, TimePoint now) {
  if (legs_.at(call.business).status == LegStatus::answered)
    ask_program(call, "dialed", 1, "", now);
}

void Switchboard::forget_old() {
  while (ended_.size() > manners_.most_ended) {
    const auto it = calls_.find(ended_.front());
    if (it->second.visitor) legs_.erase(*it->second.visitor);
    legs_.erase(it->second.business);
    calls_.erase(it);
    ended_.pop_front();
  }
}

// ---- people ----------------------------------------------------------------------------------

bool Switchboard::hang_up(std::string_view id, TimePoint now) {
  Leg* leg = leg_by_id(id);
  if (leg == nullptr || leg->role != Side::business) return false;
  end(*leg, leg->status == LegStatus::answered ? Cause::completed : Cause::canceled, now);
  return true;
}

ActResult Switchboard::act(std::string_view id, Act act, std::string_view digits, TimePoint now) {
  Leg* leg = leg_by_id(id);
  if (leg == nullptr) return ActResult::no_such_leg;
  const bool talking = act == Act::hang_up || act == Act::digits;
  if (act == Act::digits && (digits.empty() || digits.size() > kMostKeys ||
                             !std::all_of(digits.begin(), digits.end(), is_key)))
    return ActResult::bad_digits;
  if (talking != (leg->status == LegStatus::answered) || leg->status == LegStatus::ended)
    return ActResult::not_now;
  // A hand that is quicker than the bell: it rings first.
  if (leg->status == LegStatus::queued) {
    ring(leg->no, now);
    if (leg->status != LegStatus::ringing) return ActResult::not_now;
  }
  switch (act) {
    case Act::answer:
      pick_up(*leg, false, now);
      break;
    case Act::machine:
      pick_up(*leg, true, now);
      break;
    case Act::decline:
      end(*leg, Cause::declined, now);
      break;
    case Act::busy:
      end(*leg, Cause::busy, now);
      break;
    case Act::no_answer:
      end(*leg, Cause::no_answer, now);
      break;
    case Act::hang_up:
      end(*leg, Cause::completed, now);
      break;
    case Act::digits:
      press(*leg, digits, now);
      break;
  }
  return ActResult::done;
}

void Switchboard::press(Leg& leg, std::string_view digits, TimePoint now) {
  leg.keys += digits.substr(0, kMostKeys - std::min(kMostKeys, leg.keys.size()));
  Call& call = call_of(leg);
  if (leg.role == Side::business && call.asking > 0) take_key(call, leg, now);
}

// ---- the conversation with the program -------------------------------------------------------

void Switchboard::in_turn(const Call& call, TimePoint due,
                          void (Switchboard::*turn)(Call&, TimePoint)) {
  agenda_.at(due, [this, no = call.business, step = call.step, turn](TimePoint at) {
    const auto it = calls_.find(no);
    if (it != calls_.end() && it->second.step == step) (this->*turn)(it->second, at);
  });
}

void Switchboard::tell_status(Call& call, const Leg& leg, TimePoint now) {
  Letter letter;
  letter.id = fmt::format("letter-{}-{}", boot_, ++last_letter_);
  letter.url = call.hook + "/status";
  letter.sign_key = call.sign_key;
  if (records_.keeps_events())
    letter.summary = fmt::format("status: {} {}{}{}", name_of(leg.role), name_of(leg.status),
                                 leg.cause == Cause::none ? "" : ", ", name_of(leg.cause));
  ObjectText body;
  say_leg(body, call, leg)
      .text("id", letter.id)
      .text("call", legs_.at(call.business).id)
      .text("leg", leg.id)
      .text("side", name_of(leg.role))
      .number("at_ms", now.time_since_epoch().count());
  letter.body = body.take();
  postman_.send(std::move(letter), now);
}

void Switchboard::keep_tape(Call& call, TimePoint now) {
  Tape tape{fmt::format("tape-{}-{}", boot_, ++last_tape_), legs_.at(call.business).id,
            call.talk_seconds};
  agenda_.at(now + kFiling,
             [this, no = call.business, tape](TimePoint at) { tell_tape(no, tape, at); });
  tapes_.push_back(std::move(tape));
  if (tapes_.size() > manners_.most_tapes) tapes_.pop_front();
}

void Switchboard::tell_tape(std::uint64_t business, const Tape& tape, TimePoint now) {
  const auto it = calls_.find(business);
  if (it == calls_.end()) return;
  Letter letter;
  letter.id = fmt::format("letter-{}-{}", boot_, ++last_letter_);
  letter.url = it->second.hook + "/recording";
  letter.sign_key = it->second.sign_key;
  letter.summary = "recording: ready";
  letter.body = ObjectText()
                    .text("id", letter.id)
                    .text("call", tape.call)
                    .text("recording", tape.id)
                    .text("status", "ready")
                    .number("seconds", tape.seconds)
                    .number("at_ms", now.time_since_epoch().count())
                    .take();
  postman_.send(std::move(letter), now);
}

const Tape* Switchboard::tape(std::string_view id) const {
  const auto it =
      std::find_if(tapes_.begin(), tapes_.end(), [&](const Tape& tape) { return tape.id == id; });
  return it == tapes_.end() ? nullptr : &*it;
}

void Switchboard::erase_tape(std::string_view id) {
  std::erase_if(tapes_, [&](const Tape& tape) { return tape.id == id; });
}

void Switchboard::ask_program(Call& call, std::string_view point, int round,
                              std::string_view digits, TimePoint now) {
  const Leg& leg = legs_.at(call.business);
  ++call.step;
  call.asking = 0;
  Letter letter;
  letter.id = fmt::format("letter-{}-{}", boot_, ++last_letter_);
  letter.url = fmt::format("{}/{}", call.hook, point);
  if (point == "key") letter.url += fmt::format("/{}", round);
  letter.sign_key = call.sign_key;
  if (records_.keeps_events()) letter.summary = fmt::format("question: {}", point);
  std::string visitor = "null";
  if (call.visitor) {
    ObjectText about;
    visitor = say_leg(about, call, legs_.at(*call.visitor)).take();
  }
  letter.body = ObjectText()
                    .text("id", letter.id)
                    .text("call", leg.id)
                    .text("point", point)
                    .number("round", round)
                    .text("digits", digits)
                    .flag("machine", leg.machine)
                    .raw("visitor", visitor)
                    .number("at_ms", now.time_since_epoch().count())
                    .take();
  letter.settled = [this, no = call.business, step = call.step](const HttpResponse* response,
                                                                TimePoint at) {
    const auto it = calls_.find(no);
    if (it == calls_.end() || it->second.step != step) return;
    std::optional<Command> command;
    if (response != nullptr && response->status < 300) command = parse_command(response->body);
    if (command)
      obey(it->second, *command, at);
    else
      end(legs_.at(no), Cause::failed, at);
  };
  postman_.send(std::move(letter), now);
}

void Switchboard::obey(Call& call, const Command& command, TimePoint now) {
  ++call.step;
  Leg& leg = legs_.at(call.business);
  std::visit([&](const auto& one) { obey(call, leg, one, now); }, command);
}

void Switchboard::obey(Call& call, Leg& leg, const Ask& ask, TimePoint now) {
  leg.prompt = ask.prompt;
  call.asking = ask.round;
  records_.changed(leg);
  if (!leg.keys.empty()) return take_key(call, leg, now);
  in_turn(call, now + ask.wait, &Switchboard::silence);
  if (manners_.automatic && habit_of(leg.to).presses)
    in_turn(call, now + kPressing, &Switchboard::press_one);
}

void Switchboard::obey(Call& call, Leg& leg, const Dial& dial, TimePoint now) {
  if (call.visitor) return end(leg, Cause::failed, now);  // one visitor for each call
  leg.prompt = dial.say;
  records_.changed(leg);
  const PhoneNumber from = dial.caller_id.empty() ? leg.from : dial.caller_id;
  Leg& visitor = add_leg({Side::visitor, from, dial.number, dial.ring, call.business}, now);
  call.visitor = visitor.no;
  call.talk = dial.talk;
  call.announce = dial.announce;
  if (auto* entry = entry_of(call)) entry->visitor = dial.number;
  records_.changed(visitor);
  tell_status(call, visitor, now);
}

void Switchboard::obey(Call& call, Leg& leg, const Say& say, TimePoint now) {
  leg.prompt = say.text;
  records_.changed(leg);
  const Millis speech = kSpeech + kSpeechLetter * static_cast<Millis::rep>(say.text.size());
  in_turn(call, now + speech, &Switchboard::said);
}

void Switchboard::obey(Call&, Leg& leg, const End&, TimePoint now) {
  end(leg, Cause::completed, now);
}

void Switchboard::take_key(Call& call, Leg& leg, TimePoint now) {
  const std::string key(1, leg.keys.front());
  leg.keys.erase(0, 1);
  ask_program(call, "key", call.asking, key, now);
}

void Switchboard::silence(Call& call, TimePoint now) {
  ask_program(call, "key", call.asking, "", now);
}

void Switchboard::press_one(Call& call, TimePoint now) { press(legs_.at(call.business), "1", now); }

void Switchboard::said(Call& call, TimePoint now) {
  end(legs_.at(call.business), Cause::completed, now);
}

}  // namespace ringback::exchange
