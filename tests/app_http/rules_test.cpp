// Rules that need no socket: who is asking, JSON and its members, blocks of addresses, files.
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <catch2/catch.hpp>

#include "app/http/client_address.hpp"
#include "app/http/json_body.hpp"
#include "app/http/static_files.hpp"
#include "app/http/text.hpp"
#include "app/outbound/address_policy.hpp"
#include "embedded/test_assets.hpp"
#include "tests/app_http/test_server.hpp"

using namespace ringback;
using ringback::test::TestServer;

namespace {

IpAddress address(const char* text) { return parse_address(text).value(); }

std::string client_of(http::ClientIpHeader mode, const char* peer,
                      std::vector<http::Header> headers) {
  http::ProxyRule rule;
  rule.header = mode;
  rule.trusted = {Cidr::parse("10.0.0.0/8").value(), Cidr::parse("::1").value()};
  const auto client = http::client_address(rule, address(peer), headers);
  return client ? client->to_string() : "refused";
}

}  // namespace

TEST_CASE("blocks of addresses") {
  for (const auto* bad : {"", "10.0.0.0/33", "::/129", "10.0.0.0/", "10.0.0/8", "x", "1.2.3.4/-1",
                          "fe80::1%eth0", "::ffff:10.0.0.0/95"})
    CHECK_FALSE(Cidr::parse(bad));
  CHECK(Cidr::parse("10.1.2.3/8")->contains(address("10.200.0.1")));
  CHECK_FALSE(Cidr::parse("10.0.0.0/9")->contains(address("10.128.0.0")));
  CHECK(Cidr::parse("10.0.0.0/8")->contains(address("::ffff:10.0.0.1")));
  CHECK(Cidr::parse("::ffff:10.0.0.0/104")->contains(address("10.9.9.9")));
  CHECK_FALSE(Cidr::parse("::/0")->contains(address("10.0.0.1")));
  CHECK(Cidr::parse("0.0.0.0/0")->contains(address("10.0.0.1")));
}

TEST_CASE("a forwarded address is believed only from a trusted proxy and read from the right") {
  using Mode = http::ClientIpHeader;
  // clang-format off
  CHECK(client_of(Mode::x_forwarded_for, "192.0.2.9", {{"X-Forwarded-For", "198.51.100.1"}}) == "192.0.2.9");
  CHECK(client_of(Mode::none, "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1"}}) == "10.0.0.1");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {}) == "10.0.0.1");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {{"X-Forwarded-For", "1.1.1.1, 198.51.100.1, 10.0.0.2"}}) == "198.51.100.1");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {{"x-forwarded-for", "1.1.1.1"}, {"X-Forwarded-For", "198.51.100.1"}}) == "198.51.100.1");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {{"X-Forwarded-For", "198.51.100.1, nonsense, 10.0.0.2"}}) == "10.0.0.2");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {{"X-Forwarded-For", "10.0.0.3"}}) == "10.0.0.3");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {{"X-Forwarded-For", "[2001:db8::1]:99"}}) == "2001:db8::1");
  CHECK(client_of(Mode::x_forwarded_for, "10.0.0.1", {{"Forwarded", "for=198.51.100.1"}, {"CF-Connecting-IP", "198.51.100.2"}}) == "10.0.0.1");
  CHECK(client_of(Mode::forwarded, "::1", {{"Forwarded", "for=1.1.1.1;proto=https, For=\"[2001:db8::7]:80\";by=x, for=10.1.1.1"}}) == "2001:db8::7");
  CHECK(client_of(Mode::forwarded, "::1", {{"Forwarded", "for=198.51.100.1, for=_hidden"}}) == "::1");
  CHECK(client_of(Mode::forwarded, "::1", {{"Forwarded", "for=198.51.100.1, for=unknown, for=10.0.0.9"}}) == "10.0.0.9");
  CHECK(client_of(Mode::cf_connecting_ip, "10.0.0.1", {{"CF-Connecting-IP", "198.51.100.1"}, {"X-Forwarded-For", "1.1.1.1"}}) == "198.51.100.1");
  CHECK(client_of(Mode::cf_connecting_ip, "10.0.0.1", {}) == "refused");
  CHECK(client_of(Mode::cf_connecting_ip, "10.0.0.1", {{"CF-Connecting-IP", "198.51.100.1"}, {"CF-Connecting-IP", "198.51.100.1"}}) == "refused");
  CHECK(client_of(Mode::cf_connecting_ip, "10.0.0.1", {{"CF-Connecting-IP", "198.51.100.1, 1.1.1.1"}}) == "refused");
  CHECK(client_of(Mode::cf_connecting_ip, "192.0.2.9", {}) == "192.0.2.9");
  // clang-format on
}

