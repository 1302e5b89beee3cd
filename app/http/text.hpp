// Small questions about text that comes from outside.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

namespace ringback::http {

// Without spaces and tabs at both ends.
std::string_view trimmed(std::string_view text);

// How many code points; nothing if the text is not valid UTF-8.
std::optional<std::size_t> code_points(std::string_view text);

// Is there a C0 or C1 control character or DEL in it? Line breaks and tabs count unless allowed.
bool has_control_characters(std::string_view utf8, bool allow_line_breaks = false);

// [A-Za-z0-9._-]{1,64}
bool is_request_id(std::string_view text);

}  // namespace ringback::http
