// The client against peers that misbehave: what it says decides whether a telephone may ring twice.
#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <functional>
#include <future>
#include <memory>
#include <thread>

#include "app/outbound/https_client.hpp"

using namespace ringback;

namespace {

// Accepts one connection and lets the script do with it what it likes. Set done to let it end.
class Peer {
 public:
  using Script = std::function<void(int socket)>;
  explicit Peer(Script script) {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    ::bind(listener_, reinterpret_cast<sockaddr*>(&at), sizeof at);
    ::listen(listener_, 8);
    socklen_t size = sizeof at;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&at), &size);
    port = ntohs(at.sin_port);
    thread_ = std::thread([this, script = std::move(script)] {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0) return;
      const timeval patience{20, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
      script(socket);
      ::close(socket);
    });
  }
  ~Peer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }
  std::string url(const char* scheme = "http", const char* host = "127.0.0.1") const {
    return std::string(scheme) + "://" + host + ":" + std::to_string(port) + "/v1/calls?x=1";
  }
  std::uint16_t port = 0;

 private:
  int listener_;
  std::thread thread_;
};

void say(int socket, std::string_view text) {
  while (!text.empty()) {
    const auto size = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (size <= 0) return;
    text.remove_prefix(static_cast<std::size_t>(size));
  }
}

std::string hear(int socket) {
  std::string text;
  char part[4096];
  while (text.find("\r\n\r\n") == std::string::npos) {
    const auto size = ::recv(socket, part, sizeof part, 0);
    if (size <= 0) break;
    text.append(part, static_cast<std::size_t>(size));
  }
  return text;
}

void hear_end(int socket) {
  char part[4096];
  while (::recv(socket, part, sizeof part, 0) > 0) {
  }
}

Peer::Script answers(std::string text) {
  return [text = std::move(text)](int socket) {
    hear(socket);
    say(socket, text);
    ::shutdown(socket, SHUT_WR);
    hear_end(socket);
  };
}

SendOptions open_options() {
  SendOptions options;
  options.allow_http = true;
  options.allow_loopback = true;
  options.response_limit = 1000;
  options.deadline = Seconds(15);
  return options;
}

SendResult send(HttpsClient& client, const std::string& url, SendOptions options = open_options(),
                const std::string& method = "POST") {
  boost::asio::io_context context;
  HttpRequest request;
  request.method = method;
  request.url = url;
  request.headers = {{"Authorization", "Basic eA=="}};
  if (method == "POST") request.body = "To=1";
  auto sending = client.send(std::move(request), options);
  auto result = boost::asio::co_spawn(context, std::move(sending), boost::asio::use_future);
  context.run();
  return result.get();
}

std::string verdict(const SendResult& result) {
  if (const auto* response = std::get_if<HttpResponse>(&result))
    return std::to_string(response->status) + " " + response->body;
  return std::get<SendError>(result).failure == SendFailure::not_sent ? "not_sent" : "unknown";
}

struct Certificate {
  std::string key;
  std::string text;
};

std::string pem(const std::function<void(BIO*)>& write) {
  BIO* memory = BIO_new(BIO_s_mem());
  write(memory);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(memory, &data);
  std::string text(data, static_cast<std::size_t>(size));
  BIO_free(memory);
  return text;
}

// Self-signed; serves as its own authority.
Certificate make_certificate(const char* names, long valid_seconds = 3600) {
  EVP_PKEY* key = EVP_EC_gen("P-256");
  X509* certificate = X509_new();
  X509_set_version(certificate, 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
  X509_gmtime_adj(X509_getm_notBefore(certificate), -7200);
  X509_gmtime_adj(X509_getm_notAfter(certificate), valid_seconds);
  X509_set_pubkey(certificate, key);
  auto* subject = X509_get_subject_name(certificate);
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
  X509_set_issuer_name(certificate, subject);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, nullptr, NID_subject_alt_name, names);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
  X509_sign(certificate, key, EVP_sha256());
  Certificate made;
  made.key = pem(
      [&](BIO* to) { PEM_write_bio_PrivateKey(to, key, nullptr, nullptr, 0, nullptr, nullptr); });
  made.text = pem([&](BIO* to) { PEM_write_bio_X509(to, certificate); });
  X509_free(certificate);
  EVP_PKEY_free(key);
  return made;
}

