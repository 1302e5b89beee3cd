// A server on a free port with a few routes, for tests.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/http/event_stream.hpp"
#include "app/http/json_body.hpp"
#include "app/http/server.hpp"
#include "tests/app_http/raw_client.hpp"

namespace ringback::test {

class TestServer {
 public:
  using Change = std::function<void(http::ServerConfig&)>;
  explicit TestServer(const Change& change = {});
  ~TestServer();

  RawClient client() const { return RawClient(server->port()); }
  // A whole request with a proper Host; headers end in CR LF each.
  static std::string request(std::string_view method, std::string_view target,
                             std::string_view headers = {}, std::string_view body = {});

  // Waits until the condition holds; false after 20 s.
  static bool eventually(const std::function<bool()>& holds);

  std::unique_ptr<http::Server> server;
  std::atomic<int> streams_ended{0};
  std::atomic<bool> release{false};  // lets /wait answer
  std::atomic<bool> waiting{false};  // /wait is in work
  std::atomic<bool> flooded{false};  // /flood has ended
  std::mutex mutex;
  std::vector<std::shared_ptr<http::Wakeup>> bells;
  std::vector<std::string> accesses;  // "GET /echo 200"
  std::vector<std::string> faults;
};

}  // namespace ringback::test
