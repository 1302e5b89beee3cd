#include "app/http/header_classes.hpp"

#include <algorithm>

#include "app/http/message.hpp"

namespace ringback::http {
namespace {

constexpr std::string_view kStrictTransport = "max-age=63072000; includeSubDomains";
constexpr std::string_view kPermissions =
    "camera=(), geolocation=(), microphone=(), payment=(), usb=()";
constexpr std::string_view kDataPolicy =
    "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'; sandbox";
constexpr std::string_view kPagePolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'; "
    "object-src 'none'; frame-ancestors 'none'";
constexpr std::string_view kAdminPolicy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src "
    "'self'; connect-src 'self'; media-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; object-src 'none'; require-trusted-types-for 'script'; "
    "trusted-types 'none'";
constexpr std::string_view kSandbox = "sandbox";
constexpr std::string_view kNoReferrer = "no-referrer";
constexpr std::string_view kOriginReferrer = "strict-origin-when-cross-origin";

struct Row {
  HeaderClass which;
  std::string_view cache;
  std::string_view policy;    // Content-Security-Policy, or none
  std::string_view resource;  // Cross-Origin-Resource-Policy
  std::string_view referrer;
  bool document;  // a page that people see: no frames, its own window group
};

// clang-format off
constexpr std::array<Row, 7> kRows{{
    {HeaderClass::json,         "no-store", kDataPolicy,  "same-origin",  kNoReferrer,     false},
    {HeaderClass::visitor_json, "no-store", kDataPolicy,  "cross-origin", kOriginReferrer, false},
    {HeaderClass::page,         "no-cache", kPagePolicy,  "same-origin",  kOriginReferrer, true},
    {HeaderClass::admin_page,   "no-store", kAdminPolicy, "same-origin",  kNoReferrer,     true},
    {HeaderClass::asset,        "no-cache", kDataPolicy,  "same-origin",  kOriginReferrer, false},
    {HeaderClass::script,       "public, max-age=300, must-revalidate", kDataPolicy, "cross-origin", kOriginReferrer, false},
    {HeaderClass::download,     "no-store", kSandbox,     "same-origin",  kNoReferrer,     false},
}};
// clang-format on

}  // namespace

HeaderClasses::HeaderClasses(bool https) {
  for (const auto& row : kRows) {
    auto& block = blocks_[static_cast<std::size_t>(row.which)];
    block.lines = {{"X-Content-Type-Options", "nosniff"},
                   {"Referrer-Policy", row.referrer},
                   {"Permissions-Policy", kPermissions},
                   {"Cache-Control", row.cache},
                   {"Content-Security-Policy", row.policy},
                   {"Cross-Origin-Resource-Policy", row.resource}};
    if (row.document) {
      block.lines.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
      block.lines.emplace_back("X-Frame-Options", "DENY");
    }
    if (https) block.lines.emplace_back("Strict-Transport-Security", kStrictTransport);
    for (const auto& [name, value] : block.lines)
      block.text.append(name).append(": ").append(value).append("\r\n");
  }
}

void HeaderClasses::append(HeaderClass which,
                           const std::vector<std::pair<std::string, std::string>>& own,
                           std::string& out) const {
  const auto& block = blocks_[static_cast<std::size_t>(which)];
  const auto is_own = [&](std::string_view name) {
    return std::any_of(own.begin(), own.end(),
                       [&](const auto& header) { return same_name(header.first, name); });
  };
  if (std::none_of(block.lines.begin(), block.lines.end(),
                   [&](const auto& line) { return is_own(line.first); })) {
    out.append(block.text);
    return;
  }
  // An own Content-Security-Policy that names frame-ancestors replaces X-Frame-Options too.
  const bool own_policy = is_own("Content-Security-Policy");
  for (const auto& [name, value] : block.lines) {
    if (is_own(name) || (own_policy && name == "X-Frame-Options")) continue;
    out.append(name).append(": ").append(value).append("\r\n");
  }
}

}  // namespace ringback::http
