// Forms and percent escapes, read at the edge and in carriers' letters.
#include <string>

#include "app/http/message.hpp"
#include "app/http/text.hpp"
#include "core/ports/letter_text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  must(http::percent_decoded(percent_encoded(text)) == std::string(text),
       "what was escaped comes back");
  http::percent_decoded(text, true);

  if (const auto fields = form_decoded(text))
    must(form_decoded(form_encoded(*fields)) == fields, "a letter's form comes back");

  const auto form = http::parse_form(text);
  if (!form) return 0;
  for (const auto& [name, value] : *form) {
    must(http::code_points(name) && http::code_points(value), "a form is UTF-8");
    must((name + value).find('\0') == std::string::npos, "no NUL in a form");
  }
  must(http::parse_form(form_encoded(*form)) == form, "a visitor's form comes back");
  return 0;
}
