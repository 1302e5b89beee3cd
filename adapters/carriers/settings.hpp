// An account's settings as text, by the names of the configuration's keys: carrier.<name>.<key>.
//
// Each kind of carrier says which keys it has; the configuration reads, checks and shows them by
// that table and knows no carrier by itself.
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "core/ports/hmac.hpp"

namespace ringback {

struct SettingKey {
  enum class Shape {
    text,
    secret,       // shown as "***"; may stand in a file
    phone,        // E.164
    web_address,  // https; http only on loopback and in development
    choice,       // one of `words`
    number,       // from low to high
  };

  std::string_view name;
  Shape shape = Shape::text;
  std::string_view usual{};  // the default, as text
  double low = 0;
  double high = 0;
  std::string_view words{};  // of a choice: "off on"
};

struct CarrierSettings {
  std::map<std::string, std::string, std::less<>> values;  // secrets too: never print one
  Hmac hmac{};
  HmacSha1 hmac_sha1{};
  Sha256 sha256{};
};

// Not a key of the table but one for all accounts (carrier.poll): "true" where no webhook can come.
constexpr std::string_view kPollSetting = "poll";

}  // namespace ringback
