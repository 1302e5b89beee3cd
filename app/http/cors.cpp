#include "app/http/cors.hpp"

#include <algorithm>

namespace ringback::http {
namespace {

constexpr std::string_view kAllowHeaders =
    "content-type, authorization, idempotency-key, x-request-id";
constexpr std::string_view kExposeHeaders =
    "Location, Retry-After, RateLimit, RateLimit-Policy, X-Request-Id";
constexpr std::string_view kPreflightSeconds = "600";

}  // namespace

std::string origin_of(std::string_view url) {
  const auto scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) return {};
  const auto authority_end = std::min(url.find_first_of("/?#", scheme_end + 3), url.size());
  std::string origin(url.substr(0, authority_end));
  for (char& c : origin)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (origin.starts_with("https://") && origin.ends_with(":443")) origin.resize(origin.size() - 4);
  if (origin.starts_with("http://") && origin.ends_with(":80")) origin.resize(origin.size() - 3);
  return origin;
}

CorsPolicy::CorsPolicy(std::string_view public_url, Allowed allowed)
    : own_(origin_of(public_url)), allowed_(std::move(allowed)) {}

bool CorsPolicy::allows(std::string_view origin, std::string_view checked_host) const {
  if (origin.empty() || origin == "null") return false;
  if (origin == own_) return true;
  for (const std::string_view scheme : {"http://", "https://"})
    if (origin.starts_with(scheme) && origin.substr(scheme.size()) == checked_host) return true;
  return allowed_ && allowed_(origin);
}

bool CorsPolicy::admits(const Request& request) const {
  if (request.method == "GET" || request.method == "HEAD") return true;
  const auto origins = request.header_count("origin");
  if (origins == 0) return true;
  return origins == 1 && allows(request.header("origin"), request.host);
}

void CorsPolicy::append(const Request& request, std::string& out) const {
  out.append("Vary: Origin\r\n");
  const auto origin = request.header("origin");
  if (request.header_count("origin") != 1 || !allows(origin, request.host)) return;
  out.append("Access-Control-Allow-Origin: ").append(origin);
  out.append("\r\nAccess-Control-Expose-Headers: ").append(kExposeHeaders).append("\r\n");
}

Response CorsPolicy::preflight(const Request& request, std::string_view allow) const {
  if (request.header_count("origin") != 1 || !allows(request.header("origin"), request.host))
    return problem(ProblemCode::forbidden,
                   "This page's origin may not use this address. Add it to the site's allowed "
                   "origins. Nothing was done.");
  auto response = empty_response(204);
  response.set("Access-Control-Allow-Methods", allow);
  response.set("Access-Control-Allow-Headers", kAllowHeaders);
  response.set("Access-Control-Max-Age", kPreflightSeconds);
  response.set("Vary", "Access-Control-Request-Method, Access-Control-Request-Headers");
  return response;
}

CorsPolicy::Allowed exact_origins(std::vector<std::string> origins) {
  return [origins = std::move(origins)](std::string_view origin) {
    return std::find(origins.begin(), origins.end(), origin) != origins.end();
  };
}

}  // namespace ringback::http
