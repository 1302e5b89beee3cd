#include "app/http/client_address.hpp"

#include <algorithm>
#include <array>

#include "app/http/text.hpp"

namespace ringback::http {
namespace {

// The elements of a comma-separated list over all fields of that name, in order; a comma inside
// quotes does not part.
std::vector<std::string_view> elements(std::span<const Header> headers, std::string_view name) {
  std::vector<std::string_view> list;
  for (const auto& header : headers) {
    if (!same_name(header.name, name)) continue;
    std::size_t start = 0;
    bool quoted = false;
    for (std::size_t i = 0; i <= header.value.size(); ++i) {
      if (i < header.value.size() && header.value[i] == '"') quoted = !quoted;
      if (i == header.value.size() || (header.value[i] == ',' && !quoted)) {
        list.push_back(trimmed(header.value.substr(start, i - start)));
        start = i + 1;
      }
    }
  }
  return list;
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

// "192.0.2.1", "192.0.2.1:80", "2001:db8::1", "[2001:db8::1]", "[2001:db8::1]:80"
std::optional<IpAddress> node_address(std::string_view node) {
  if (node.starts_with('[')) {
    const auto end = node.find(']');
    if (end == std::string_view::npos) return std::nullopt;
    const auto rest = node.substr(end + 1);
    if (!rest.empty() && !(rest.front() == ':' && is_port(rest.substr(1)))) return std::nullopt;
    return parse_address(node.substr(1, end - 1));
  }
  if (std::count(node.begin(), node.end(), ':') == 1) {
    const auto colon = node.find(':');
    if (!is_port(node.substr(colon + 1))) return std::nullopt;
    node = node.substr(0, colon);
  }
  return parse_address(node);
}

// The for= of one element of a Forwarded field; obfuscated and unknown nodes are no addresses.
std::optional<IpAddress> forwarded_for(std::string_view element) {
  while (!element.empty()) {
    const auto end = std::min(element.find(';'), element.size());
    const auto pair = trimmed(element.substr(0, end));
    element = element.substr(std::min(end + 1, element.size()));
    if (pair.size() < 4 || !same_name(pair.substr(0, 4), "for=")) continue;
    auto node = pair.substr(4);
    if (node.size() >= 2 && node.front() == '"' && node.back() == '"')
      node = node.substr(1, node.size() - 2);
    return node_address(node);
  }
  return std::nullopt;
}

}  // namespace

std::optional<ClientIpHeader> client_ip_header(std::string_view name) {
  if (name == "none") return ClientIpHeader::none;
  if (name == "x-forwarded-for") return ClientIpHeader::x_forwarded_for;
  if (name == "forwarded") return ClientIpHeader::forwarded;
  if (name == "cf-connecting-ip") return ClientIpHeader::cf_connecting_ip;
  return std::nullopt;
}

std::optional<IpAddress> client_address(const ProxyRule& rule, const IpAddress& peer,
                                        std::span<const Header> headers) {
  if (rule.header == ClientIpHeader::none || !rule.trusts(peer)) return peer;

  if (rule.header == ClientIpHeader::cf_connecting_ip) {
    std::optional<IpAddress> found;
    for (const auto& header : headers) {
      if (!same_name(header.name, "cf-connecting-ip")) continue;
      if (found) return std::nullopt;
      found = parse_address(header.value);
      if (!found) return std::nullopt;
    }
    if (found) found = unmapped(*found);
    return found;
  }

  const bool plain = rule.header == ClientIpHeader::x_forwarded_for;
  const auto list = elements(headers, plain ? "x-forwarded-for" : "forwarded");
  IpAddress client = peer;
  for (auto element = list.rbegin(); element != list.rend(); ++element) {
    const auto hop = plain ? node_address(*element) : forwarded_for(*element);
    if (!hop) break;
    client = unmapped(*hop);
    if (!rule.trusts(client)) break;
  }
  return client;
}

IpAddress limit_key(const IpAddress& address) {
  auto plain = unmapped(address);
  if (plain.is_v4()) return plain;
  auto bytes = plain.to_v6().to_bytes();
  std::fill(bytes.begin() + 8, bytes.end(), static_cast<unsigned char>(0));
  return boost::asio::ip::address_v6(bytes);
}

}  // namespace ringback::http
