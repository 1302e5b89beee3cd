// A connection's life: keep-alive, limits of time and number, streams, the end.
#include <fcntl.h>
#include <sched.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <catch2/catch.hpp>
#include <future>
#include <thread>

#include "tests/app_http/test_server.hpp"

using namespace ringback;
using ringback::test::RawClient;
using ringback::test::TestServer;

TEST_CASE("a connection serves many requests, also when they come at once") {
  TestServer server;
  auto client = server.client();
  std::string all;
  for (int i = 0; i < 50; ++i)
    all += TestServer::request("POST", "/echo", "", "n" + std::to_string(i) + ";") +
           TestServer::request("GET", "/livez");
  client.send(all);
  for (int i = 0; i < 50; ++i) {
    CHECK(client.read().body.find("n" + std::to_string(i) + ";") != std::string::npos);
    CHECK(client.read().body == "ok");
  }
}

TEST_CASE("answers are whole and in order, whatever answers and however full the way is") {
  TestServer t;
  auto client = t.client();
  const int room = 65536;  // small, so that the server finds it full again and again
  REQUIRE(::setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &room, sizeof room) == 0);
  t.release = true;
  constexpr int kRounds = 500;
  const std::string long_way(4000, 'w');
  std::thread asker([&] {
    for (int i = 0; i < kRounds; ++i) {
      const auto no = std::to_string(i);
      client.send(TestServer::request("GET", "/things/" + no + "?" + long_way) +
                  TestServer::request("GET", "/livez") +
                  TestServer::request("POST", "/echo", "", "body " + no) +
                  TestServer::request("HEAD", "/livez") + TestServer::request("GET", "/nowhere") +
                  TestServer::request("GET", i % 50 == 0 ? "/wait" : "/livez"));
    }
  });
  int whole = 0;
  for (int i = 0; i < kRounds; ++i) {
    const auto no = std::to_string(i);
    const bool in_order =
        client.read().body.find("\"id\":\"" + no + "\"") != std::string::npos &&
        client.read().body == "ok" &&
        client.read().body.find("\"body\":\"body " + no + "\"") != std::string::npos &&
        client.read(true).status == 200 && client.read().status == 404 &&
        client.read().body == (i % 50 == 0 ? "waited" : "ok");
    if (!in_order) break;
    ++whole;
  }
  if (whole < kRounds) ::shutdown(client.descriptor(), SHUT_RDWR);  // the asker shall not wait
  asker.join();
  CHECK(whole == kRounds);
}

TEST_CASE("Connection: close and HTTP/1.0 end the connection after the answer") {
  TestServer server;
  for (const auto* text : {"GET /livez HTTP/1.1\r\nHost: ring.example\r\nConnection: close\r\n\r\n",
                           "GET /livez HTTP/1.0\r\nHost: ring.example\r\n\r\n"}) {
    auto client = server.client();
    const auto answer = client.ask(text);
    CHECK(answer.body == "ok");
    CHECK(answer.header("Connection") == "close");
    CHECK(client.closed_by_peer());
  }
}

TEST_CASE("unknown paths, other methods, HEAD and OPTIONS are told apart") {
  TestServer server;
  auto client = server.client();
  CHECK(client.ask(TestServer::request("GET", "/nowhere")).status == 404);
  CHECK(client.ask(TestServer::request("GET", "/things/")).status == 404);
  CHECK(client.ask(TestServer::request("GET", "/things/a/b")).status == 404);
  const auto wrong = client.ask(TestServer::request("PUT", "/things/1", "", "x"));
  CHECK(wrong.status == 405);
  CHECK(wrong.header("Allow") == "GET, HEAD, DELETE, OPTIONS");
  for (const auto* path : {"/livez", "/echo"}) {
    client.send(TestServer::request("HEAD", path));
    const auto head = client.read(true);
    CHECK(head.status == 200);
    CHECK(std::stoi(head.header("Content-Length")) > 0);
  }
  const auto options = client.ask(TestServer::request("OPTIONS", "/echo"));
  CHECK(options.status == 204);
  CHECK(options.header("Allow") == "GET, HEAD, POST, OPTIONS");
  CHECK(options.header("Access-Control-Allow-Origin").empty());
}

