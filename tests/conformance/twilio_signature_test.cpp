// The signature against the vectors of the carrier's own client libraries (twilio-node, -python and
// -java), and what those libraries refuse.
#include "adapters/carriers/twilio/signature.hpp"

#include <string>
#include <vector>

#include "tests/support/catch.hpp"
#include "tests/support/openssl_hmac.hpp"

using namespace ringback;

namespace {

const std::string kU0 = "https://mycompany.com/myapp.php?foo=1&bar=2";
const std::string kP0 =
    "CallSid=CA1234567890ABCDE&Caller=%2B14158675309&Digits=1234&From=%2B14158675309&"
    "To=%2B18005551212";
const std::string kJson = R"({"property": "value", "boolean": true})";
const std::string kJsonHash = "0a1ff7634d9ab3b95db5c9a2dfe9416e41502b283a80c7cf19632632f96e6620";
const std::string kEmptyHash = "44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a";

struct Vector {
  int row;
  std::string url;  // as we hold it
  std::string body;
  std::string signature;
  bool json = false;
};

const std::vector<Vector> kVectors = {
    {1, kU0, kP0, "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
    {2, kU0, kP0, "kvajT1Ptam85bY51eRf/AJRuM3w="},  // signed with :443
    {2, "https://mycompany.com:443/myapp.php?foo=1&bar=2", kP0, "kvajT1Ptam85bY51eRf/AJRuM3w="},
    {3, "http://mycompany.com/myapp.php?foo=1&bar=2", kP0, "0ZXoZLH/DfblKGATFgpif+LLRf4="},
    {3, "http://mycompany.com:80/myapp.php?foo=1&bar=2", kP0, "0ZXoZLH/DfblKGATFgpif+LLRf4="},
    {4, "http://mycompany.com:1234/myapp.php?foo=1&bar=2", kP0, "Zmvh+3yNM1Phv2jhDCwEM3q5ebU="},
    {5, "https://mycompany.com:1234/myapp.php?foo=1&bar=2", kP0, "RSOYDt4T1cUTdK1PDd93/VVr8B8="},
    {6, "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", kP0,
     "CukzLTc1tT5dXEDIHm/tKBanW10="},
    {7, "https://user@mycompany.com/myapp.php?foo=1&bar=2", kP0, "2YRLlVAflCqxaNicjMpJcSTgzSs="},
    {8, "https://user:pass@mycompany.com:443/myapp.php?foo=1&bar=2", kP0,
     "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="},
    {8, "https://user:pass@mycompany.com/myapp.php?foo=1&bar=2", kP0,
     "ZQFR1PTIZXF2MXB8ZnKCvnnA+rI="},
    {9, kU0 + "&Body=It%27s+amazing", kP0, "TfZzewPq8wqrGlMfyAud8+/IvJ0="},
    {10, kU0, "MessagingBinding.Address=%2B1325xxxxxxx&MessagingBinding.Address=%2B1415xxxxxxx",
     "83O6e2vORAoJHUNzJjDWN1jz+BA="},
    {10, kU0, "MessagingBinding.Address=%2B1415xxxxxxx&MessagingBinding.Address=%2B1325xxxxxxx",
     "83O6e2vORAoJHUNzJjDWN1jz+BA="},
    {11, kU0, "Sid=CA123&SidAccount=AC123&Digits=5678&Digits=1234&Digits=1234",
     "IK+Dwps556ElfBT0I3Rgjkr1wJU="},
    {12, kU0 + "&bodySHA256=" + kJsonHash, kJson, "a9nBmqA0ju/hNViExpshrM61xv4=", true},
    {13, kU0 + "&bodySHA256=" + kEmptyHash, "{}", "Ldidvp12m26NI7eqEvxnEpkd9Hc=", true},
    {14, "https://mycompany.com/myapp.php?bodySHA256=" + kJsonHash, kJson,
     "y77kIzt2vzLz71DgmJGsen2scGs=", true},
    {15, kU0, "", "zYQTYrRWXE7LtzbG4PfP7/bkkGo="},
    {16, "https://mycompany.com/myapp.php", kP0, "1xaxFBvyzXYvWplzNOSs28HWO94="},
    {17, kU0 + "&type=thiswontbeusedinthesignaturegeneratorandsoshouldbeignored", kP0,
     "hYkNsTBttoNGkyCS0p+wWmQoRTg="},
    {18, "https://mycompany.com/myapp.php?foo=hello%20world&bar=test%2Bvalue", kP0,
     "er2tvAP1Wx+iuTTE2BPgvEaN1cs="},
    {19, kU0,
     "Message=Hello+%26+goodbye%21+%40%23%24%25%5E%2A%28%29&From=%2B1+%28415%29+867-5309&"
     "Special=unicode%3A+%C3%B1%C3%A1%C3%A9%C3%AD%C3%B3%C3%BA",
     "dCPiR4WtQ6QFN6pJh81CtlCcWLQ="},
    {20, kU0, "Digits=&CallSid=CA1234567890ABCDE&EmptyParam=", "9HHp/OqQMEwdrVebHDdA/+tqjX8="},
    {21, kU0, "Zebra=last&Alpha=first&Beta=second&Gamma=third", "enveUe73ZTVLAekHxez3Qx6JuuQ="},
    {22, kU0, "callSid=lowercase&CallSid=uppercase&CALLSID=allcaps",
     "jDK7WKT8wiNrwggd4ceTv4e1MJ4="},
    {23, "https://mycompany.com/webhook/España?año=2023", kP0, "G/Hx6mqqnjUNlPAoi2Sp9bGst0g="},
    {24, "https://mycompany.com:443//myapp.php?foo=1&bar=2", kP0, "A9lH3u16NjyiiM/+wylw5rirFUs="},
};

HttpRequest request_of(const Vector& v) {
  return {"POST",
          v.url,
          {{"Content-Type", v.json ? "application/json" : "application/x-www-form-urlencoded"}},
          v.body};
}

bool accepted(const HttpRequest& request, std::string_view signature,
              const std::vector<std::string>& keys = {"12345"}) {
  return twilio::is_signed({test::openssl_hmac_sha1, test::openssl_sha256}, keys, request,
                           signature);
}

}  // namespace

TEST_CASE("every vector of the carrier's own libraries is accepted", "[twilio][signature]") {
  for (const auto& v : kVectors) {
    INFO("row " << v.row << ": " << v.url);
    CHECK(accepted(request_of(v), v.signature));
    CHECK(accepted(request_of(v), v.signature, {"another", "12345"}));
    CHECK_FALSE(accepted(request_of(v), v.signature, {"another"}));
    CHECK_FALSE(accepted(request_of(v), v.signature, {}));
  }
}

TEST_CASE("a signature is refused whatever is changed about the letter", "[twilio][signature]") {
  const auto& first = kVectors.front();
  CHECK_FALSE(accepted(request_of(first), "WRONG_SIGNATURE"));
  CHECK_FALSE(accepted(request_of(first), ""));
  CHECK_FALSE(accepted(request_of(first), first.signature + "="));
  auto longer = request_of(first);
  longer.url += "&another=1";
  CHECK_FALSE(accepted(longer, first.signature));
  auto more = request_of(first);
  more.body += "&Another=1";
  CHECK_FALSE(accepted(more, first.signature));
  auto elsewhere = request_of(first);
  elsewhere.url = "https://mycompany.example/myapp.php?foo=1&bar=2";
  CHECK_FALSE(accepted(elsewhere, first.signature));
}

TEST_CASE("what no carrier would send is not even sorted", "[twilio][signature]") {
  const auto is_taken = [](const std::string& body) {
    const Vector v{0, kU0, body, ""};
    const auto digest =
        test::openssl_hmac_sha1("12345", twilio::signed_text(kU0, twilio::form_fields(body)));
    return accepted(request_of(v),
                    base64({reinterpret_cast<const char*>(digest.data()), digest.size()}));
  };
  std::string fields = "x=1";
  for (int i = 0; i < 511; ++i) fields += "&x=1";
  CHECK(is_taken(fields));
  CHECK_FALSE(is_taken(fields + "&x=1"));
  CHECK(is_taken("x=" + std::string(65'534, 'a')));
  CHECK_FALSE(is_taken("x=" + std::string(65'535, 'a')));
}

TEST_CASE("a body that is no form must be covered by its hash", "[twilio][signature]") {
  const Vector row12{12, kU0 + "&bodySHA256=" + kJsonHash, kJson,
                     "a9nBmqA0ju/hNViExpshrM61xv4=", true};
  auto changed = request_of(row12);
  changed.body += " ";
  CHECK_FALSE(accepted(changed, row12.signature));
  // Rightly signed, but nothing says that the body belongs to it.
  auto uncovered = request_of(row12);
  uncovered.url = kU0;
  CHECK_FALSE(accepted(uncovered, "zYQTYrRWXE7LtzbG4PfP7/bkkGo="));
  auto wrong_hash = request_of(row12);
  wrong_hash.url = kU0 + "&bodySHA256=" + kEmptyHash;
  CHECK_FALSE(accepted(wrong_hash, row12.signature));
}

TEST_CASE("a form with a broken escape is what it says, not an error", "[twilio][signature]") {
  CHECK(twilio::form_fields("a=%zz&b=1%2&c&&=x&d=%41+") ==
        Fields{{"a", "%zz"}, {"b", "1%2"}, {"c", ""}, {"", "x"}, {"d", "A "}});
}
