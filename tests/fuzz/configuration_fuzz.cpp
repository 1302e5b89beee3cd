// A configuration file that nobody meant: problems with a place, never a crash; and what is
// accepted can be shown.
#include "app/config/config.hpp"
#include "core/domain/rate_limit.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  // A secret may stand in a file of any name; what else lies on this machine is not the question.
  if (text.find("_file") != std::string_view::npos || text.find('\\') != std::string_view::npos)
    return 0;
  const auto loaded = load_config_text(text, "ringback.toml", {});
  must(!loaded.config.public_url.empty(), "defaults stand where a value was refused");
  for (const auto& problem : loaded.problems) must(!problem.empty(), "a problem says what it is");
  if (loaded.problems.empty()) {
    must(!loaded.config.business.numbers.empty(), "there is somebody to ring");
    const auto& limits = loaded.config.limits;
    for (const auto* windows : {&limits.create, &limits.verify_client, &limits.verify_phone,
                                &limits.call_number, &limits.hooks_rejected})
      must(parse_limit(*windows).has_value(), "an accepted limit is one");
    must(!loaded.config.visitor.allowed_countries.empty(), "the list of countries is never empty");
  }
  config_show(loaded, true);
  return 0;
}