TEST_CASE("a problem has the shape of the contract") {
  TestServer server;
  auto client = server.client();
  const auto answer =
      client.ask(TestServer::request("GET", "/nowhere", "X-Request-Id: my.id-1\r\n"));
  CHECK(answer.header("X-Request-Id") == "my.id-1");
  CHECK(answer.header("Strict-Transport-Security").find("max-age") == 0);
  CHECK(answer.header("X-Content-Type-Options") == "nosniff");
  CHECK(answer.header("Cache-Control") == "no-store");
  CHECK(answer.body ==
        R"({"type":"https://ring.example/docs/problems/not_found","title":"There is nothing here",)"
        R"("status":404,"detail":"There is nothing at this address. Check it. Nothing was done.",)"
        R"("code":"not_found","request_id":"my.id-1"})");
  const auto odd = client.ask(TestServer::request("GET", "/nowhere", "X-Request-Id: a b\r\n"));
  CHECK(odd.header("X-Request-Id").size() == 16);
}

TEST_CASE("an exception in a handler is a 500 without a word of it, and the server lives on") {
  TestServer server;
  auto client = server.client();
  const auto answer = client.ask(TestServer::request("GET", "/throws"));
  CHECK(answer.status == 500);
  CHECK(answer.body.find("deliberate") == std::string::npos);
  CHECK(client.ask(TestServer::request("GET", "/livez")).status == 200);
  const std::lock_guard lock(server.mutex);
  CHECK(server.faults == std::vector<std::string>{"deliberate"});
}

TEST_CASE("every answer is reported with its route, method and status") {
  TestServer server;
  auto client = server.client();
  client.ask(TestServer::request("GET", "/things/1"));
  client.ask(TestServer::request("GET", "/livez"));
  client.ask(TestServer::request("GET", "/nowhere"));
  client.ask("GET / HTTP/1.1\r\n\r\n");
  const std::vector<std::string> expected{"GET /things/{id} 200", "GET /livez 200", "GET  404",
                                          " 400"};
  CHECK(TestServer::eventually([&] {
    const std::lock_guard lock(server.mutex);
    return server.accesses.size() == 4;
  }));
  const std::lock_guard lock(server.mutex);
  CHECK(server.accesses[0] == "GET /things/{id} 200");
  CHECK(server.accesses[1] == "GET /livez 200");
  CHECK(server.accesses[2] == "GET  404");
}

TEST_CASE("a slow head, a slow body and an idle connection come to an end") {
  TestServer server([](http::ServerConfig& config) {
    config.limits.head_time = Millis(100);
    config.limits.body_time = Millis(100);
    config.limits.idle_time = Millis(100);
    config.limits.linger_time = Millis(100);
  });
  SECTION("nothing at all") { CHECK(server.client().closed_by_peer()); }
  SECTION("half a head") {
    auto client = server.client();
    CHECK(client.ask("GET /livez HT").status == 408);
    CHECK(client.closed_by_peer());
  }
  SECTION("a head that trickles has one deadline, not one for each byte") {
    auto client = server.client();
    client.send("GET /livez HTTP/1.1\r\nA: ");
    while (client.send("a")) std::this_thread::sleep_for(Millis(5));
    SUCCEED("the peer has closed");
  }
  SECTION("half a body") {
    auto client = server.client();
    CHECK(
        client.ask(TestServer::request("POST", "/echo", "Content-Length: 10\r\n") + "abc").status ==
        408);
  }
  SECTION("half a chunked body") {
    auto client = server.client();
    CHECK(
        client
            .ask(TestServer::request("POST", "/echo", "Transfer-Encoding: chunked\r\n") + "5\r\nab")
            .status == 408);
  }
  SECTION("idle after an answer") {
    auto client = server.client();
    CHECK(client.ask(TestServer::request("GET", "/livez")).status == 200);
    CHECK(client.closed_by_peer());
    CHECK(client.unread().empty());
  }
}

TEST_CASE("a body slower than the least rate is given up") {
  TestServer server([](http::ServerConfig& config) {
    config.limits.body_rate_grace = Millis(100);
    config.limits.body_bytes_per_second = 1'000'000;
  });
  auto client = server.client();
  CHECK(client.ask(TestServer::request("POST", "/echo", "Content-Length: 60000\r\n") + "abc")
            .status == 408);
}

TEST_CASE("a reader that does not read is dropped") {
  TestServer server([](http::ServerConfig& config) { config.limits.write_time = Millis(100); });
  SECTION("of a large answer") {
    auto client = server.client();
    client.send(TestServer::request("GET", "/big"));
    CHECK(TestServer::eventually([&] { return server.server->connections() == 1; }));
    CHECK(TestServer::eventually([&] { return server.server->connections() == 0; }));
    CHECK_FALSE(client.read().complete);
  }
  SECTION("of a stream") {
    auto client = server.client();
    client.send(TestServer::request("GET", "/flood"));
    CHECK(TestServer::eventually([&] { return server.flooded.load(); }));
    CHECK(TestServer::eventually([&] { return server.server->connections() == 0; }));
  }
}

