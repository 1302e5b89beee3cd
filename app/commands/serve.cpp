#include <fmt/format.h>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <functional>

#include "app/assembly/service.hpp"
#include "app/commands/commands.hpp"
#include "app/commands/open_files.hpp"
#include "app/observe/log.hpp"

namespace ringback::commands {
namespace {

log::Level level_of(LogLevel level) { return static_cast<log::Level>(static_cast<int>(level)); }
log::Format format_of(LogFormat format) {
  return format == LogFormat::json ? log::Format::json : log::Format::text;
}

// The log's level is what can change without a restart. A file that has become wrong changes
// nothing.
void reload(const ConfigPath& path) {
  const auto loaded = load_config(path, environment_of_process());
  for (const auto& problem : loaded.problems)
    log::error("the configuration was not reloaded", {{"problem", problem}});
  if (!loaded.problems.empty()) return;
  log::set_level(level_of(loaded.config.log.level));
  log::info("log.level was read again; all other keys need a restart");
}

// Listens from its making on, so that a signal is kept that comes before anybody waits.
class Signals {
 public:
  // Until somebody wants us to stop.
  void wait(const ConfigPath& path) {
    std::function<void(const boost::system::error_code&, int)> on_signal;
    on_signal = [&](const boost::system::error_code& ec, int number) {
      if (ec || number != SIGHUP) return;
      reload(path);
      signals_.async_wait(on_signal);
    };
    signals_.async_wait(on_signal);
    context_.run();
  }

 private:
  boost::asio::io_context context_{1};
  boost::asio::signal_set signals_{context_, SIGINT, SIGTERM, SIGHUP};
};

void say_where(const Config& config, const Service& service) {
  std::string addresses;
  for (const auto& address : service.addresses())
    addresses += (addresses.empty() ? "" : ", ") + address;
  log::info("serving", {{"addresses", addresses}, {"public_url", config.public_url}});
}

}  // namespace

int serve(const ConfigPath& path) {
  auto loaded = load_or_complain(path);
  if (!loaded) return kWrongUse;
  const Config& config = loaded->config;
  log::start(level_of(config.log.level), format_of(config.log.format));
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);  // a limit on the size of files is a full disk, not an end
  fit_open_files(loaded->config.server);

  Signals signals;
  std::vector<std::string> problems;
  auto service = Service::assemble(*loaded, version(), problems);
  if (!service) {
    log::stop();
    for (const auto& problem : problems) fmt::print(stderr, "ringback: {}\n", problem);
    if (!problems.empty()) return kWrongUse;
    fmt::print(stderr, "ringback: {}\n", service.error().detail);
    return kFailed;
  }
  if (const auto started = (*service)->start(); !started) {
    (*service)->stop();
    log::stop();
    fmt::print(stderr, "ringback: {}\n", started.error().detail);
    return kFailed;
  }
  say_where(config, **service);
  signals.wait(path);
  log::info("draining");
  (*service)->stop();
  log::info("stopped");
  log::stop();
  return kFine;
}

}  // namespace ringback::commands
