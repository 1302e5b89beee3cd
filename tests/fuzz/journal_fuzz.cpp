// A stored line that bit rot, a bug or another version wrote: an Error, or something that can be
// written and read again. One stored kind after the other reads the same bytes.
#include "adapters/storage/journal_json.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;
namespace jj = ringback::journal_json;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (const auto event = jj::read_event(text)) {
    const auto written = jj::write_event(*event);
    const auto again = jj::read_event(written);
    must(again.has_value() && jj::write_event(*again) == written, "an event comes back");
  }
  if (const auto stored = jj::read_situation(text)) {
    const auto written = jj::write_situation(stored->situation, stored->rules);
    const auto again = jj::read_situation(written);
    must(again.has_value() && jj::write_situation(again->situation, again->rules) == written,
         "a situation comes back");
  }
  if (const auto rules = jj::read_rules(text)) {
    const auto again = jj::read_rules(jj::write_rules(*rules));
    must(again.has_value() && *again == *rules, "rules come back");
  }
  if (const auto visitor = jj::read_visitor(text)) {
    const auto written = jj::write_visitor(*visitor);
    const auto again = jj::read_visitor(written);
    must(again.has_value() && jj::write_visitor(*again) == written, "a visitor comes back");
  }
  return 0;
}
