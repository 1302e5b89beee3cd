// The whole test of a carrier: letters as it sends them, what is to be read from them, and one
// call.
#include <fmt/format.h>

#include <catch2/catch.hpp>

#include "tests/conformance/carrier_suite.hpp"
#include "tests/conformance/example_carrier.hpp"
#include "tests/support/openssl_hmac.hpp"

using namespace ringback;
using namespace ringback::conformance;

namespace {

const std::string kHook = "https://ring.example/hooks/example/example/token";

Webhook signed_with(Webhook webhook, const char* secret) {
  std::string hex;
  for (const auto byte : test::openssl_hmac(secret, webhook.request.url + webhook.request.body))
    hex += fmt::format("{:02x}", byte);
  webhook.request.headers = {{"Example-Signature", hex}};
  return webhook;
}

Webhook letter(const char* point, const char* body) {
  Webhook webhook;
  webhook.request = {"POST", kHook + "/" + point, {}, body};
  webhook.token = "token";
  webhook.point = point;
  return signed_with(webhook, "secret");
}

News news(Side side, View view) {
  News out;
  out.ref = "c1";
  out.side = side;
  out.view = view;
  return out;
}

Snapshot seen(View business, View visitor, int talked) {
  Snapshot out;
  out.ref = "c1";
  out.business = business;
  out.visitor = visitor;
  out.talk_seconds = talked;
  return out;
}

}  // namespace

TEST_CASE("the example of the cookbook is a carrier", "[carrier][example]") {
  CarrierFixture fixture;
  fixture.make = [] {
    return std::make_unique<example::ExampleCarrier>(
        example::Account{"https://api.example", "key", "secret", {}}, test::openssl_hmac);
  };
  fixture.taken = {201, {}, "status=201&id=c1"};
  fixture.taken_ref = "c1";
  fixture.refused_number = {422, {}, "status=422&fault=number"};
  fixture.refused_account = {403, {}, "status=403&fault=account"};
  fixture.refused_content = {422, {}, "status=422&fault=request"};
  fixture.throttled = {429, {}, ""};
  fixture.throttled_for = Seconds{1};
  fixture.found = {200, {}, "status=200&call=c1&end=yes"};
  fixture.found_calls = {{"c1", TimePoint{}}};
  fixture.fetched = {
      {{{200, {}, "status=200&id=c1&business=ringing&visitor=none"}},
       seen(View::ringing, View::none, 0)},
      {{{200, {}, "status=200&id=c1&business=done&visitor=done&talked=42"}},
       seen(View::completed, View::completed, 42)},
  };
  fixture.gone = {{404, {}, "status=404"}};
  fixture.hung_up = {204, {}, ""};
  fixture.was_over = {404, {}, "status=404"};
  fixture.news = {
      {letter("status", "letter=1&id=c1&leg=business&state=ringing"),
       news(Side::business, View::ringing)},
      {letter("status", "letter=2&id=c1&leg=visitor&state=busy"), news(Side::visitor, View::busy)},
  };
  fixture.questions = {
      {letter("answer", "letter=3&id=c1"), {0, "c1", Point::answered, 1, "", false}},
      {letter("key", "letter=4&id=c1&digits=1"), {0, "c1", Point::key, 1, "1", false}},
      {letter("dialed", "letter=5&id=c1"), {0, "c1", Point::dialed, 1, "", false}},
  };
  fixture.wrongly_signed = [](Webhook w) { return signed_with(std::move(w), "guessed"); };
  fixture.unsigned_letter = [](Webhook w) {
    w.request.headers.clear();
    return w;
  };
  fixture.with_body = [](Webhook w, std::string body) {
    w.request.body = std::move(body);
    return signed_with(std::move(w), "secret");
  };
  check_carrier(fixture);
}