TEST_CASE("the client's address reaches the handler; a silent proxy is refused") {
  TestServer server([](http::ServerConfig& config) {
    config.proxies.trusted = {Cidr::parse("127.0.0.0/8").value()};
    config.proxies.header = http::ClientIpHeader::cf_connecting_ip;
  });
  auto client = server.client();
  CHECK(client.ask(TestServer::request("GET", "/echo", "CF-Connecting-IP: 198.51.100.7\r\n"))
            .body.find("\"client\":\"198.51.100.7\"") != std::string::npos);
  CHECK(client.ask(TestServer::request("GET", "/echo")).status == 400);
}

TEST_CASE("cross-origin requests: exact origins, no credentials, nothing else") {
  TestServer server;
  auto client = server.client();
  const auto ask = [&](const char* method, const std::string& headers, const char* path) {
    return client.ask(TestServer::request(method, path, headers));
  };
  const std::string kPreflight = "Access-Control-Request-Method: POST\r\n";
  for (const auto* origin : {"https://shop.example", "https://ring.example"}) {
    const auto line = std::string("Origin: ") + origin + "\r\n";
    const auto answer = ask("POST", line, "/visitor");
    CHECK(answer.status == 200);
    CHECK(answer.header("Access-Control-Allow-Origin") == origin);
    CHECK(answer.header("Access-Control-Allow-Credentials").empty());
    CHECK(answer.header("Access-Control-Expose-Headers").find("Retry-After") != std::string::npos);
    CHECK(answer.header("Cross-Origin-Resource-Policy") == "cross-origin");
    const auto preflight = ask("OPTIONS", line + kPreflight, "/visitor");
    CHECK(preflight.status == 204);
    CHECK(preflight.header("Access-Control-Allow-Origin") == origin);
    CHECK(preflight.header("Access-Control-Allow-Methods") == "POST, GET, HEAD, OPTIONS");
    CHECK(preflight.header("Access-Control-Allow-Headers") ==
          "content-type, authorization, idempotency-key, x-request-id");
    CHECK(preflight.header("Access-Control-Max-Age") == "600");
  }
  for (const auto* origin : {"https://evil.example", "null", "https://shop.example.evil.example",
                             "https://shop.example:444", "http://shop.example",
                             "HTTPS://SHOP.EXAMPLE", "https://shop.example/"}) {
    INFO(origin);
    const auto line = std::string("Origin: ") + origin + "\r\n";
    const auto post = ask("POST", line, "/visitor");
    CHECK(post.status == 403);
    CHECK(post.header("Access-Control-Allow-Origin").empty());
    CHECK(post.header("Vary") == "Origin");
    const auto get = ask("GET", line, "/visitor");
    CHECK(get.status == 200);
    CHECK(get.header("Access-Control-Allow-Origin").empty());
    const auto preflight = ask("OPTIONS", line + kPreflight, "/visitor");
    CHECK(preflight.status == 403);
    CHECK(preflight.header("Access-Control-Allow-Origin").empty());
  }
  CHECK(ask("POST", "", "/visitor").status == 200);
  CHECK(ask("POST", "", "/visitor").header("Vary") == "Origin");
  CHECK(ask("GET", "Origin: https://shop.example\r\n", "/echo")
            .header("Access-Control-Allow-Origin")
            .empty());
}

