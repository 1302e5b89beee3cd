#include "core/usecases/circuits.hpp"

#include <algorithm>

namespace ringback {
namespace {

bool is_text(OrderKind kind) {
  return kind == OrderKind::send_text || kind == OrderKind::look_up_text;
}
bool is_order(OrderKind kind) { return kind == OrderKind::dial || kind == OrderKind::send_text; }

}  // namespace

Circuits::Circuits(const std::vector<VoiceAccount>& voices, const std::vector<TextAccount>& texts,
                   Millis refused_pause) {
  for (const auto& account : voices)
    members_.push_back(
        {Of::calls, account.name, account.carrier->profile().kind, Circuit(refused_pause)});
  for (const auto& account : texts)
    members_.push_back(
        {Of::texts, account.name, account.messenger->profile().kind, Circuit(refused_pause)});
}

std::size_t Circuits::find(const Errand& errand) const {
  const Of of = is_text(errand.kind) ? Of::texts : Of::calls;
  const auto at = std::find_if(members_.begin(), members_.end(), [&](const Member& one) {
    return one.of == of && one.account == errand.account;
  });
  return static_cast<std::size_t>(at - members_.begin());
}

Admission Circuits::admission(TimePoint now, int most) const {
  Admission admission;
  for (const Member& one : members_) {
    const Circuit& circuit = one.circuit;
    if (one.of == Of::calls) {
      admission.dials.push_back(circuit.allows(now, most));
    } else if (!circuit.refusal().empty()) {
      admission.texts = circuit.allows(now, most);
      if (circuit.state(now) == Circuit::State::open) admission.texts_at = circuit.open_until();
    }
  }
  return admission;
}

void Circuits::begin(const Errand& errand, TimePoint now) {
  if (is_order(errand.kind)) circuit(errand).begin(now);
}

void Circuits::not_tried(const Errand& errand) {
  if (is_order(errand.kind)) circuit(errand).not_tried();
}

void Circuits::settled(const Errand& errand, const Settled& settled, TimePoint now) {
  Circuit& circuit = this->circuit(errand);
  if (!is_order(errand.kind)) {
    // That a question is answered, or not, says nothing of an account that refuses orders.
    if (!circuit.refusal().empty()) return;
    return settled.word == "failed" ? circuit.failed(now) : circuit.answered();
  }
  switch (settled.taken.value_or(Taken::unknown)) {
    case Taken::accepted:
      return circuit.accepted();
    case Taken::refused_account:
      return circuit.refused(now, settled.said);
    case Taken::refused_number:
    case Taken::refused_content:
    case Taken::throttled:
      return circuit.answered();
    case Taken::not_sent:
    case Taken::unknown:
      return circuit.failed(now);
  }
}

Circuit::State worst_state(const std::vector<Circuits::Member>& members, std::string_view kind,
                           TimePoint now) {
  auto worst = Circuit::State::closed;
  for (const auto& one : members)
    if (one.kind == kind) worst = std::max(worst, one.circuit.state(now));
  return worst;
}

}  // namespace ringback
