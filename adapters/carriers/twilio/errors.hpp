// The API's error codes: what each means for a telephone that may ring, and what the operator
// should do about it.
#pragma once

#include <string_view>

#include "core/domain/event.hpp"

namespace ringback::twilio {

struct ErrorRow {
  int code;
  Taken taken;            // of an order that was answered with it
  std::string_view text;  // for the operator
  std::string_view source;
};

// Every code has a page: https://www.twilio.com/docs/errors/<code>. The account is at fault only
// where every other order would be refused as well: that stops all of them. A code that is not in
// the table is the fault of this one order.
ErrorRow error_row(int code);

// A hang-up that was answered with this has nothing left to end.
bool means_over(int code);
// The reference names nothing.
bool means_unknown_reference(int code);

}  // namespace ringback::twilio
