// Cross-origin rules: exact origins, never credentials. A foreign page may neither read an answer
// nor change anything: unsafe methods from an origin that is not allowed are refused.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/http/message.hpp"

namespace ringback::http {

enum class Cors { none, visitor };

// scheme://host[:port] of a URL, lower case, default port left out; empty if it is none.
std::string origin_of(std::string_view url);

class CorsPolicy {
 public:
  using Allowed = std::function<bool(std::string_view origin)>;

  // allowed is asked for every other origin than public_url's own; called on every server thread.
  CorsPolicy(std::string_view public_url, Allowed allowed);

  // Compares the raw text of the Origin field. A page that this server itself delivered under
  // another of its (checked) names is at home too.
  bool allows(std::string_view origin, std::string_view checked_host) const;

  // May the request go on? No Origin at all is fine: it is no browser.
  bool admits(const Request& request) const;

  // The header lines for an answer of a CORS route.
  void append(const Request& request, std::string& out) const;

  Response preflight(const Request& request, std::string_view allow) const;

 private:
  std::string own_;
  Allowed allowed_;
};

CorsPolicy::Allowed exact_origins(std::vector<std::string> origins);

}  // namespace ringback::http
