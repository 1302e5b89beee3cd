#include "app/outbound/name_lookup.hpp"

#include <netdb.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <atomic>
#include <boost/asio/post.hpp>
#include <cstring>
#include <system_error>
#include <thread>

namespace ringback {
namespace {

constexpr int kMostLookups = 32;  // at once
std::atomic<int> running{0};

}  // namespace

std::vector<IpAddress> resolve_by_system(const std::string& host) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_ADDRCONFIG;
  addrinfo* list = nullptr;
  if (::getaddrinfo(host.c_str(), nullptr, &hints, &list) != 0) return {};
  const std::unique_ptr<addrinfo, decltype(&::freeaddrinfo)> owner(list, &::freeaddrinfo);
  std::vector<IpAddress> addresses;
  for (const auto* entry = list; entry != nullptr; entry = entry->ai_next) {
    if (entry->ai_family == AF_INET) {
      sockaddr_in in{};
      std::memcpy(&in, entry->ai_addr, sizeof in);
      addresses.emplace_back(boost::asio::ip::address_v4(ntohl(in.sin_addr.s_addr)));
    } else if (entry->ai_family == AF_INET6) {
      sockaddr_in6 in{};
      std::memcpy(&in, entry->ai_addr, sizeof in);
      boost::asio::ip::address_v6::bytes_type bytes;
      std::memcpy(bytes.data(), &in.sin6_addr, bytes.size());
      addresses.emplace_back(boost::asio::ip::address_v6(bytes, in.sin6_scope_id));
    }
  }
  return addresses;
}

std::shared_ptr<NameLookup> NameLookup::start(const Resolve& resolve, const std::string& host,
                                              const boost::asio::any_io_executor& executor,
                                              Done done) {
  std::shared_ptr<NameLookup> lookup(new NameLookup(executor, std::move(done)));
  if (running.fetch_add(1) >= kMostLookups) {
    running.fetch_sub(1);
    lookup->finish({});
    return lookup;
  }
  try {
    std::thread([resolve, host, lookup] {
      std::vector<IpAddress> addresses;
      try {
        addresses = resolve(host);
      } catch (const std::exception&) {
        addresses.clear();
      }
      lookup->finish(std::move(addresses));
      running.fetch_sub(1);
    }).detach();
  } catch (const std::system_error&) {  // no thread to be had
    running.fetch_sub(1);
    lookup->finish({});
  }
  return lookup;
}

void NameLookup::abandon() {
  const std::lock_guard lock(mutex_);
  done_ = nullptr;
  executor_ = {};
}

void NameLookup::finish(std::vector<IpAddress> addresses) {
  const std::lock_guard lock(mutex_);
  if (!done_) return;
  boost::asio::post(executor_, [self = shared_from_this(), addresses = std::move(addresses)] {
    Done done;
    {
      const std::lock_guard inner(self->mutex_);
      std::swap(done, self->done_);
      self->executor_ = {};
    }
    if (done) done(addresses);
  });
}

}  // namespace ringback
