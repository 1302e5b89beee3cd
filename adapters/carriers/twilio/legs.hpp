// A leg's state in the carrier's words, and in ours.
#pragma once

#include <string_view>

#include "core/domain/callback.hpp"

namespace ringback::twilio {

// View::none for a word that we do not know: it moves nothing.
View view_of(std::string_view status);

// 603 and 607: the one who was called pushed it away.
bool is_declined(View view, std::string_view sip_code);

// "machine_start", "fax" ...
bool is_machine(std::string_view answered_by);

}  // namespace ringback::twilio
