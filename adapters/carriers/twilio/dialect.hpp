// What differs between Twilio and the carriers that speak its language: Twilio itself is one
// dialect, SignalWire another. The adapter has no other knowledge of who is at the far end.
#pragma once

#include <span>
#include <string_view>

namespace ringback::twilio {

struct Dialect {
  std::string_view kind;      // as in the configuration and in our webhooks' path
  std::string_view api_path;  // between the base URL and "/Accounts/…"
  bool (*is_id)(std::string_view id, std::string_view prefix);
  std::span<const std::string_view> signature_headers;  // the first that is there counts
  std::string_view retry_fragment;  // tells the carrier how often to repeat news; not sent back
};

// "CA" and 32 hexadecimal digits. The prefix says of what kind it is.
bool is_sid(std::string_view id, std::string_view prefix);
// 8-4-4-4-12 hexadecimal digits, of every kind.
bool is_uuid(std::string_view id, std::string_view prefix);

extern const Dialect kTwilio;
extern const Dialect kSignalWire;

}  // namespace ringback::twilio
