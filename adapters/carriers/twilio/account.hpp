// One account at Twilio, or at a carrier that speaks its language.
#pragma once

#include <string>
#include <vector>

#include "adapters/carriers/twilio/dialect.hpp"
#include "core/domain/phone_number.hpp"

namespace ringback {

struct TwilioAccount {
  const twilio::Dialect* dialect = &twilio::kTwilio;
  std::string base_url;  // without final slash: "https://api.twilio.com"
  std::string account_sid;
  std::string auth_token;                 // the account's own
  std::string api_user;                   // for the API: an API key, else account_sid
  std::string api_password;               // its secret, else auth_token
  std::vector<std::string> signing_keys;  // webhooks signed with any of these are believed
  PhoneNumber from;
  std::string sms_from;               // a number or a sender's name
  std::string messaging_service_sid;  // in its place
  double calls_per_second = 1;
  bool detects_machines = false;
  std::string voice;     // empty: the carrier's own
  std::string language;  // the same
  bool polled = false;   // no address of ours is given to the carrier
};

}  // namespace ringback