TEST_CASE("JSON that two readers could understand differently is refused") {
  std::string deep;
  for (int i = 0; i < 33; ++i) deep += "{\"a\":";
  const std::vector<std::string> bad{"",
                                     " ",
                                     "[]",
                                     "1",
                                     "null",
                                     "{\"a\":1,\"a\":2}",
                                     "{\"a\":1,\"\\u0061\":2}",
                                     "{\"b\":{\"a\":1,\"a\":2}}",
                                     "{\"b\":[{\"a\":1,\"a\":2}]}",
                                     "{\"a\":1e999}",
                                     "{\"a\":-1e999}",
                                     "{\"a\":NaN}",
                                     "{\"a\":Infinity}",
                                     "{\"a\":\"\\u0000\"}",
                                     "{\"\\u0000\":1}",
                                     "{\"a\":\"x\\u0000y\"}",
                                     "{\"a\":1}x",
                                     "{\"a\":1} {}",
                                     "{\"a\":1,}",
                                     "{'a':1}",
                                     "{\"a\":1}//",
                                     "\xef\xbb\xbf{}",
                                     "{\"a\":\"\xff\"}",
                                     "{\"a\":\"\xc0\xaf\"}",
                                     "{\"a\":\"\\ud800\"}",
                                     "{\"a\":\"\n\"}",
                                     "{\"a\":01}",
                                     "{\"a\"",
                                     "{\"a\":tru}",
                                     deep + "1" + std::string(33, '}'),
                                     std::string("{\"a\":1}\0", 8)};
  for (const auto& text : bad) {
    INFO(text);
    const auto body = http::parse_json_object(text);
    REQUIRE(body.has_error());
    CHECK(body.error().code == http::ProblemCode::bad_request);
  }
  const auto good =
      http::parse_json_object(" {\"a\":{\"a\":1},\"b\":[{\"a\":1},{\"a\":2}],\"c\":\"ä\\n\"} ");
  CHECK(good.has_value());
}

TEST_CASE("only application/json in UTF-8 is read as JSON") {
  http::Request request;
  request.body = "{}";
  const auto status = [&](std::vector<http::Header> headers) {
    request.headers = headers;
    const auto body = http::read_json(request);
    return body.has_value() ? 200 : http::status_of(body.error());
  };
  CHECK(status({{"Content-Type", "application/json"}}) == 200);
  CHECK(status({{"content-type", "Application/JSON; charset=UTF-8"}}) == 200);
  CHECK(status({}) == 415);
  CHECK(status({{"Content-Type", "text/plain"}}) == 415);
  CHECK(status({{"Content-Type", "application/jsonx"}}) == 415);
  CHECK(status({{"Content-Type", "application/json; charset=latin1"}}) == 415);
  CHECK(status({{"Content-Type", "application/x-www-form-urlencoded"}}) == 415);
  CHECK(status({{"Content-Type", "application/json"}, {"Content-Type", "text/plain"}}) == 415);
}

TEST_CASE("members are taken by type, and every error is told at once") {
  const auto body =
      http::parse_json_object(
          R"({"name":"Ürsula","long":"äää","tab":"a\tb","c1":"a\u0085b","flag":"yes","n":1.5,)"
          R"("m":12,"list":["a",1],"gone":null,"more":true,"text":"a\nb"})")
          .value();
  http::Fields fields(body);
  CHECK(fields.required_text("name", 6) == "Ürsula");
  CHECK_FALSE(fields.text("long", 2));
  CHECK_FALSE(fields.text("tab", 9));
  CHECK_FALSE(fields.text("c1", 9));
  CHECK(fields.text("text", 9, http::Fields::Lines::many) == "a\nb");
  CHECK_FALSE(fields.text("gone", 9));
  CHECK(fields.required_text("phone", 9).empty());
  CHECK_FALSE(fields.boolean("flag"));
  CHECK_FALSE(fields.integer("n", 0, 9));
  CHECK_FALSE(fields.integer("m", 0, 9));
  CHECK_FALSE(fields.texts("list", 9, 9));
  const auto problem = fields.problem();
  REQUIRE(problem);
  CHECK(problem->code == http::ProblemCode::validation_failed);
  std::string errors;
  for (const auto& error : problem->errors) errors += error.field + ":" + error.code + " ";
  CHECK(errors ==
        "long:too_long tab:control_characters c1:control_characters phone:required "
        "flag:wrong_type n:wrong_type m:out_of_range list:wrong_type more:unknown_field ");
}

TEST_CASE("text is counted in code points, and what is no UTF-8 is seen") {
  CHECK(http::code_points("aä€😀") == 4);
  for (const auto* bad :
       {"\x80", "\xc0\xaf", "\xe2\x82", "\xed\xa0\x80", "\xf4\x90\x80\x80", "\xff"})
    CHECK_FALSE(http::code_points(bad));
}

