#include "adapters/carriers/twilio/dialect.hpp"

#include <algorithm>

namespace ringback::twilio {
namespace {

constexpr std::string_view kTwilioHeaders[] = {"X-Twilio-Signature"};
constexpr std::string_view kSignalWireHeaders[] = {"X-SignalWire-Signature", "X-Twilio-Signature"};
constexpr std::string_view kUuidShape = "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx";

bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}

}  // namespace

bool is_sid(std::string_view id, std::string_view prefix) {
  return id.size() == 34 && id.substr(0, 2) == prefix &&
         std::all_of(id.begin() + 2, id.end(), is_hex);
}

bool is_uuid(std::string_view id, std::string_view) {
  return std::equal(id.begin(), id.end(), kUuidShape.begin(), kUuidShape.end(),
                    [](char c, char shape) { return shape == 'x' ? is_hex(c) : c == shape; });
}

const Dialect kTwilio{.kind = "twilio",
                      .api_path = "/2010-04-01",
                      .is_id = is_sid,
                      .signature_headers = kTwilioHeaders,
                      .retry_fragment = "#rc=3&rp=ct,rt,5xx"};

const Dialect kSignalWire{.kind = "signalwire",
                          .api_path = "/api/laml/2010-04-01",
                          .is_id = is_uuid,
                          .signature_headers = kSignalWireHeaders,
                          .retry_fragment = ""};

}  // namespace ringback::twilio
