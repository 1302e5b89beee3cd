// JSON that comes from outside, read strictly: what two readers could understand differently
// (repeated keys, huge numbers, trailing text) is refused instead of guessed. Fields then takes the
// members one by one and collects everything that is wrong with them.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <boost/system/result.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "app/http/message.hpp"

namespace ringback::http {

[[noreturn]] inline void throw_exception_from_error(const Problem& problem,
                                                    const boost::source_location&) {
  throw std::logic_error("value() of a refused body: " + problem.detail);
}

using JsonBody = boost::system::result<boost::json::object, Problem>;

// The object in the request's body: 415 unless it is application/json, 400 if it is not sound.
JsonBody read_json(const Request& request);
// The same for text of any origin.
JsonBody parse_json_object(std::string_view text);

// An object's members, taken by name. What is missing, of the wrong type or never asked for becomes
// a FieldError; the value given back is then empty, and the caller asks problem() at the end.
class Fields {
 public:
  explicit Fields(const boost::json::object& object) : object_(object) {}

  enum class Lines { one, many };  // are line breaks allowed?

  // Lengths are in code points. Control characters are refused; null counts as absent.
  std::string required_text(std::string_view name, std::size_t longest, Lines lines = Lines::one);
  std::optional<std::string> text(std::string_view name, std::size_t longest,
                                  Lines lines = Lines::one);
  std::optional<bool> boolean(std::string_view name);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t least, std::int64_t most);
  std::optional<std::vector<std::string>> texts(std::string_view name, std::size_t most,
                                                std::size_t longest);
  const boost::json::object* object(std::string_view name);  // null if absent or wrong
  const boost::json::value* any(std::string_view name);      // taken as it is

  bool has(std::string_view name) const;  // present and not null
  void fail(std::string_view field, std::string_view code, std::string_view detail);

  // Nothing if all is well; else validation_failed with every error. Members that were never asked
  // for are errors too.
  std::optional<Problem> problem();

 private:
  const boost::json::value* take(std::string_view name);
  bool is_sound(std::string_view name, std::string_view text, std::size_t longest, Lines lines);

  const boost::json::object& object_;
  std::vector<std::string_view> asked_;  // names of our own, which are literals
  std::vector<FieldError> errors_;
};

}  // namespace ringback::http
