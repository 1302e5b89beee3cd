// Names and secrets that strangers send: one value has one spelling.
#include <algorithm>
#include <string>

#include "app/http/client_address.hpp"
#include "app/http/text.hpp"
#include "core/domain/client_key.hpp"
#include "core/domain/token.hpp"
#include "core/domain/verification.hpp"
#include "tests/fuzz/fuzz.hpp"

using namespace ringback;
using fuzz::must;

namespace {

std::string lower(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return out;
}

void forwarded(std::string_view text) {
  const auto peer = *parse_address("127.0.0.1");
  for (const auto mode : {http::ClientIpHeader::x_forwarded_for, http::ClientIpHeader::forwarded,
                          http::ClientIpHeader::cf_connecting_ip}) {
    const http::ProxyRule rule{{*Cidr::parse("127.0.0.0/8")}, mode};
    const std::string_view names[] = {"X-Forwarded-For", "Forwarded", "CF-Connecting-IP"};
    std::vector<http::Header> headers;
    for (const auto name : names) headers.push_back({name, text});
    if (const auto client = http::client_address(rule, peer, headers)) http::limit_key(*client);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto text = fuzz::text_of(data, size);
  if (const auto bytes = token_bytes(text))
    must(token_text(*bytes) == text, "a token has one spelling");
  if (const auto bytes = uuid_bytes(text))
    must(uuid_text(*bytes) == lower(text), "a UUID has one spelling but for its case");
  if (const auto code = read_code(text))
    must(code->size() == kCodeDigits &&
             std::all_of(code->begin(), code->end(), [](char c) { return c >= '0' && c <= '9'; }),
         "a code has six digits");
  if (const auto key = client_key(text)) {
    const auto slash = key->find('/');
    must(client_key(key->substr(0, slash)) == key, "a client has one key");
  }
  if (http::is_request_id(text)) must(text.size() <= 128, "a request id is short");
  must(brand_for_sms(text).size() <= 80, "a brand is short");
  Cidr::parse(text);
  forwarded(text);
  return 0;
}
