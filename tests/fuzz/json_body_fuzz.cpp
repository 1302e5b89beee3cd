// A JSON body from anybody: refused with a problem, or an object that Fields takes apart.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "app/http/json_body.hpp"
#include "app/http/text.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

// Boost.JSON 1.81 reads and writes fractions by approximation; no member of ours is one.
bool has_fraction(const boost::json::value& value) {
  const auto any = [](const auto& values, const auto& of) {
    return std::any_of(values.begin(), values.end(),
                       [&](const auto& each) { return has_fraction(of(each)); });
  };
  if (const auto* array = value.if_array())
    return any(*array, [](const boost::json::value& each) { return each; });
  if (const auto* object = value.if_object())
    return any(*object, [](const auto& member) { return member.value(); });
  return value.is_double();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto body = http::parse_json_object(fuzz::text_of(data, size));
  if (!body) {
    must(!body.error().detail.empty(), "a refusal says why");
    return 0;
  }
  if (!has_fraction(*body)) {
    const auto again = http::parse_json_object(boost::json::serialize(*body));
    must(again.has_value() && *again == *body, "what was read can be read again");
  }

  http::Fields fields(*body);
  const auto text = fields.required_text("text", 16);
  must(http::code_points(text).value_or(17) <= 16, "a text keeps its length");
  must(!http::has_control_characters(text), "a text of one line is of one line");
  fields.text("lines", 64, http::Fields::Lines::many);
  fields.boolean("flag");
  if (const auto whole = fields.integer("whole", -5, 5))
    must(*whole >= -5 && *whole <= 5, "a number keeps its range");
  if (const auto texts = fields.texts("texts", 3, 8)) must(texts->size() <= 3, "a list is short");
  if (const auto* inner = fields.object("inner")) {
    http::Fields deeper(*inner);
    deeper.text("text", 16);
    deeper.problem();
  }
  fields.any("any");
  if (const auto problem = fields.problem())
    must(!problem->errors.empty(), "a failed validation names fields");
  return 0;
}
