// The journal's letters: events, situations, rules and the sealed visitor as compact, versioned
// JSON.
//
// {"v":1,"e":"dial_answered","attempt":1,...}: only members that differ from their default are
// written. Reading is strict: an unknown version, event, member or word is an Error, never a guess
// and never a crash. Events, situations and rules hold no personal data but the business's numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "core/domain/event.hpp"
#include "core/domain/result.hpp"
#include "core/domain/situation.hpp"

namespace ringback::journal_json {

std::string write_event(const Event& event);
Result<Event> read_event(std::string_view text);  // invalid_input

// A situation refers to its rules by the number under which the store keeps them; 0: it has none.
struct StoredSituation {
  Situation situation;  // .rules is null
  std::int64_t rules = 0;
};
std::string write_situation(const Situation& situation, std::int64_t rules);
Result<StoredSituation> read_situation(std::string_view text);

std::string write_rules(const Rules& rules);
Result<Rules> read_rules(std::string_view text);

// Not for the journal: what is sealed beside the callback.
std::string write_visitor(const Visitor& visitor);
Result<Visitor> read_visitor(std::string_view text);

}  // namespace ringback::journal_json
