// What Exotel tells us, whatever it is written in: names and values, flat.
//
// Status letters come as multipart (the default), as a form, or as JSON (what we ask for);
// questions of a flow come in the query. Nested members are flattened as PHP writes them:
// `Legs[0][Status]`. Everything is bounded, and a letter that says one thing twice is no letter.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/ports/http_message.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::exotel {

constexpr std::size_t kLargestLetter = 65'536;
constexpr std::size_t kMostFields = 256;
constexpr std::size_t kLongestName = 128;
constexpr std::size_t kLongestValue = 4'096;
constexpr int kDeepestMember = 6;

// The body of a POST, the query of anything else; nothing if it breaks a rule.
std::optional<Fields> read_fields(const HttpRequest& request);

std::optional<Fields> fields_in_json(std::string_view body);
std::optional<Fields> fields_in_multipart(std::string_view content_type, std::string_view body);

// The value of that name; empty if there is none.
std::string_view field(const Fields& fields, std::string_view name);

}  // namespace ringback::exotel
