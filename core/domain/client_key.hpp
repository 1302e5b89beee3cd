// Whom a limit counts as one client: an IPv4 address, or the /64 that one IPv6 customer is given.
// An IPv4 address inside IPv6 (::ffff:192.0.2.1) is the same client as the plain one.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ringback {

// "192.0.2.1" or "2001:db8:0:1::/64". Nothing when the text is not an address.
std::optional<std::string> client_key(std::string_view address);

}  // namespace ringback