TEST_CASE("a large answer arrives whole") {
  TestServer server;
  auto client = server.client();
  const auto answer = client.ask(TestServer::request("GET", "/big"));
  CHECK(answer.complete);
  CHECK(answer.body.size() == 8U * 1024 * 1024);
  CHECK(client.ask(TestServer::request("GET", "/livez")).status == 200);
}

TEST_CASE("an old connection is closed after its answer") {
  TestServer server([](http::ServerConfig& config) { config.limits.age = Millis(1); });
  auto client = server.client();
  CHECK(TestServer::eventually([&] {
    return client.ask(TestServer::request("GET", "/livez")).header("Connection") == "close";
  }));
  CHECK(client.closed_by_peer());
}

TEST_CASE("a client that expects 100-continue gets it before it sends its body") {
  TestServer server;
  auto client = server.client();
  const auto interim = client.ask(
      TestServer::request("POST", "/echo", "Expect: 100-continue\r\nContent-Length: 3\r\n"));
  CHECK(interim.status == 100);
  CHECK(client.ask("abc").body.find("\"abc\"") != std::string::npos);
  const auto refused = client.ask(
      TestServer::request("POST", "/small", "Expect: 100-continue\r\nContent-Length: 300\r\n"));
  CHECK(refused.status == 413);
}

TEST_CASE("admission is asked before the body, but not on limit-free routes") {
  TestServer server([](http::ServerConfig& config) {
    config.hooks.admit = [](const http::Request&) {
      return std::optional(
          http::problem(http::ProblemCode::rate_limited, "Too many. Wait.", {}, Seconds(7)));
    };
  });
  auto client = server.client();
  CHECK(client.ask(TestServer::request("GET", "/livez")).status == 200);
  const auto refused = client.ask(TestServer::request("POST", "/echo", "Content-Length: 5\r\n"));
  CHECK(refused.status == 429);
  CHECK(refused.header("Retry-After") == "7");
  CHECK(refused.body.find("\"retry_after\":7") != std::string::npos);
}

TEST_CASE("more connections than the limit are turned away with a reason") {
  TestServer server([](http::ServerConfig& config) { config.limits.connections = 2; });
  auto first = server.client();
  auto second = server.client();
  CHECK(first.ask(TestServer::request("GET", "/livez")).status == 200);
  CHECK(second.ask(TestServer::request("GET", "/livez")).status == 200);
  auto third = server.client();
  const auto answer = third.ask(TestServer::request("GET", "/livez"));
  CHECK(answer.status == 503);
  CHECK(answer.header("Retry-After") == "1");
  CHECK(answer.body.find("\"code\":\"overloaded\"") != std::string::npos);
  first.close();
  CHECK(TestServer::eventually(
      [&] { return server.client().ask(TestServer::request("GET", "/livez")).status == 200; }));
}

TEST_CASE("places are counted for each client, but not for loopback and trusted proxies") {
  http::ServerConfig config;
  config.limits.connections_per_client = 1;
  config.proxies.trusted = {Cidr::parse("192.0.2.1").value()};
  http::Service service(config, http::Router());
  using Place = http::Service::Place;
  for (const auto* free : {"127.0.0.1", "127.0.0.1", "::1", "::1", "192.0.2.1", "192.0.2.1"})
    CHECK(service.enter(*parse_address(free)) == Place::taken);
  CHECK(service.enter(*parse_address("192.0.2.2")) == Place::taken);
  CHECK(service.enter(*parse_address("192.0.2.2")) == Place::client_full);
  CHECK(service.enter(*parse_address("2001:db8::1")) == Place::taken);
  CHECK(service.enter(*parse_address("2001:db8::2")) == Place::client_full);  // the same /64
  service.leave(*parse_address("192.0.2.2"));
  CHECK(service.enter(*parse_address("192.0.2.2")) == Place::taken);
}

#ifndef RINGBACK_UBSAN  // its check of virtual calls opens a pipe, and cries wolf when it cannot
TEST_CASE("without descriptors accepting pauses, and goes on when there are some again") {
  TestServer server([](http::ServerConfig& config) { config.limits.accept_pause = Millis(5); });
  rlimit before{};
  ::getrlimit(RLIMIT_NOFILE, &before);
  auto client = server.client();
  REQUIRE(client.ask(TestServer::request("GET", "/livez")).status == 200);
  std::vector<int> filler;
  rlimit tight = before;
  tight.rlim_cur = 256;
  ::setrlimit(RLIMIT_NOFILE, &tight);
  for (int fd; (fd = ::open("/dev/null", O_RDONLY)) >= 0;) filler.push_back(fd);
  ::close(filler.back());  // one for our own side
  filler.pop_back();
  auto late = server.client();
  late.send(TestServer::request("GET", "/livez"));
  CHECK(TestServer::eventually([&] {
    const std::lock_guard lock(server.mutex);
    return server.faults.size() >= 2;
  }));
  CHECK(client.ask(TestServer::request("GET", "/livez")).status == 200);
  ::setrlimit(RLIMIT_NOFILE, &before);
  for (const int fd : filler) ::close(fd);
  CHECK(late.read().status == 200);
}
#endif