Peer::Script speaks_tls(Certificate with, std::string text, bool orderly = true,
                        int most_version = TLS1_3_VERSION) {
  return [=](int socket) {
    SSL_CTX* context = SSL_CTX_new(TLS_server_method());
    SSL_CTX_set_max_proto_version(context, most_version);
    if (most_version < TLS1_2_VERSION) SSL_CTX_set_security_level(context, 0);
    BIO* key = BIO_new_mem_buf(with.key.data(), -1);
    BIO* certificate = BIO_new_mem_buf(with.text.data(), -1);
    EVP_PKEY* private_key = PEM_read_bio_PrivateKey(key, nullptr, nullptr, nullptr);
    X509* x509 = PEM_read_bio_X509(certificate, nullptr, nullptr, nullptr);
    SSL_CTX_use_certificate(context, x509);
    SSL_CTX_use_PrivateKey(context, private_key);
    SSL* tls = SSL_new(context);
    SSL_set_fd(tls, socket);
    if (SSL_accept(tls) == 1) {
      char part[4096];
      if (SSL_read(tls, part, sizeof part) > 0) {
        SSL_write(tls, text.data(), static_cast<int>(text.size()));
        if (orderly) SSL_shutdown(tls);
        ::shutdown(socket, SHUT_WR);
        hear_end(socket);
      }
    }
    SSL_free(tls);
    X509_free(x509);
    EVP_PKEY_free(private_key);
    BIO_free(key);
    BIO_free(certificate);
    SSL_CTX_free(context);
  };
}

HttpsClient::Settings resolving_to(std::vector<const char*> addresses) {
  HttpsClient::Settings settings;
  settings.resolve = [addresses](const std::string&) {
    std::vector<IpAddress> found;
    for (const auto* text : addresses) found.push_back(parse_address(text).value());
    return found;
  };
  return settings;
}

}  // namespace

