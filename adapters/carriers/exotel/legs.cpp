// Two things about Exotel's details decide how they are read here:
//
//   - `Status` is `in-progress` as soon as the order is taken: it says nothing about who answered.
//     Leg1Status and Leg2Status do; empty means not tried, or not yet.
//   - Duration and EndTime are filled in some two minutes after the end, and until then a
//     conversation of 0 s may merely not be counted yet. Believing it would ring two people who
//     talked once more, so a completed visitor's leg counts as answered until the bill is made up;
//     and so does a completed business leg beside which no visitor's leg is shown yet.
#include "adapters/carriers/exotel/legs.hpp"

#include <charconv>
#include <string>

#include "adapters/carriers/exotel/ist_time.hpp"
#include "adapters/carriers/exotel/letters.hpp"
#include "adapters/carriers/exotel/numbers.hpp"

namespace ringback::exotel {
namespace {

namespace json = boost::json;

struct Row {
  std::string_view status;
  View view;
};
constexpr Row kRows[] = {
    {"queued", View::queued},       {"ringing", View::ringing},   {"in-progress", View::answered},
    {"completed", View::completed}, {"busy", View::busy},         {"no-answer", View::no_answer},
    {"failed", View::failed},       {"canceled", View::canceled},
};

constexpr int kLongestTalk = 86'400;

// Numbers come as numbers or as texts.
std::optional<int> seconds_in(const json::object& object, std::string_view name) {
  const auto* value = object.if_contains(name);
  if (value == nullptr) return std::nullopt;
  std::int64_t seconds = -1;
  if (value->is_int64()) {
    seconds = value->get_int64();
  } else if (value->is_string()) {
    const auto& text = value->get_string();
    const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return std::nullopt;
  }
  if (seconds < 0 || seconds > kLongestTalk) return std::nullopt;
  return static_cast<int>(seconds);
}

// The end is on the bill: what the details say will not change any more.
bool is_settled(const json::object& call) {
  return read_time(text_in(call, "EndTime")).has_value() && seconds_in(call, "Duration");
}

View visitor_view(View leg, std::optional<int> talked, bool settled) {
  const bool counted = settled || talked.value_or(0) > 0;
  return leg == View::completed && !counted ? View::answered : leg;
}

View business_view(const std::string& leg, const std::string& status, bool settled) {
  if (!leg.empty()) return view_of(leg);
  const View call = view_of(status);
  // Without its legs a call that is over is not understood before its bill is made up: it may be
  // the visitor who was busy.
  if (is_final(call)) return settled ? call : View::queued;
  return View::queued;
}

}  // namespace

View view_of(std::string_view status) {
  for (const auto& row : kRows)
    if (row.status == status) return row.view;
  return status.empty() ? View::none : View::queued;
}

bool is_status(std::string_view status) {
  for (const auto& row : kRows)
    if (row.status == status) return true;
  return false;
}

std::optional<Snapshot> read_call(const json::object& call) {
  Snapshot snapshot;
  snapshot.ref = text_in(call, "Sid");
  const auto status = text_in(call, "Status");
  if (!is_sid(snapshot.ref) || status.empty()) return std::nullopt;
  const json::object none;
  const auto* details = call.if_contains("Details");
  const json::object& legs =
      details != nullptr && details->is_object() ? details->get_object() : none;
  const bool settled = is_settled(call);
  const auto talked = seconds_in(legs, "ConversationDuration");
  const View visitor = view_of(text_in(legs, "Leg2Status"));

  snapshot.business = business_view(text_in(legs, "Leg1Status"), status, settled);
  snapshot.visitor = visitor_view(visitor, talked, settled);
  if (snapshot.business == View::completed && visitor == View::none && !settled)
    snapshot.business = View::answered;
  snapshot.never_joined = snapshot.visitor == View::completed && talked == 0;
  snapshot.talk_seconds = talked.value_or(0);
  return snapshot;
}

}  // namespace ringback::exotel
