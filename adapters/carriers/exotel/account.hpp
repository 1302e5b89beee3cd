// One account at Exotel: where its API is, how it is let in, what it shows, how it texts.
#pragma once

#include <string>

#include "core/domain/phone_number.hpp"

namespace ringback::exotel {

// A text whose wording is registered (India): "{code} is your code for {business}". Empty: the
// program's own words, and no template id.
struct Wording {
  std::string template_id;
  std::string text;
};

struct Account {
  std::string base_url = "https://api.exotel.com";  // without final slash
  std::string account_sid;
  std::string api_key;
  std::string api_token;
  PhoneNumber caller_id;    // the ExoPhone that both see
  std::string flow_url;     // the flow that asks for a key; empty: Exotel joins two numbers itself
  std::string flow_secret;  // in the addresses that are typed into that flow
  std::string sms_sender;   // empty: texts come from the ExoPhone
  std::string dlt_entity_id;
  Wording code;
  Wording missed;
  int requests_per_minute = 200;
  bool polled = false;  // it is given no address of ours

  bool has_flow() const { return !flow_url.empty(); }
};

}  // namespace ringback::exotel
