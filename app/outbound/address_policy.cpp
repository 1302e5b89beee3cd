#include "app/outbound/address_policy.hpp"

#include <array>
#include <boost/asio/ip/address_v4.hpp>
#include <string_view>

namespace ringback {
namespace {

constexpr std::array<std::string_view, 15> kDeniedV4{
    "0.0.0.0/8",     "10.0.0.0/8",      "100.64.0.0/10",  "127.0.0.0/8",    "169.254.0.0/16",
    "172.16.0.0/12", "192.0.0.0/24",    "192.0.2.0/24",   "192.88.99.0/24", "192.168.0.0/16",
    "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4"};
constexpr std::string_view kGlobalV6 = "2000::/3";
constexpr std::array<std::string_view, 4> kDeniedV6{"2001::/23", "2001:db8::/32", "2002::/16",
                                                    "3fff::/20"};
constexpr std::string_view kNat64 = "64:ff9b::/96";

template <std::size_t N>
std::vector<Cidr> parsed(const std::array<std::string_view, N>& texts) {
  std::vector<Cidr> blocks;
  blocks.reserve(N);
  for (const auto text : texts) blocks.push_back(Cidr::parse(text).value());
  return blocks;
}

IpAddress inner(const IpAddress& address) {
  static const auto nat64 = Cidr::parse(kNat64).value();
  if (address.is_v6() && nat64.contains(address)) {
    const auto bytes = address.to_v6().to_bytes();
    return boost::asio::ip::address_v4({bytes[12], bytes[13], bytes[14], bytes[15]});
  }
  return unmapped(address);
}

}  // namespace

bool is_public(const IpAddress& address) {
  static const auto denied_v4 = parsed(kDeniedV4);
  static const auto denied_v6 = parsed(kDeniedV6);
  static const auto global_v6 = Cidr::parse(kGlobalV6).value();
  const auto plain = inner(address);
  if (plain.is_v4()) return !any_contains(denied_v4, plain);
  return global_v6.contains(plain) && !any_contains(denied_v6, plain);
}

bool may_connect(const IpAddress& address, bool allow_loopback) {
  return is_public(address) || (allow_loopback && unmapped(address).is_loopback());
}

}  // namespace ringback
