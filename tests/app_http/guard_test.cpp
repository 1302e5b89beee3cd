// What the edge refuses, byte by byte: everything two readers could understand differently.
#include <catch2/catch.hpp>

#include "app/http/request_parser.hpp"
#include "tests/app_http/test_server.hpp"

using namespace ringback;
using ringback::test::TestServer;

namespace {

struct Row {
  const char* name;
  std::string bytes;
  int status;
};

const std::string kHost = "Host: ring.example\r\n";

std::string many_headers(int count) {
  std::string text = "GET /livez HTTP/1.1\r\n" + kHost;
  for (int i = 1; i < count; ++i) text += "A: b\r\n";
  return text + "\r\n";
}

std::string post(const std::string& headers, const std::string& body) {
  return "POST /echo HTTP/1.1\r\n" + kHost + headers + "\r\n" + body;
}

}  // namespace

TEST_CASE("hostile requests are refused and the connection is closed") {
  TestServer server([](http::ServerConfig& config) { config.limits.linger_time = Millis(200); });
  const std::string nul("GET /li\0vez HTTP/1.1\r\nHost: ring.example\r\n\r\n", 43);
  const std::vector<Row> rows{
      // clang-format off
      {"length and chunked", post("Content-Length: 3\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked and length", post("Transfer-Encoding: chunked\r\nContent-Length: 3\r\n", "0\r\n\r\n"), 400},
      {"xchunked", post("Transfer-Encoding: xchunked\r\n", ""), 400},
      {"xchunked with a length", post("Content-Length: 1\r\nTransfer-Encoding: xchunked\r\n", "a"), 400},
      {"chunked, identity", post("Transfer-Encoding: chunked, identity\r\n", "0\r\n\r\n"), 400},
      {"gzip, chunked", post("Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400},
      {"identity and chunked in two fields", post("Transfer-Encoding: identity\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"two chunked fields", post("Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"space before the colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n"), 400},
      {"chunked in HTTP/1.0", "POST /echo HTTP/1.0\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 400},
      {"two different lengths", post("Content-Length: 1\r\nContent-Length: 2\r\n", "ab"), 400},
      {"two equal lengths", post("Content-Length: 3\r\nContent-Length: 3\r\n", "abc"), 400},
      {"a list of lengths", post("Content-Length: 3, 3\r\n", "abc"), 400},
      {"signed length", post("Content-Length: +3\r\n", "abc"), 400},
      {"hex length", post("Content-Length: 0x3\r\n", "abc"), 400},
      {"empty length", post("Content-Length: \r\n", "abc"), 400},
      {"giant length", post("Content-Length: 99999999999999999999\r\n", "abc"), 400},
      {"folded line", "GET /livez HTTP/1.1\r\n" + kHost + "A: b\r\n c\r\n\r\n", 400},
      {"folded line with a tab", "GET /livez HTTP/1.1\r\n" + kHost + "A: b\r\n\tc\r\n\r\n", 400},
      {"folded first line", "GET /livez HTTP/1.1\r\n Host: ring.example\r\n\r\n", 400},
      {"bare LF", "GET /livez HTTP/1.1\nHost: ring.example\n\n", 400},
      {"bare CR", "GET /livez HTTP/1.1\r\nHost: ring.example\rA: b\r\n\r\n", 400},
      {"NUL in the target", nul, 400},
      {"NUL in a value", "GET /livez HTTP/1.1\r\n" + kHost + std::string("A: b\0c\r\n\r\n", 10), 400},
      {"tab in the target", "GET /li\tvez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"8-bit byte in the target", "GET /\xff HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"two spaces", "GET  /livez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"HTTP/1.2", "GET /livez HTTP/1.2\r\n" + kHost + "\r\n", 400},
      {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400},
      {"no version", "GET /livez\r\n\r\n", 400},
      {"leading empty line", "\r\nGET /livez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"TLS", std::string("\x16\x03\x01\x02", 4), 400},
      {"no host", "GET /livez HTTP/1.1\r\n\r\n", 400},
      {"no host in HTTP/1.0", "GET /livez HTTP/1.0\r\n\r\n", 400},
      {"two hosts", "GET /livez HTTP/1.1\r\n" + kHost + kHost + "\r\n", 400},
      {"foreign host", "GET /livez HTTP/1.1\r\nHost: evil.example\r\n\r\n", 400},
      {"foreign host with our name in front", "GET /livez HTTP/1.1\r\nHost: ring.example.evil.example\r\n\r\n", 400},
      {"host with a user", "GET /livez HTTP/1.1\r\nHost: ring.example@evil.example\r\n\r\n", 400},
      {"absolute target to another host", "GET http://evil.example/livez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"authority form", "CONNECT ring.example:443 HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"target without a slash", "GET livez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"fragment", "GET /livez#x HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"backslash", "GET /a\\b HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"%00", "GET /a%00 HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"%2f", "GET /things%2fx HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"%5C", "GET /things%5Cx HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"dots", "GET /files/../livez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"escaped dots", "GET /files/%2e%2E/livez HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"broken escape", "GET /files/%zz HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"broken escape in the query", "GET /echo?a=%g0 HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"NUL in the query", "GET /echo?a=%00 HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"path that is not UTF-8", "GET /files/%ff HTTP/1.1\r\n" + kHost + "\r\n", 400},
      {"unknown method", "FOO /livez HTTP/1.1\r\n" + kHost + "\r\n", 405},
      {"TRACE", "TRACE /livez HTTP/1.1\r\n" + kHost + "\r\n", 405},
      {"lower-case method", "get /livez HTTP/1.1\r\n" + kHost + "\r\n", 405},
      {"GET with a large body", "GET /echo HTTP/1.1\r\n" + kHost + "Content-Length: 1025\r\n\r\n" + std::string(1025, 'x'), 413},
      {"body over the route's limit", TestServer::request("POST", "/small", "", std::string(17, 'x')), 413},
      {"announced body over the limit", post("Content-Length: 65537\r\n", ""), 413},
      {"chunks over the limit", "POST /small HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n9\r\n123456789\r\n9\r\n123456789\r\n0\r\n\r\n", 413},
      {"chunk extensions over the limit", "POST /small HTTP/1.1\r\n" + kHost + "Transfer-Encoding: chunked\r\n\r\n1;aaaaaaaaaaaaaaaaaaaa=b\r\nx\r\n0\r\n\r\n", 413},
      {"endless chunk extension", post("Transfer-Encoding: chunked\r\n", "1;" + std::string(20000, 'a')), 400},
      {"hex prefix in a chunk's size", post("Transfer-Encoding: chunked\r\n", "0x3\r\nabc\r\n0\r\n\r\n"), 400},
      {"wrong end of a chunk", post("Transfer-Encoding: chunked\r\n", "3\r\nabcX\r\n0\r\n\r\n"), 400},
      {"trailer", post("Transfer-Encoding: chunked\r\n", "3\r\nabc\r\n0\r\nX-Auth: evil\r\n\r\n"), 400},
      {"announced trailer", post("Trailer: X-Auth\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400},
      {"101 fields", many_headers(101), 431},
      {"head over 8 KiB", "GET /livez HTTP/1.1\r\n" + kHost + "A: " + std::string(9000, 'a') + "\r\n\r\n", 431},
      {"endless start line", "GET /" + std::string(9000, 'a'), 431},
      {"unknown expectation", post("Expect: tea\r\nContent-Length: 1\r\n", "a"), 400},
      // clang-format on
  };
  for (const auto& row : rows) {
    INFO(row.name);
    auto client = server.client();
    // A second request behind it must never be answered.
    client.send(row.bytes + "GET /livez HTTP/1.1\r\n" + kHost + "\r\n");
    const auto answer = client.read();
    CHECK(answer.status == row.status);
    CHECK(answer.header("Content-Type") == "application/problem+json");
    CHECK(answer.header("Connection") == "close");
    CHECK(answer.header("X-Request-Id").size() == 16);
    CHECK(answer.body.find("\"code\":\"") != std::string::npos);
    CHECK(client.closed_by_peer());
    CHECK(client.unread().empty());
  }
}

TEST_CASE("unusual but sound requests are answered") {
  TestServer server;
  const std::vector<Row> rows{
      // clang-format off
      {"100 fields", many_headers(100), 200},
      {"absolute target to our host", "GET http://ring.example/livez HTTP/1.1\r\n" + kHost + "\r\n", 200},
      {"host in capitals with a port", "GET /livez HTTP/1.1\r\nHost: RING.example:8501\r\n\r\n", 200},
      {"the socket's own address", "GET /livez HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n", 200},
      {"localhost from this machine", "GET /livez HTTP/1.1\r\nHost: localhost:1\r\n\r\n", 200},
      {"HTTP/1.0 with a host", "GET /livez HTTP/1.0\r\n" + kHost + "\r\n", 200},
      {"GET with a small body", TestServer::request("GET", "/echo", "", "ignored"), 200},
      {"chunked in capitals", post("Transfer-Encoding: CHUNKED\r\n", "3;x=y\r\nabc\r\n0\r\n\r\n"), 200},
      {"any for OPTIONS", "OPTIONS * HTTP/1.1\r\n" + kHost + "\r\n", 204},
      // clang-format on
  };
  for (const auto& row : rows) {
    INFO(row.name);
    auto client = server.client();
    CHECK(client.ask(row.bytes).status == row.status);
  }
}

TEST_CASE("a chunked body arrives whole, however it is cut") {
  TestServer server;
  std::string body;
  std::string chunks;
  for (int i = 0; i < 200; ++i) {
    const std::string part(static_cast<std::size_t>(i % 37 + 1), static_cast<char>('a' + i % 26));
    char size[16];
    std::snprintf(size, sizeof size, "%zx\r\n", part.size());
    chunks += size + part + "\r\n";
    body += part;
  }
  chunks += "0\r\n\r\n";
  auto client = server.client();
  for (const std::size_t step : {1UL, 7UL, 1000UL, 100000UL}) {
    const auto text = post("Transfer-Encoding: chunked\r\n", chunks);
    for (std::size_t at = 0; at < text.size(); at += step) client.send(text.substr(at, step));
    const auto answer = client.read();
    CHECK(answer.status == 200);
    CHECK(answer.body.find("\"body\":\"" + body + "\"") != std::string::npos);
  }
}

TEST_CASE("an empty chunked body is read however it comes in") {
  const auto head = post("Transfer-Encoding: chunked\r\n", "");
  for (std::size_t step = 1; step <= 5; ++step) {
    std::vector<http::Header> headers;
    std::string path;
    std::string body;
    http::Request request;
    http::RequestParser parser(headers, path);
    REQUIRE_FALSE(parser.read_head(head, {}, request).has_value());
    const std::string bytes = "0\r\n\r\n";
    std::size_t seen = 0;
    http::RequestParser::Chunks chunks;
    while (seen < bytes.size()) {
      CHECK_FALSE(chunks.done);
      seen = std::min(bytes.size(), seen + step);
      chunks = parser.read_chunks(std::string_view(bytes).substr(0, seen), 100, body);
      REQUIRE_FALSE(chunks.refusal.has_value());
    }
    CHECK(chunks.done);
    CHECK(chunks.consumed == bytes.size());
    CHECK(body.empty());
  }
}

TEST_CASE("the path is decoded once and the parameters with it") {
  TestServer server;
  auto client = server.client();
  CHECK(
      client.ask(TestServer::request("GET", "/things/a%2520b?x=%41")).body ==
      R"({"method":"GET","path":"/things/a%20b","query":"x=%41","body":"","client":"127.0.0.1","id":"a%20b"})");
  CHECK(client.ask(TestServer::request("GET", "/files/a/b/c")).body.find("\"id\":\"a/b/c\"") !=
        std::string::npos);
}
