// AWS Signature Version 4 in the Authorization header: what proves to an S3-compatible store who
// asks and that nothing was changed on the way.
#pragma once

#include <string>
#include <string_view>

#include "core/domain/id.hpp"
#include "core/domain/time.hpp"
#include "core/ports/http_message.hpp"

namespace ringback::s3 {

struct SigningKey {
  std::string access_key;
  std::string secret_key;
  std::string region;
  std::string service = "s3";
};

std::string hex(const Digest& digest);
Digest sha256(std::string_view text);

// Each path segment or query value: all but letters, digits and -._~ as %XX.
std::string uri_encoded(std::string_view text, bool keep_slashes);

// Adds Host's companions X-Amz-Date, X-Amz-Content-Sha256 and Authorization. Every header that the
// request has is signed; its URL's path and query must be encoded as above. `payload` is the body's
// SHA-256.
void sign(HttpRequest& request, const Digest& payload, const SigningKey& key, TimePoint now);

}  // namespace ringback::s3
