// The listening side: one thread, one io_context and one socket for each address on every core.
//
//   Server server(config, std::move(router));
//   const auto port = server.start();   // Result: the first address's port
//   ...
//   server.stop();                      // drains, then joins; also done by the destructor
//
// Handlers run on the thread of their connection. Stop the server before what its handlers use.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <memory>
#include <vector>

#include "app/http/service.hpp"
#include "core/domain/result.hpp"

namespace ringback::http {

class Server {
 public:
  Server(ServerConfig config, Router router);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // All addresses or none: the error names the address and what to do.
  Result<std::uint16_t> start();

  std::uint16_t port() const;  // of the first address
  const std::vector<std::uint16_t>& ports() const;
  std::size_t connections() const;
  unsigned threads() const;
  boost::asio::any_io_executor executor(unsigned thread = 0);

  // Stops accepting, lets requests in work finish and streams end, then closes what is left.
  // Returns when all threads are joined, a second after the deadline at the latest.
  void stop(Millis deadline = Millis(8'000));

 private:
  class Worker;
  Service service_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::uint16_t> ports_;
  bool running_ = false;
};

}  // namespace ringback::http
