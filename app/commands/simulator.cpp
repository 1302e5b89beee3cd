#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>

#include "adapters/system/openssl_keyring.hpp"
#include "app/commands/commands.hpp"
#include "app/simulator/exchange_host.hpp"

namespace ringback::commands {

int simulator(const SimulatorOptions& wanted) {
  std::signal(SIGPIPE, SIG_IGN);
  ExchangeHostOptions options;
  options.listen = wanted.listen;
  options.desk = true;
  options.exchange.secret = "simulator";
  options.exchange.manners.automatic = wanted.automatic;
  options.exchange.manners.automatic_talk = Seconds(wanted.talk_seconds);
  options.exchange.faults.latency = Millis(wanted.latency_ms);
  options.numbers.visitor = *PhoneNumber::from_e164("+12025550123");
  ExchangeHost host(std::move(options), [](std::string_view key, std::string_view text) {
    return hmac_sha256(key, text);
  });
  if (const auto started = host.start(); !started) {
    fmt::print(stderr, "ringback: {}\n", started.error().detail);
    return kFailed;
  }
  fmt::print("the simulator's exchange listens on {}\n", host.url());
  std::fflush(stdout);
  boost::asio::io_context context{1};
  boost::asio::signal_set signals(context, SIGINT, SIGTERM);
  signals.async_wait([](const boost::system::error_code&, int) {});
  context.run();
  host.stop();
  return kFine;
}

}  // namespace ringback::commands