TEST_CASE("forms and queries are decoded once; broken ones are refused") {
  const auto form = http::parse_form("a=1+2&b=%2B&a=%C3%A4&empty=&c");
  REQUIRE(form);
  CHECK(*form == http::FormFields{{"a", "1 2"}, {"b", "+"}, {"a", "ä"}, {"empty", ""}, {"c", ""}});
  for (const auto* bad : {"a=%", "a=%4", "a=%zz", "a=%00", "a=%ff", "%00=1"})
    CHECK_FALSE(http::parse_form(bad));
  http::Request request;
  request.query = "q=a%20b&q=c&x";
  CHECK(request.query_param("q") == "a b");
  CHECK(request.query_param("x") == "");
  CHECK_FALSE(request.query_param("y"));
}

TEST_CASE("embedded files have their type, an ETag, and 304 for who has them") {
  const http::StaticFiles files(test_assets());
  REQUIRE(test_assets().size() == 3);
  http::Request request;
  const auto page = files.serve(request, "admin/index.html");
  CHECK(page.status == 200);
  CHECK(page.content_type == "text/html; charset=utf-8");
  CHECK(page.static_body == "<!doctype html><title>x</title>\n");
  CHECK(files.find("empty.txt")->body.empty());
  CHECK(files.serve(request, "../etc/passwd").status == 404);
  CHECK(files.find("app-4F9C2A1B.js")->immutable);
  CHECK_FALSE(files.find("admin/index.html")->immutable);
  const auto etag = std::string(files.find("admin/index.html")->etag);
  for (const auto& tag : {etag, "W/" + etag, "\"x\", " + etag, std::string("*")}) {
    const std::vector<http::Header> headers{{"If-None-Match", tag}};
    request.headers = headers;
    const auto again = files.serve(request, "admin/index.html");
    CHECK(again.status == 304);
    CHECK(again.static_body.empty());
  }
}

TEST_CASE("requests of ours go to public addresses only") {
  // clang-format off
  for (const auto* denied : {
      "0.0.0.0", "10.0.0.1", "100.64.0.1", "127.0.0.1", "127.1.2.3", "169.254.169.254", "172.16.0.1",
      "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.1.1", "198.18.0.1",
      "198.19.255.255", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1",
      "255.255.255.255", "::", "::1", "fe80::1", "fc00::1", "fd00::1", "ff02::1", "2001:db8::1",
      "2001::1", "2002:7f00:1::", "3fff::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
      "64:ff9b::127.0.0.1", "64:ff9b::a9fe:a9fe", "::127.0.0.1"})
    { INFO(denied); CHECK_FALSE(is_public(address(denied))); }
  for (const auto* fine : {"8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "::ffff:8.8.8.8", "64:ff9b::808:808"})
    { INFO(fine); CHECK(is_public(address(fine))); }
  // clang-format on
  CHECK(may_connect(address("127.0.0.1"), true));
  CHECK(may_connect(address("::1"), true));
  CHECK_FALSE(may_connect(address("10.0.0.1"), true));
  CHECK_FALSE(may_connect(address("127.0.0.1"), false));
}

TEST_CASE("every code of the closed set has a status; 429 and 503 say when to come again") {
  for (const auto* slug : {"bad_request",
                           "validation_failed",
                           "captcha_required",
                           "captcha_failed",
                           "sign_in_required",
                           "unauthenticated",
                           "forbidden",
                           "not_found",
                           "method_not_allowed",
                           "state_conflict",
                           "idempotency_conflict",
                           "code_wrong",
                           "code_expired",
                           "too_many_attempts",
                           "rate_limited",
                           "payload_too_large",
                           "unsupported_media_type",
                           "budget_reached",
                           "carrier_unavailable",
                           "overloaded",
                           "internal"}) {
    const auto code = http::problem_code(slug);
    REQUIRE(code);
    CHECK(http::kind_of(*code).slug == slug);
    http::Problem problem;
    problem.code = *code;
    const int status = http::status_of(problem);
    CHECK(http::retry_after_of(problem).has_value() == (status == 429 || status == 503));
  }
}

TEST_CASE("rate limits are told in the two draft headers") {
  http::Response response;
  const std::vector<http::RateWindow> windows{{"create-1m", 5, Seconds(60), 4, Seconds(59)},
                                              {"create-1h", 50, Seconds(3600), 49, Seconds(9)}};
  http::set_rate_limit(response, windows);
  CHECK(response.headers[0].second == "\"create-1m\";q=5;w=60, \"create-1h\";q=50;w=3600");
  CHECK(response.headers[1].second == "\"create-1m\";r=4;t=59, \"create-1h\";r=49;t=9");
}
