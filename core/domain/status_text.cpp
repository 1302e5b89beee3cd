#include "core/domain/status_text.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "core/domain/plain_text.hpp"

namespace ringback {
namespace {

constexpr std::size_t kMostBusinessName = 60;
constexpr std::size_t kMostName = 40;
constexpr std::size_t kMostMessage = 300;

struct Words {
  Reason reason;
  std::string_view to_visitor;   // {} is the business
  std::string_view to_business;  // why nobody talked
};

constexpr std::array kWhy = {
    Words{Reason::business_no_answer, "{} did not answer", "You did not answer."},
    Words{Reason::business_busy, "{} was on another call", "Your line was busy."},
    Words{Reason::business_declined, "{} could not take the call", "The call was not accepted."},
    Words{Reason::business_machine, "{} was not there in person: a machine answered",
          "A machine answered."},
    Words{Reason::visitor_no_answer, "{} was on the line, but your phone was not answered",
          "You accepted, but they did not answer."},
    Words{Reason::visitor_busy, "{} was on the line, but your phone was busy",
          "You accepted, but their line was busy."},
    Words{Reason::visitor_declined, "{} was on the line, but the call to you was declined",
          "You accepted, but they declined."},
    Words{Reason::visitor_unreachable, "{} was on the line, but your phone could not be reached",
          "You accepted, but their phone could not be reached."},
    Words{Reason::carrier_refused, "The phone company refused the call to {}",
          "The phone company refused the call to you."},
    Words{Reason::carrier_unavailable, "The call to {} could not be placed",
          "The call to you could not be placed."},
    Words{Reason::number_blocked, "{} cannot call this number", "Their number is blocked."},
    Words{Reason::budget_reached, "The day's limit of calls is reached, so {} was not called",
          "The day's limit of calls is reached."},
    Words{Reason::outside_hours, "{} is closed, so no call was made",
          "They asked while you were closed."},
    Words{Reason::outcome_unknown, "A call to {} may have rung, and we cannot tell how it ended",
          "A call to you may have rung; nobody can tell how it ended."},
    Words{Reason::too_old, "No call to {} could be made in time, so we stopped trying",
          "No call could be made in time."},
};

const Words* why(Reason reason) {
  const auto it = std::find_if(kWhy.begin(), kWhy.end(),
                               [&](const Words& words) { return words.reason == reason; });
  return it == kWhy.end() ? nullptr : it;
}

std::string with_business(std::string_view sentence, std::string_view business) {
  return fmt::format(fmt::runtime(sentence), business);
}

const Message* last_text(const Callback& c, MessagePurpose purpose) {
  for (auto it = c.messages.rbegin(); it != c.messages.rend(); ++it)
    if (it->purpose == purpose) return &*it;
  return nullptr;
}

std::string_view alert_fate(const Callback& c) {
  const Message* text = last_text(c, MessagePurpose::alert);
  if (text == nullptr) return "nobody was told";
  switch (text->state) {
    case MessageState::ready:
    case MessageState::sending:
      return "we are texting them your details";
    case MessageState::accepted:
      return "we have texted them your details";
    case MessageState::unknown:
      return "a text with your details may have reached them";
    case MessageState::refused:
      break;
  }
  return "we could not text them your details";
}

// Whatever became of the text: a number that is sent none must look like every other.
std::string pending(std::string_view business) {
  return fmt::format("A code is on its way to you by text. Enter it, and we ring {}.", business);
}

std::string scheduled(const Callback& c, std::string_view business, std::string_view when) {
  const auto at = when.empty() ? std::string() : fmt::format(": {}", when);
  if (c.phase == Phase::opening)
    return fmt::format("{} is closed now; we ring them when they open{}.", business, at);
  if (c.phase == Phase::slot)
    return fmt::format("We ring {} at the time that you chose{}.", business, at);
  const Words* words = why(c.reason);
  if (words == nullptr) return fmt::format("We ring {} again in a few minutes.", business);
  return with_business(words->to_visitor, business) + "; we try again in a few minutes.";
}

// The visitor's phone has stopped ringing, and the business is being told.
bool visitor_was_missed(const Callback& c) {
  const Attempt* a = live_attempt(c);
  return a != nullptr && is_final(a->visitor_leg.view) && !talked(*a);
}

std::string calling(const Callback& c, std::string_view business) {
  if (c.phase == Phase::ringing_visitor && visitor_was_missed(c))
    return fmt::format("The call to your phone did not come through; we are telling {}.", business);
  switch (c.phase) {
    case Phase::screening:
      return fmt::format("{} answered; we ask whether they can talk now.", business);
    case Phase::ringing_visitor:
      return fmt::format("{} is on the line; we are ringing your phone.", business);
    case Phase::in_doubt:
      return fmt::format("The call to {} may have rung; we are checking.", business);
    default:
      return fmt::format("Your phone rings as soon as somebody at {} accepts.", business);
  }
}

// Before the number was proven there was no call, and nobody is told.
std::string unproven_end(const Callback& c) {
  switch (c.reason) {
    case Reason::carrier_refused:
      return "The phone company refused the text with the code; nobody was called.";
    case Reason::carrier_unavailable:
      return "The code could not be texted now; nobody was called.";
    case Reason::budget_reached:
      return "The day's limit of texts is reached, so no code was sent; nobody was called.";
    case Reason::number_blocked:
      return "This number cannot be called; nobody was called.";
    default:
      break;
  }
  return c.verification.tries_left <= 0 ? "The code was wrong too often; nobody was called."
                                        : "The code was not entered in time; nobody was called.";
}

std::string cancelled(const Callback& c, std::string_view business) {
  if (c.reason == Reason::joined)
    return fmt::format("You have another open callback with {}; that one goes on.", business);
  if (c.reason == Reason::by_operator) return fmt::format("{} cancelled this callback.", business);
  return "You cancelled; we do not call again.";
}

std::string ended(const Callback& c, std::string_view business) {
  if (!c.proven) return unproven_end(c);
  const Words* words = why(c.reason);
  const auto sentence = words == nullptr ? std::string("No call came about")
                                         : with_business(words->to_visitor, business);
  return fmt::format("{}; {}.", sentence, alert_fate(c));
}

}  // namespace

std::string status_sentence(const Callback& c, std::string_view business_name,
                            std::string_view when, std::string_view /*locale*/) {
  auto business = plain(business_name, kMostBusinessName);
  if (business.empty()) business = "The team";
  switch (c.state) {
    case State::pending:
      return pending(business);
    case State::scheduled:
      return scheduled(c, business, when);
    case State::queued:
      return fmt::format("You are next: we call {} as soon as a line is free.", business);
    case State::calling:
      return calling(c, business);
    case State::connected:
      return fmt::format("You are connected with {}.", business);
    case State::completed:
      return fmt::format("You talked with {}.", business);
    case State::cancelled:
      return cancelled(c, business);
    case State::missed:
    case State::failed:
    case State::expired:
      break;
  }
  return ended(c, business);
}

std::string_view reason_for_business(const Callback& c) {
  const Words* words = why(c.reason);
  return words == nullptr ? "Nobody talked." : words->to_business;
}

std::string alert_text(const Callback& c, std::string_view requested, std::string_view reference) {
  const auto name = plain(c.visitor.name, kMostName);
  const auto head = fmt::format(
      "Callback missed: {} {}. {}{}", name.empty() ? "a visitor" : name, c.visitor.phone.e164(),
      reason_for_business(c),
      requested.empty() ? std::string() : fmt::format(" Asked: {}.", plain(requested, 40)));
  // What the visitor wrote is what gives way: everything else is needed to ring back.
  for (std::size_t most = kMostMessage;; most -= 10) {
    const auto message = plain(c.visitor.message, most);
    auto text = fmt::format("{}{} Ref {}", head,
                            message.empty() ? std::string() : fmt::format(" \"{}\"", message),
                            plain(reference, 8));
    if (most == 0 || sms_segments(text) <= kMostTextParts) return text;
  }
}

}  // namespace ringback
