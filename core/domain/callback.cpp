#include "core/domain/callback.hpp"

#include <algorithm>

namespace ringback {
namespace {

template <class Items>
auto find_no(Items& items, int no) -> decltype(items.data()) {
  // Numbers count from 1 without gaps.
  if (no < 1 || static_cast<std::size_t>(no) > items.size()) return nullptr;
  return &items[static_cast<std::size_t>(no - 1)];
}

}  // namespace

const Attempt* live_attempt(const Callback& callback) {
  // Only the newest can be live: none is made while another lives.
  if (callback.attempts.empty() || !is_live(callback.attempts.back().state)) return nullptr;
  return &callback.attempts.back();
}

Attempt* live_attempt(Callback& callback) {
  return const_cast<Attempt*>(live_attempt(static_cast<const Callback&>(callback)));
}

Attempt* attempt_of(Callback& callback, int no) { return find_no(callback.attempts, no); }
const Attempt* attempt_of(const Callback& callback, int no) {
  return find_no(callback.attempts, no);
}
Message* message_of(Callback& callback, int no) { return find_no(callback.messages, no); }

bool legs_over(const Attempt& a, bool carrier_bridges) {
  if (a.closed) return true;
  if (!is_final(a.business_leg.view)) return false;
  const bool visitor_possible = a.gate_open || a.visitor_leg.view != View::none ||
                                (carrier_bridges && a.business_leg.view == View::completed);
  return !visitor_possible || is_final(a.visitor_leg.view);
}

bool talked(const Attempt& a) { return a.visitor_leg.view == View::completed && !a.never_joined; }

bool is_phantom(const Attempt& a, bool carrier_bridges) {
  const bool dead = a.state == AttemptState::absent || a.state == AttemptState::in_doubt_ended ||
                    a.state == AttemptState::rejected;
  return dead && !a.ref.empty() && !legs_over(a, carrier_bridges);
}

}  // namespace ringback
