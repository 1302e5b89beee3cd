#include "app/net/cidr.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <span>
#include <string>

namespace ringback {
namespace {

namespace ip = boost::asio::ip;

bool same_prefix(std::span<const unsigned char> a, std::span<const unsigned char> b,
                 unsigned bits) {
  for (std::size_t i = 0; i < a.size() && bits > 0; ++i) {
    const unsigned in_byte = std::min(bits, 8U);
    const auto mask = static_cast<unsigned char>(0xFFU << (8U - in_byte));
    if ((a[i] & mask) != (b[i] & mask)) return false;
    bits -= in_byte;
  }
  return true;
}

}  // namespace

std::optional<IpAddress> parse_address(std::string_view text) {
  if (text.find('%') != std::string_view::npos) return std::nullopt;
  boost::system::error_code failure;
  auto address = ip::make_address(std::string(text), failure);
  if (failure) return std::nullopt;
  return address;
}

IpAddress unmapped(const IpAddress& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped())
    return ip::make_address_v4(ip::v4_mapped, address.to_v6());
  return address;
}

std::optional<Cidr> Cidr::parse(std::string_view text) {
  const auto slash = text.find('/');
  const auto address = parse_address(text.substr(0, slash));
  if (!address) return std::nullopt;
  const auto base = unmapped(*address);
  unsigned bits = base.is_v4() ? 32 : 128;
  if (slash != std::string_view::npos) {
    const auto digits = text.substr(slash + 1);
    unsigned given = 0;
    const auto [end, failure] =
        std::from_chars(digits.data(), digits.data() + digits.size(), given);
    if (failure != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
    if (address->is_v6() && base.is_v4()) {  // ::ffff:10.0.0.0/104
      if (given < 96) return std::nullopt;
      given -= 96;
    }
    if (given > bits) return std::nullopt;
    bits = given;
  }
  return Cidr(base, bits);
}

bool Cidr::contains(const IpAddress& address) const {
  const auto other = unmapped(address);
  if (other.is_v4() != base_.is_v4()) return false;
  if (base_.is_v4())
    return same_prefix(base_.to_v4().to_bytes(), other.to_v4().to_bytes(), bits_);
  return same_prefix(base_.to_v6().to_bytes(), other.to_v6().to_bytes(), bits_);
}

bool any_contains(const std::vector<Cidr>& blocks, const IpAddress& address) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const Cidr& block) { return block.contains(address); });
}

}  // namespace ringback
