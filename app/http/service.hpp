// What all connections of a server share: the routes, the rules, the hooks, and the count of who is
// connected. Read-only after start, except for the counts.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "app/http/client_address.hpp"
#include "app/http/cors.hpp"
#include "app/http/header_classes.hpp"
#include "app/http/limits.hpp"
#include "app/http/request_parser.hpp"
#include "app/http/router.hpp"

namespace ringback::http {

// One answered request. The views hold during the call.
struct Access {
  std::string_view method;
  std::string_view route;  // the pattern, or empty where there is none
  int status = 0;
  std::chrono::nanoseconds duration{0};
  std::string_view request_id;
  const IpAddress& client;
};

// Called on the connection's thread; must be quick and thread-safe.
struct Hooks {
  std::function<void(const Access&)> on_response;
  // Something nobody asked for: an exception in a handler, no descriptors left.
  std::function<void(std::string_view what, std::string_view request_id)> on_fault;
  // Asked before the body is read, for routes that are not limit-free: an answer refuses.
  std::function<std::optional<Response>(const Request&)> admit;
};

struct ServerConfig {
  std::vector<std::string> listen{"127.0.0.1:8501"};  // port 0: any free one
  unsigned threads = 0;                               // 0: one for each core
  std::string public_url = "http://localhost:8501";
  std::vector<std::string> more_host_names;  // next to those of public_url and listen
  Limits limits;
  ProxyRule proxies;
  CorsPolicy::Allowed origin_allowed;  // origins besides public_url's own
  Hooks hooks;
};

class Service {
 public:
  Service(ServerConfig settings, Router table);

  // Takes a place for a new connection. Every place that was taken is given back.
  enum class Place { taken, server_full, client_full };
  Place enter(const IpAddress& peer);
  void leave(const IpAddress& peer);
  std::size_t connections() const { return connections_.load(); }
  // Until all are gone; false if the time is over first.
  bool wait_until_empty(std::chrono::steady_clock::time_point deadline);

  ServerConfig config;
  Router router;
  HostRule hosts;
  HeaderClasses header_classes;
  CorsPolicy cors;
  std::atomic<bool> draining{false};

 private:
  bool is_counted(const IpAddress& peer) const;

  std::atomic<std::size_t> connections_{0};
  std::mutex mutex_;
  std::condition_variable left_;
  std::map<IpAddress, std::size_t> clients_;
};

}  // namespace ringback::http
