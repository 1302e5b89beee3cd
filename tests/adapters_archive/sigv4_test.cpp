// The signature against the examples that AWS publishes for S3 ("Authenticating Requests: Using the
// Authorization Header").
#include "adapters/archive/s3/sigv4.hpp"

#include <catch2/catch.hpp>

using namespace ringback;
using namespace ringback::s3;
using Catch::Matchers::Contains;
using Catch::Matchers::EndsWith;

namespace {

const SigningKey kKey{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
                      "us-east-1", "s3"};
const TimePoint kMidnight{std::chrono::sys_days{std::chrono::year{2013} / 5 / 24}};

std::string signed_as(HttpRequest request, std::string_view body = "") {
  sign(request, sha256(body), kKey, kMidnight);
  return std::string(header_of(request.headers, "Authorization"));
}

}  // namespace

TEST_CASE("sigv4: the published example of a GET with a range", "[sigv4]") {
  const auto text = signed_as(
      {"GET", "https://examplebucket.s3.amazonaws.com/test.txt", {{"Range", "bytes=0-9"}}, ""});
  CHECK_THAT(text, Contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request"));
  CHECK_THAT(text, Contains("SignedHeaders=host;range;x-amz-content-sha256;x-amz-date"));
  CHECK_THAT(text, EndsWith("Signature="
                            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"));
}

TEST_CASE("sigv4: the published example of a PUT", "[sigv4]") {
  const auto text = signed_as(
      {"PUT",
       "https://examplebucket.s3.amazonaws.com/test%24file.text",
       {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}},
       ""},
      "Welcome to Amazon S3.");
  CHECK_THAT(text, EndsWith("Signature="
                            "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST_CASE("sigv4: the published examples of queries", "[sigv4]") {
  CHECK_THAT(signed_as({"GET", "https://examplebucket.s3.amazonaws.com/?lifecycle", {}, ""}),
             EndsWith("fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
  const auto sorted =
      signed_as({"GET", "https://examplebucket.s3.amazonaws.com/?max-keys=2&prefix=J", {}, ""});
  CHECK_THAT(sorted, EndsWith("34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
  // In whatever order they were written.
  CHECK(signed_as({"GET", "https://examplebucket.s3.amazonaws.com/?prefix=J&max-keys=2", {}, ""}) ==
        sorted);
}

TEST_CASE("sigv4: another body, path, header or second is another signature", "[sigv4]") {
  const HttpRequest plain{"PUT", "https://b.s3.example/k", {{"Content-Type", "audio/wav"}}, ""};
  const auto original = signed_as(plain, "a");
  CHECK(signed_as(plain, "a") == original);
  CHECK(signed_as(plain, "b") != original);
  auto other = plain;
  other.url += "2";
  CHECK(signed_as(other, "a") != original);
  other = plain;
  other.headers.front().second = "audio/mpeg";
  CHECK(signed_as(other, "a") != original);
  other = plain;
  sign(other, sha256("a"), kKey, kMidnight + Seconds(1));
  CHECK(header_of(other.headers, "Authorization") != original);
  CHECK(header_of(other.headers, "X-Amz-Date") == "20130524T000001Z");
}

TEST_CASE("sigv4: keys are written as the signature reads them", "[sigv4]") {
  CHECK(uri_encoded("a b/c+d\xC3\xA9~_-.", true) == "a%20b/c%2Bd%C3%A9~_-.");
  CHECK(uri_encoded("a/b", false) == "a%2Fb");
}
