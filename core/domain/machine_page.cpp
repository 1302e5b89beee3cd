// The transition table as a page for people.
#include <array>

#include <fmt/format.h>

#include "core/domain/machine_step.hpp"

namespace ringback {
namespace machine {
namespace {

constexpr std::array<std::string_view, 19> kPlaces = {
    "–",        "`pending`",        "`scheduled`",  "`queued`",        "sending",
    "in doubt", "ringing business", "screening",    "ringing visitor", "`connected`",
    "over",     "dead attempt",     "*due*",        "*next*",          "*alert*",
    "*settle*", "text ready",       "text sending", "text unknown"};

constexpr std::array<std::string_view, 34> kEvents = {"asked",
                                                      "code right",
                                                      "code wrong",
                                                      "resend asked",
                                                      "number has an open callback",
                                                      "cancel asked",
                                                      "operator retries",
                                                      "code timer",
                                                      "not-before timer",
                                                      "give-up timer",
                                                      "poll timer",
                                                      "doubt timer",
                                                      "dial claimed",
                                                      "placed(ref)",
                                                      "throttled, or provably not sent",
                                                      "refused: this number",
                                                      "refused: account or fault",
                                                      "no answer, 5xx, garbled",
                                                      "sender died",
                                                      "look-up: exactly one that can be ours",
                                                      "look-up: nothing",
                                                      "look-up: ambiguous",
                                                      "news, question or snapshot",
                                                      "unsigned news",
                                                      "key question answered",
                                                      "",
                                                      "text claimed",
                                                      "text accepted",
                                                      "text throttled, or not sent",
                                                      "text refused",
                                                      "text: no answer",
                                                      "text timer",
                                                      "text found",
                                                      "text not found"};

constexpr std::array<std::string_view, 21> kTargets = {"(stays)",
                                                       "(by what is known)",
                                                       "`pending`",
                                                       "`scheduled` / `opening`",
                                                       "`scheduled` / `slot`",
                                                       "`scheduled` / `retry`",
                                                       "`queued`",
                                                       "`calling` / `ringing_business`",
                                                       "`calling` / `in_doubt`",
                                                       "`calling` / `screening`",
                                                       "`calling` / `ringing_visitor`",
                                                       "`connected`",
                                                       "`completed`",
                                                       "`missed`",
                                                       "`failed`",
                                                       "`cancelled`",
                                                       "`expired`",
                                                       "*due*",
                                                       "*next*",
                                                       "*alert*",
                                                       "*settle*"};

std::string places(Places from) {
  std::string text;
  for (std::size_t i = 0; i < kPlaces.size(); ++i) {
    if ((from & at(static_cast<Place>(i))) == 0) continue;
    if (!text.empty()) text += ", ";
    text += kPlaces[i];
  }
  return text;
}

}  // namespace
}  // namespace machine

std::string state_machine_page() {
  using namespace machine;
  std::string page =
      "# The state machine\n\n"
      "Made from the table in `core/domain/machine_table.cpp`; a test keeps it so. Within a place "
      "and\n"
      "an event, the first row whose guard holds is taken. What has no row changes nothing: the "
      "event\n"
      "is kept in the journal and counted as stale.\n\n"
      "**Over is over:** for a callback that is final, a row only does what it does to the attempt "
      "or\n"
      "the text; it never moves the callback. Rows marked ⟲ are the two exceptions: late truth and "
      "an\n"
      "operator's retry.\n\n"
      "*due*, *next*, *alert* and *settle* are routines: rows that are walked at once, in the "
      "same\n"
      "decision.\n\n"
      "| from | event | guard | to | does |\n| --- | --- | --- | --- | --- |\n";
  for (const Row* row = table_begin(); row != table_end(); ++row)
    page += fmt::format("| {} | {} | {} | {}{} | {} |\n", places(row->from),
                        kEvents[static_cast<std::size_t>(row->on)], row->when.words,
                        kTargets[static_cast<std::size_t>(row->to)], row->reopens ? " ⟲" : "",
                        row->then.words);
  return page;
}

}  // namespace ringback
