// Who is asking, when there may be proxies in front. A header is believed only from a trusted
// proxy, only the one that the mode names, and X-Forwarded-For is read from the right: what the
// visitor wrote himself stands on the left.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "app/http/message.hpp"
#include "app/net/cidr.hpp"

namespace ringback::http {

enum class ClientIpHeader { none, x_forwarded_for, forwarded, cf_connecting_ip };

// "none", "x-forwarded-for", "forwarded", "cf-connecting-ip"
std::optional<ClientIpHeader> client_ip_header(std::string_view name);

struct ProxyRule {
  std::vector<Cidr> trusted;
  ClientIpHeader header = ClientIpHeader::none;

  bool trusts(const IpAddress& peer) const { return any_contains(trusted, peer); }
};

// Nothing if a trusted proxy sent a CF-Connecting-IP that is missing, repeated or not an address:
// the request is then refused with 400.
std::optional<IpAddress> client_address(const ProxyRule& rule, const IpAddress& peer,
                                        std::span<const Header> headers);

// One network of one customer: IPv4 as it is, IPv6 cut to its /64.
IpAddress limit_key(const IpAddress& address);

}  // namespace ringback::http
