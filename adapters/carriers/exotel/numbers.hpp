// Exotel's ways of writing numbers and names of calls.
#pragma once

#include <string>
#include <string_view>

#include "core/domain/phone_number.hpp"

namespace ringback::exotel {

// We write E.164; what comes back is often national: "09876543210" for "+919876543210". The same
// line, if what is left behind the leading zeros is the end of the number.
bool is_same_line(std::string_view as_written, const PhoneNumber& number);

// CallSid and SmsSid: 32 small letters and digits.
bool is_sid(std::string_view text);

// A carrier's message as the operator's log may have it: one short line without anybody's number.
std::string without_numbers(std::string_view message);

}  // namespace ringback::exotel
