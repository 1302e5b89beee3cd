// Where a request of ours may go. Decided on resolved addresses, never on the text of a URL:
// "0x7f.1" and a name that points inside are the same to the network.
#pragma once

#include "app/net/cidr.hpp"

namespace ringback {

// Public unicast addresses only; IPv4 inside IPv6 (mapped, NAT64) is looked at as IPv4.
bool is_public(const IpAddress& address);

// allow_loopback is for what the operator configured himself, in development.
bool may_connect(const IpAddress& address, bool allow_loopback);

}  // namespace ringback