TEST_CASE("an event stream sends events, wakes for the bell of another thread, and sees the end") {
  TestServer server;
  auto client = server.client();
  client.send(TestServer::request("GET", "/events"));
  REQUIRE(client.read_until("Content-Type: text/event-stream; charset=utf-8\r\n"));
  REQUIRE(client.read_until("event: status\nid: 1\ndata: {\"a\":1}\ndata: {\"b\":2}\n\n"));
  const auto ring = [&] {
    const std::lock_guard lock(server.mutex);
    for (const auto& bell : server.bells) bell->notify();
  };
  ring();
  REQUIRE(client.read_until("id: 2\n"));
  SECTION("the client goes away while nothing happens") {
    client.close();
    CHECK(TestServer::eventually([&] { return server.streams_ended == 1; }));
  }
  SECTION("the client resets") {
    client.reset();
    CHECK(TestServer::eventually([&] { return server.streams_ended == 1; }));
  }
  SECTION("the server drains") {
    std::thread stopping([&] { server.server->stop(Millis(15'000)); });
    CHECK(client.read_until("0\r\n\r\n"));
    client.close();
    stopping.join();
    CHECK(server.streams_ended == 1);
  }
  const std::lock_guard lock(server.mutex);
  server.bells.clear();
}

TEST_CASE("a stream in HTTP/1.0 is not chunked; a broken one has no proper end") {
  TestServer server;
  auto old = server.client();
  old.send("GET /events HTTP/1.0\r\nHost: ring.example\r\n\r\n");
  CHECK(old.read_until("\r\n\r\nevent: status\n"));
  auto broken = server.client();
  const auto answer = broken.ask(TestServer::request("GET", "/broken-stream"));
  CHECK(answer.body == "half");
  CHECK_FALSE(answer.complete);
}

TEST_CASE("stopping finishes what is in work, closes what is idle and takes nothing new") {
  TestServer server;
  const auto port = server.server->port();
  auto idle = server.client();
  REQUIRE(idle.ask(TestServer::request("GET", "/livez")).status == 200);
  auto busy = server.client();
  busy.send(TestServer::request("GET", "/wait"));
  REQUIRE(TestServer::eventually([&] { return server.waiting.load(); }));
  std::thread stopping([&] { server.server->stop(Millis(15'000)); });
  CHECK(idle.closed_by_peer());
  server.release = true;
  const auto answer = busy.read();
  CHECK(answer.body == "waited");
  CHECK(answer.header("Connection") == "close");
  stopping.join();
  const auto heard = server.accesses.size();
  try {
    RawClient late(port);  // if at all, then of another process that was given the port meanwhile
    late.send(TestServer::request("GET", "/livez"));
    (void)late.read();
  } catch (const std::exception&) {
  }
  CHECK(server.accesses.size() == heard);
}

TEST_CASE("stopping does not wait longer than its deadline") {
  TestServer server;
  auto busy = server.client();
  busy.send(TestServer::request("GET", "/wait"));
  REQUIRE(TestServer::eventually([&] { return server.waiting.load(); }));
  const auto began = std::chrono::steady_clock::now();
  server.server->stop(Millis(50));
  CHECK(std::chrono::steady_clock::now() - began < Seconds(10));
  CHECK(busy.closed_by_peer());
}

TEST_CASE("a thread that serves interrupts nobody when it wakes") {
  TestServer test;
  for (unsigned thread = 0; thread < test.server->threads(); ++thread) {
    std::promise<int> policy;
    boost::asio::post(test.server->executor(thread),
                      [&] { policy.set_value(::sched_getscheduler(0)); });
    CHECK(policy.get_future().get() == SCHED_BATCH);
  }
}

TEST_CASE("a second server on the same address is told so") {
  TestServer server;
  http::ServerConfig config;
  config.listen = {"127.0.0.1:" + std::to_string(server.server->port())};
  http::Server other(config, http::Router());
  const auto started = other.start();
  REQUIRE_FALSE(started.has_value());
  CHECK(started.error().detail.find("cannot listen on 127.0.0.1:") == 0);
  config.listen = {"nonsense"};
  http::Server wrong(config, http::Router());
  CHECK(wrong.start().error().code == Errc::invalid_input);
}
