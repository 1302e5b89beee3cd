// Blocks of addresses ("10.0.0.0/8", "::1/128", "192.0.2.7") and what may be asked of an address.
// IPv4-mapped IPv6 addresses are always looked at as the IPv4 address they carry.
#pragma once

#include <boost/asio/ip/address.hpp>
#include <optional>
#include <string_view>
#include <vector>

namespace ringback {

using IpAddress = boost::asio::ip::address;

// A literal without brackets, port or zone; nothing else.
std::optional<IpAddress> parse_address(std::string_view text);

// ::ffff:192.0.2.1 becomes 192.0.2.1; every other address stays what it is.
IpAddress unmapped(const IpAddress& address);

class Cidr {
 public:
  // Host bits may be set ("10.1.2.3/8" is 10.0.0.0/8). Nothing if the text is not a block.
  static std::optional<Cidr> parse(std::string_view text);

  bool contains(const IpAddress& address) const;

 private:
  Cidr(IpAddress base, unsigned bits) : base_(std::move(base)), bits_(bits) {}
  IpAddress base_;
  unsigned bits_;
};

bool any_contains(const std::vector<Cidr>& blocks, const IpAddress& address);

}  // namespace ringback
