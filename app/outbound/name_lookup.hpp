// Names to addresses without blocking anyone. Each lookup has a thread of its own (a bounded
// number): one dead name server must not hold up the carrier's name, nor our shutdown, so a lookup
// that nobody waits for any more is simply left to end by itself.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "app/net/cidr.hpp"

namespace ringback {

// Blocking; every address of the name, or none.
using Resolve = std::function<std::vector<IpAddress>(const std::string& host)>;
std::vector<IpAddress> resolve_by_system(const std::string& host);

class NameLookup : public std::enable_shared_from_this<NameLookup> {
 public:
  using Done = std::function<void(std::vector<IpAddress>)>;

  // done runs on the executor, once, unless the lookup is abandoned first.
  static std::shared_ptr<NameLookup> start(const Resolve& resolve, const std::string& host,
                                           const boost::asio::any_io_executor& executor, Done done);

  // After this the executor is not touched any more.
  void abandon();

 private:
  NameLookup(const boost::asio::any_io_executor& executor, Done done)
      : executor_(executor), done_(std::move(done)) {}
  void finish(std::vector<IpAddress> addresses);

  std::mutex mutex_;
  boost::asio::any_io_executor executor_;
  Done done_;
};

}  // namespace ringback
