// An account at Twilio as the tests know it, and letters signed as Twilio signs them.
#pragma once

#include <memory>
#include <string>

#include "adapters/carriers/settings.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/letter_text.hpp"
#include "core/ports/messenger.hpp"

namespace ringback::twilio_test {

inline const std::string kToken = "the auth token of this test";
inline const std::string kAccount = "AC00000000000000000000000000000001";
inline const std::string kCall = "CA00000000000000000000000000000001";
inline const std::string kChild = "CA00000000000000000000000000000002";
inline const std::string kHook = "https://ring.example/hooks/twilio/twilio/token";

CarrierSettings settings();  // "https://api.twilio.example", from +12025550199
std::unique_ptr<Carrier> carrier(const CarrierSettings& from = settings());
std::unique_ptr<Messenger> messenger(const CarrierSettings& from = settings());

Webhook signed_with(Webhook letter, const std::string& token);
// A letter to {hook}/{point}, signed; AccountSid goes along.
Webhook letter(const std::string& point, const Fields& fields, int round = 1);

HttpResponse refusal(int status, int code);
// A call, or a child leg when `parent` is named, as the API shows it.
std::string call_json(const std::string& sid, const std::string& status,
                      const std::string& duration = "null", const std::string& parent = "null");
HttpResponse call(const std::string& status);
HttpResponse list(const std::string& rows, const std::string& next = "null");

}  // namespace ringback::twilio_test