TEST_CASE("what cannot have left this machine is not_sent") {
  HttpsClient client;
  auto options = open_options();
  SECTION("a refused connection") {
    std::uint16_t port = 0;
    {
      const Peer gone([](int) {});
      port = gone.port;
    }
    CHECK(verdict(send(client, "http://127.0.0.1:" + std::to_string(port) + "/")) == "not_sent");
  }
  SECTION("URLs that are refused") {
    for (const auto* url : {"ftp://127.0.0.1/", "http://u:p@127.0.0.1/", "http://127.0.0.1/#x",
                            "http:///x", "nonsense", "http://127.0.0.1:0/",
                            "http://127.0.0.1:99999/", "http://10.0.0.1/", "http://[fe80::1]/"})
      CHECK(verdict(send(client, url)) == "not_sent");
    options.allow_http = false;
    CHECK(verdict(send(client, "http://127.0.0.1:1/", options)) == "not_sent");
    options = open_options();
    options.only_port = 443;
    CHECK(verdict(send(client, "http://127.0.0.1:1/", options)) == "not_sent");
  }
  SECTION("loopback without leave, however it is written") {
    options.allow_loopback = false;
    const Peer peer(answers("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    for (const auto* host : {"127.0.0.1", "localhost", "0x7f.1", "2130706433", "017700000001"})
      CHECK(verdict(send(client, peer.url("http", host), options)) == "not_sent");
  }
  SECTION("a name with one bad address among good ones") {
    HttpsClient rebound(resolving_to({"127.0.0.1", "10.0.0.1"}));
    CHECK(verdict(send(rebound, "http://carrier.example:1/")) == "not_sent");
  }
  SECTION("a name without an address") {
    HttpsClient lost(resolving_to({}));
    CHECK(verdict(send(lost, "http://carrier.example:1/")) == "not_sent");
  }
  SECTION("a name server that does not answer in time") {
    HttpsClient::Settings settings;
    auto release = std::make_shared<std::promise<void>>();
    auto released = release->get_future().share();
    settings.resolve = [released](const std::string&) {
      released.wait();
      return std::vector<IpAddress>{};
    };
    HttpsClient waiting(settings);
    options.deadline = Millis(50);
    CHECK(verdict(send(waiting, "http://carrier.example:1/", options)) == "not_sent");
    release->set_value();
  }
  SECTION("too late to begin") {
    options.send_before = std::chrono::steady_clock::now() - Seconds(1);
    std::string heard;
    {
      const Peer peer([&](int socket) { heard = hear(socket); });
      CHECK(verdict(send(client, peer.url(), options)) == "not_sent");
    }
    CHECK(heard.empty());
  }
  SECTION("a line break in a header") {
    boost::asio::io_context context;
    HttpRequest request;
    request.method = "POST";
    request.url = "http://127.0.0.1:1/";
    request.headers = {{"A", "b\r\nC: d"}};
    auto sending = client.send(std::move(request), options);
    auto result = boost::asio::co_spawn(context, std::move(sending), boost::asio::use_future);
    context.run();
    CHECK(verdict(result.get()) == "not_sent");
  }
}

TEST_CASE("TLS that cannot be trusted is not_sent") {
  const auto good = make_certificate("DNS:carrier.example");
  auto settings = resolving_to({"127.0.0.1"});
  settings.more_authorities = good.text;
  HttpsClient client(settings);
  const std::string kAnswer = "HTTP/1.1 201 Created\r\nContent-Length: 2\r\n\r\nok";
  SECTION("the right certificate") {
    const Peer peer(speaks_tls(good, kAnswer));
    CHECK(verdict(send(client, peer.url("https", "carrier.example"))) == "201 ok");
  }
  SECTION("an unknown authority") {
    const Peer peer(speaks_tls(make_certificate("DNS:carrier.example"), kAnswer));
    CHECK(verdict(send(client, peer.url("https", "carrier.example"))) == "not_sent");
  }
  SECTION("another name") {
    const Peer peer(speaks_tls(good, kAnswer));
    CHECK(verdict(send(client, peer.url("https", "other.example"))) == "not_sent");
  }
  SECTION("an address instead of the name") {
    const Peer peer(speaks_tls(good, kAnswer));
    CHECK(verdict(send(client, peer.url("https", "127.0.0.1"))) == "not_sent");
  }
  SECTION("an expired certificate") {
    const auto old = make_certificate("DNS:carrier.example", -3600);
    settings.more_authorities = old.text;
    HttpsClient trusting(settings);
    const Peer peer(speaks_tls(old, kAnswer));
    CHECK(verdict(send(trusting, peer.url("https", "carrier.example"))) == "not_sent");
  }
  SECTION("an old version") {
    const Peer peer(speaks_tls(good, kAnswer, true, TLS1_1_VERSION));
    CHECK(verdict(send(client, peer.url("https", "carrier.example"))) == "not_sent");
  }
  SECTION("a peer that does not speak TLS") {
    const Peer peer(answers("HTTP/1.1 400 Bad Request\r\n\r\n"));
    CHECK(verdict(send(client, peer.url("https", "carrier.example"))) == "not_sent");
  }
  SECTION("a cut answer without a length is unknown, an orderly end is not") {
    const std::string kNoLength = "HTTP/1.1 200 OK\r\n\r\nhalf";
    {
      const Peer peer(speaks_tls(good, kNoLength, false));
      CHECK(verdict(send(client, peer.url("https", "carrier.example"))) == "unknown");
    }
    const Peer peer(speaks_tls(good, kNoLength, true));
    CHECK(verdict(send(client, peer.url("https", "carrier.example"))) == "200 half");
  }
}

TEST_CASE("after the first byte everything but an answer is unknown") {
  HttpsClient client;
  struct Row {
    const char* name;
    std::string answer;
    const char* verdict;
  };
  const std::vector<Row> rows{
      // clang-format off
      {"nothing", "", "unknown"},
      {"garbage", "hello\r\n\r\n", "unknown"},
      {"half a head", "HTTP/1.1 200 OK\r\nContent-Le", "unknown"},
      {"half a body", "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "unknown"},
      {"half a chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab", "unknown"},
      {"bad chunk", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nab", "unknown"},
      {"large by length", "HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n" + std::string(1001, 'x'), "unknown"},
      {"large by chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e9\r\n" + std::string(1001, 'x') + "\r\n0\r\n\r\n", "unknown"},
      {"large to the end", "HTTP/1.1 200 OK\r\n\r\n" + std::string(1001, 'x'), "unknown"},
      {"large head", "HTTP/1.1 200 OK\r\nA: " + std::string(20000, 'x') + "\r\n\r\n", "unknown"},
      {"only interim answers", "HTTP/1.1 100 Continue\r\n\r\n", "unknown"},
      {"200", "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {"interim, then 200", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", "200 ok"},
      {"chunked", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x=y\r\n yo\r\n0\r\nT: r\r\n\r\n", "200 ok yo"},
      {"to the end", "HTTP/1.1 200 OK\r\n\r\nok", "200 ok"},
      {"a redirect is an answer, not followed", "HTTP/1.1 302 Found\r\nLocation: http://10.0.0.1/\r\nContent-Length: 0\r\n\r\n", "302 "},
      {"429", "HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n", "429 "},
      {"500", "HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops", "500 oops"},
      {"204", "HTTP/1.1 204 No Content\r\n\r\n", "204 "},
      // clang-format on
  };
  for (const auto& row : rows) {
    INFO(row.name);
    const Peer peer(answers(row.answer));
    CHECK(verdict(send(client, peer.url())) == row.verdict);
  }
  SECTION("accepted and closed") {
    const Peer peer([](int) {});
    CHECK(verdict(send(client, peer.url())) == "unknown");
  }
  SECTION("reset after the request") {
    const Peer peer([](int socket) {
      hear(socket);
      const linger now{1, 0};
      ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &now, sizeof now);
    });
    CHECK(verdict(send(client, peer.url())) == "unknown");
  }
  SECTION("no answer in time: the peer sees a reset") {
    std::atomic<bool> was_reset{false};
    {
      const Peer peer([&](int socket) {
        hear(socket);
        char more;
        was_reset = ::recv(socket, &more, 1, 0) < 0 && errno == ECONNRESET;
      });
      auto options = open_options();
      options.deadline = Millis(300);
      CHECK(verdict(send(client, peer.url(), options)) == "unknown");
    }
    CHECK(was_reset);
  }
  SECTION("a drip of bytes has one deadline") {
    const Peer peer([](int socket) {
      hear(socket);
      say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 900\r\n\r\n");
      while (::send(socket, "x", 1, MSG_NOSIGNAL) == 1) std::this_thread::sleep_for(Millis(10));
    });
    auto options = open_options();
    options.deadline = Millis(300);
    CHECK(verdict(send(client, peer.url(), options)) == "unknown");
  }
}

namespace {

struct Sink final : BodySink {
  std::string text;
  std::optional<std::uint64_t> length;
  bool wants = true;
  std::size_t most = 1'000'000;

  bool begin(const HttpResponse&, std::optional<std::uint64_t> told) override {
    length = told;
    return wants;
  }
  bool take(std::string_view part) override {
    text += part;
    return text.size() <= most;
  }
};

struct Source final : BodySource {
  std::vector<std::string> parts;
  std::size_t next = 0;
  bool readable = true;

  std::uint64_t size() const override {
    std::uint64_t all = 0;
    for (const auto& part : parts) all += part.size();
    return all;
  }
  bool read(std::string& part) override {
    part = next < parts.size() ? parts[next++] : "";
    return readable;
  }
};

}  // namespace

TEST_CASE("a good answer can be taken piece by piece, however long it is") {
  HttpsClient client;
  Sink sink;
  auto options = open_options();
  options.sink = &sink;
  const std::string large(300'000, 'x');
  SECTION("with a length") {
    const Peer peer(answers("HTTP/1.1 200 OK\r\nContent-Length: 300000\r\n\r\n" + large));
    CHECK(verdict(send(client, peer.url(), options)) == "200 ");
    CHECK(sink.text == large);
    CHECK(sink.length == 300'000U);
  }
  SECTION("in chunks") {
    const Peer peer(answers("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n493e0\r\n" +
                            large + "\r\n0\r\n\r\n"));
    CHECK(verdict(send(client, peer.url(), options)) == "200 ");
    CHECK(sink.text == large);
    CHECK_FALSE(sink.length);
  }
  SECTION("cut off: no answer") {
    const Peer peer(answers("HTTP/1.1 200 OK\r\nContent-Length: 300001\r\n\r\n" + large));
    CHECK(verdict(send(client, peer.url(), options)) == "unknown");
  }
  SECTION("a bad answer is not for the sink, and stays bounded") {
    const Peer peer(answers("HTTP/1.1 404 No\r\nContent-Length: 4\r\n\r\ngone"));
    CHECK(verdict(send(client, peer.url(), options)) == "404 gone");
    CHECK(sink.text.empty());
    const Peer flood(answers("HTTP/1.1 500 No\r\nContent-Length: 300000\r\n\r\n" + large));
    CHECK(verdict(send(client, flood.url(), options)) == "unknown");
  }
  SECTION("the sink may refuse, at once or later") {
    sink.wants = GENERATE(false, true);
    sink.most = 100'000;
    const Peer peer(answers("HTTP/1.1 200 OK\r\n\r\n" + large));
    CHECK(verdict(send(client, peer.url(), options)) == "unknown");
    CHECK(sink.text.size() < large.size());
  }
}

TEST_CASE("a body can be given piece by piece") {
  HttpsClient client;
  Source source;
  for (int i = 0; i < 40; ++i) source.parts.emplace_back(10'000, static_cast<char>('a' + i % 26));
  auto options = open_options();
  options.source = &source;
  SECTION("all of it arrives, with its length before it") {
    std::string got;
    {
      const Peer peer([&](int socket) {
        got = hear(socket);
        char part[4096];
        while (got.size() < got.find("\r\n\r\n") + 4 + 400'000) {
          const auto size = ::recv(socket, part, sizeof part, 0);
          if (size <= 0) break;
          got.append(part, static_cast<std::size_t>(size));
        }
        say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        ::shutdown(socket, SHUT_WR);
        hear_end(socket);
      });
      CHECK(verdict(send(client, peer.url(), options, "PUT")) == "200 ");
    }
    CHECK(got.find("Content-Length: 400000\r\n") != std::string::npos);
    std::string all;
    for (const auto& part : source.parts) all += part;
    CHECK(got.substr(got.find("\r\n\r\n") + 4) == all);
  }
  SECTION("what cannot be read ends it") {
    source.readable = false;
    const Peer peer([](int socket) { hear_end(socket); });
    CHECK(verdict(send(client, peer.url(), options, "PUT")) == "unknown");
  }
}

TEST_CASE("only hosts on the list are asked, if there is one") {
  HttpsClient client;
  auto options = open_options();
  const auto asked = [&](const std::string& url, std::vector<std::string> hosts) {
    options.only_hosts = std::move(hosts);
    options.deadline = Seconds(5);
    return std::get<SendError>(send(client, url, options)).detail.find("list of allowed hosts") ==
           std::string::npos;
  };
  // Nothing listens there: what matters is whether it was tried.
  CHECK(asked("http://127.0.0.1:1/", {"127.0.0.1"}));
  CHECK_FALSE(asked("http://127.0.0.2:1/", {"127.0.0.1"}));
  CHECK_FALSE(asked("http://1.127.0.0.1:1/", {"127.0.0.1.evil"}));
  CHECK(names_host_among("https://api.Example.com/x", {"example.COM"}));
  CHECK(names_host_among("https://example.com", {"example.com"}));
  CHECK_FALSE(names_host_among("https://badexample.com/", {"example.com"}));
  CHECK_FALSE(names_host_among("https://example.com.evil/", {"example.com"}));
  CHECK_FALSE(names_host_among("https://evil/?x=.example.com", {"example.com"}));
  CHECK_FALSE(names_host_among("not a url", {"example.com"}));
}

TEST_CASE("stopping ends what is in flight as unknown and begins nothing new") {
  HttpsClient client;
  std::promise<void> heard;
  const Peer peer([&](int socket) {
    hear(socket);
    heard.set_value();
    hear_end(socket);
  });
  auto sending = std::async(std::launch::async, [&] { return send(client, peer.url()); });
  heard.get_future().wait();
  CHECK(client.in_flight() == 1);
  client.cancel_all();
  CHECK(verdict(sending.get()) == "unknown");
  CHECK(client.in_flight() == 0);
  CHECK(verdict(send(client, peer.url())) == "not_sent");
}

TEST_CASE("the request is written exactly once, as told") {
  HttpsClient client;
  std::string text;
  {
    const Peer peer([&](int socket) {
      text = hear(socket);
      say(socket, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\nX-A: 1\r\n\r\n");
      hear_end(socket);
    });
    const auto result = send(client, peer.url(), open_options(), "GET");
    REQUIRE(verdict(result) == "200 ");
    CHECK(header_of(std::get<HttpResponse>(result).headers, "x-a") == "1");
    CHECK(text == "GET /v1/calls?x=1 HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port) +
                      "\r\nAuthorization: Basic eA==\r\nUser-Agent: Ringback\r\n"
                      "Connection: close\r\n\r\n");
  }
  const Peer peer(answers("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n"));
  CHECK(verdict(send(client, peer.url(), open_options(), "HEAD")) == "200 ");
}
