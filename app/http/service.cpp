#include "app/http/service.hpp"

#include "app/http/response_writer.hpp"

namespace ringback::http {

Service::Service(ServerConfig settings, Router table)
    : config(std::move(settings)),
      router(std::move(table)),
      hosts(host_rule(config.public_url, config.listen)),
      header_classes(config.public_url.starts_with("https://")),
      cors(config.public_url, config.origin_allowed) {
  for (const auto& name : config.more_host_names) hosts.names.push_back(name);
  router.for_each([&](Route& route) {
    if (const auto* constant = std::get_if<Response>(&route.handler))
      route.constant_head = constant_head(*constant, route.options.headers, header_classes);
  });
}

bool Service::is_counted(const IpAddress& peer) const {
  return !peer.is_loopback() && !config.proxies.trusts(peer);
}

Service::Place Service::enter(const IpAddress& peer) {
  if (connections_.fetch_add(1) >= config.limits.connections) {
    connections_.fetch_sub(1);
    return Place::server_full;
  }
  if (is_counted(peer)) {
    const std::lock_guard lock(mutex_);
    auto& count = clients_[limit_key(peer)];
    if (count >= config.limits.connections_per_client) {
      connections_.fetch_sub(1);
      return Place::client_full;
    }
    ++count;
  }
  return Place::taken;
}

void Service::leave(const IpAddress& peer) {
  const std::lock_guard lock(mutex_);
  if (is_counted(peer)) {
    const auto client = clients_.find(limit_key(peer));
    if (client != clients_.end() && --client->second == 0) clients_.erase(client);
  }
  connections_.fetch_sub(1);
  left_.notify_all();
}

bool Service::wait_until_empty(std::chrono::steady_clock::time_point deadline) {
  std::unique_lock lock(mutex_);
  return left_.wait_until(lock, deadline, [&] { return connections_.load() == 0; });
}

}  // namespace ringback::http
