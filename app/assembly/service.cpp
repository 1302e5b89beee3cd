#include "app/assembly/service.hpp"

#include <algorithm>
#include <atomic>
#include <filesystem>

#include <fmt/format.h>

#include "adapters/carriers/registry.hpp"
#include "adapters/storage/registry.hpp"
#include "adapters/system/date_zones.hpp"
#include "adapters/system/libphonenumber_plan.hpp"
#include "adapters/system/openssl_keyring.hpp"
#include "adapters/system/os_random.hpp"
#include "adapters/system/secret_file.hpp"
#include "adapters/system/system_clock.hpp"
#include "app/api/admin_api.hpp"
#include "app/api/health_api.hpp"
#include "app/api/hooks_api.hpp"
#include "app/api/pages_api.hpp"
#include "app/api/status_document.hpp"
#include "app/api/visitor_api.hpp"
#include "app/assembly/accounts.hpp"
#include "app/assembly/archive.hpp"
#include "app/assembly/policy.hpp"
#include "app/http/server.hpp"
#include "app/observe/log.hpp"
#include "app/runtime/publisher.hpp"
#include "app/runtime/store_clock.hpp"
#include "app/simulator/desk_relay.hpp"
#include "app/simulator/desk_routes.hpp"
#include "app/simulator/exchange_host.hpp"
#include "embedded/web_assets.hpp"

namespace ringback {
namespace {

constexpr std::string_view kSimulatorSecret = "simulator";
constexpr std::string_view kSimulatorCallerId = "+12025550199";
constexpr std::string_view kSimulatorVisitor = "+12025550123";
constexpr Millis kClockTooFarAhead{std::chrono::hours(1)};
constexpr Millis kServerDrain{Seconds(4)};
constexpr Millis kRunnerDrain{Seconds(4)};
constexpr Millis kArchivistDrain{Seconds(1)};

Hmac hmac_function() {
  return [](std::string_view key, std::string_view text) { return hmac_sha256(key, text); };
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const auto byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

http::ClientIpHeader header_of(ClientIpHeader mode) {
  switch (mode) {
    case ClientIpHeader::x_forwarded_for:
      return http::ClientIpHeader::x_forwarded_for;
    case ClientIpHeader::forwarded:
      return http::ClientIpHeader::forwarded;
    case ClientIpHeader::cf_connecting_ip:
      return http::ClientIpHeader::cf_connecting_ip;
    case ClientIpHeader::none:
      break;
  }
  return http::ClientIpHeader::none;
}

std::string listen_text(const ListenAddress& address) {
  const bool v6 = address.host.find(':') != std::string::npos;
  return v6 ? fmt::format("[{}]:{}", address.host, address.port)
            : fmt::format("{}:{}", address.host, address.port);
}

Result<Secret> secret_of(const Config& config) {
  if (!config.secret_key.empty()) return config.secret_key;
  return load_or_create_secret(secret_key_path(config));
}

}  // namespace

std::string secret_key_path(const Config& config) {
  return config.storage.sqlite_path() + ".secret-key";
}

Result<std::unique_ptr<Keyring>> open_keyring(const Config& config) {
  const auto secret = secret_of(config);
  if (!secret) return secret.error();
  auto keys = OpensslKeyring::from(*secret);
  if (!keys) return keys.error();
  return std::unique_ptr<Keyring>(std::make_unique<OpensslKeyring>(*std::move(keys)));
}

Result<void> migrate_storage(const Config& config, const std::string& version) {
  const auto keys = open_keyring(config);
  if (!keys) return keys.error();
  const auto opened = open_store(
      config.storage.url, {.keyring = keys->get(), .now = SystemClock().now(), .program = version});
  if (!opened) return opened.error();
  return {};
}

// In the order in which they are made; taken down the other way round.
struct Service::Parts {
  Config config;
  std::string version;
  DateZones zones;
  LibphonenumberPlan plan;
  SystemClock machine;
  OsRandom random;
  std::optional<OpensslKeyring> keys;
  Policy policy;
  NumberPolicy numbers;
  std::unique_ptr<ExchangeHost> exchange;
  std::vector<VoiceAccount> voices;
  std::vector<TextAccount> texts;
  std::unique_ptr<CallbackStore> store;
  std::optional<StoreClock> clock;
  std::optional<Metrics> metrics;
  StatusBoard statuses;
  Changes changes;
  std::optional<Switchboard> board;
  std::optional<Publisher> publisher;
  std::unique_ptr<StoreThread> store_thread;
  std::unique_ptr<ReadThread> reader;
  std::unique_ptr<ReadThread> admin_reader;
  std::unique_ptr<PortThread<AccountStore>> accounts;
  HttpsClient client;
  std::unique_ptr<Runner> runner;
  std::unique_ptr<RecordingArchive> archive;
  std::unique_ptr<Archivist> archivist;
  ClientLimits limits;
  std::unique_ptr<Program> program;
  std::optional<http::StaticFiles> files;
  std::unique_ptr<http::Server> server;

  const CarrierAccount* simulator() const;
  Result<void> make_exchange();
  Result<void> make_accounts();
  Result<void> open_storage();
  Result<TimePoint> settle_clock();
  void make_threads();
  http::Router make_routes();
  http::ServerConfig server_config();
};

const CarrierAccount* Service::Parts::simulator() const {
  for (const auto* chosen : {&config.carrier.voice, &config.carrier.sms})
    for (const auto& name : *chosen) {
      const auto* account = config.carrier.account(name);
      if (account != nullptr && account->kind == "simulator") return account;
    }
  return nullptr;
}

Result<void> Service::Parts::make_exchange() {
  const CarrierAccount* account = simulator();
  if (account == nullptr || !account->simulator.base_url.empty()) return {};
  ExchangeHostOptions options;
  options.numbers = {.business = config.business.numbers.front(),
                     .visitor = *PhoneNumber::from_e164(kSimulatorVisitor)};
  options.exchange.secret = kSimulatorSecret;
  options.exchange.manners.automatic = account->simulator.automatic;
  options.exchange.faults.latency = account->simulator.latency;
  exchange = std::make_unique<ExchangeHost>(std::move(options), hmac_function());
  return exchange->start();
}

Result<void> Service::Parts::make_accounts() {
  const auto settings_of = [&](const CarrierAccount& account) {
    if (account.kind != "simulator") return carrier_settings(config, account);
    CarrierSettings settings;
    settings.hmac = hmac_function();
    settings.values["base_url"] = exchange ? exchange->url() : account.simulator.base_url;
    settings.values["account"] = "simulator";
    settings.values["secret"] = kSimulatorSecret;
    settings.values["sign_key"] = hex(keys->hmac("webhooks", account.name));
    settings.values["from"] = kSimulatorCallerId;
    return settings;
  };
  for (const auto& name : config.carrier.voice) {
    const CarrierAccount& account = *config.carrier.account(name);
    auto made = make_carrier(account.kind, settings_of(account));
    if (!made) return made.error();
    std::shared_ptr<const Carrier> carrier = std::move(*made);
    const CarrierProfile& profile = carrier->profile();
    policy.rules.accounts.push_back(
        {.name = name,
         .bridges_itself = profile.bridges_itself,
         .can_hang_up = profile.can_hang_up,
         .can_find_calls = profile.can_find_calls,
         .polled = profile.polled,
         .fetch_lag = std::min(profile.fetch_lag, config.timing.fetch_lag)});
    const PhoneNumber caller_id = profile.caller_id;
    voices.push_back({.name = name, .carrier = std::move(carrier), .caller_id = caller_id});
  }
  for (const auto& name : config.carrier.sms) {
    const CarrierAccount& account = *config.carrier.account(name);
    auto made = make_messenger(account.kind, settings_of(account));
    if (!made) return made.error();
    std::shared_ptr<const Messenger> messenger = std::move(*made);
    policy.rules.can_find_texts = messenger->profile().can_find_texts;
    texts.push_back({.name = name, .messenger = std::move(messenger)});
  }
  return {};
}

// The store's clock begins where its last commit was. A commit far in the future was made by a
// clock that was wrong: what it made due is brought back.
Result<TimePoint> Service::Parts::settle_clock() {
  TimePoint last{};
  Result<void> failed;
  const CallbackStore::Work work = [&] {
    const auto read = store->last_commit_at();
    if (!read) {
      failed = read.error();
      return false;
    }
    last = read->value_or(TimePoint{});
    if (last - machine.now() <= kClockTooFarAhead) return true;
    log::warn("the stored time is ahead of this machine's clock; due times are moved back",
              {{"seconds", std::chrono::duration_cast<Seconds>(last - machine.now()).count()}});
    failed = store->shift_due(machine.now() - last);
    last = machine.now();
    return failed.has_value();
  };
  if (const auto done = store->batch(std::span(&work, 1)); !done) return done.error();
  if (!failed) return failed.error();
  return last;
}

Result<void> Service::Parts::open_storage() {
  const auto path = std::filesystem::path(config.storage.sqlite_path());
  if (path.has_parent_path()) {
    std::error_code ec;
    std::filesystem::create_directories(path.parent_path(), ec);
    if (ec)
      return Error{Errc::storage_failed, fmt::format("cannot make the folder {}: {}",
                                                     path.parent_path().string(), ec.message())};
  }
  const auto secret = secret_of(config);
  if (!secret) return secret.error();
  auto ring = OpensslKeyring::from(*secret);
  if (!ring) return ring.error();
  keys.emplace(std::move(*ring));
  auto opened =
      open_store(config.storage.url, {.keyring = &*keys,
                                      .now = machine.now(),
                                      .program = version,
                                      .on_put_off = [](const Error& error) {
                                        log::warn("checkpoint put off", {{"error", error.detail}});
                                      }});
  if (!opened) return opened.error();
  store = std::move(*opened);
  auto keys_of_programs = open_accounts(config.storage.url);
  if (!keys_of_programs) return keys_of_programs.error();
  accounts = std::make_unique<PortThread<AccountStore>>(*std::move(keys_of_programs));
  return {};
}

void Service::Parts::make_threads() {
  board.emplace(Switchboard{.store = *store,
                            .clock = *clock,
                            .ids = random,
                            .keys = *keys,
                            .policy = policy,
                            .voices = voices,
                            .texts = texts,
                            .observer = changes,
                            .claims = {.started = clock->steady()},
                            .openings = {}});
  std::vector<std::string> kinds;
  for (const auto& voice : voices) kinds.push_back(voice.carrier->profile().kind);
  publisher.emplace(*metrics, statuses, std::move(kinds));
  changes.look_after(board->claims);
  reader = std::make_unique<ReadThread>(store->open_reader());
  admin_reader = std::make_unique<ReadThread>(store->open_reader());
  store_thread = std::make_unique<StoreThread>(
      *store, changes, [this](double seconds, std::size_t works, std::vector<Change>&& changed) {
        publisher->publish(seconds, works, std::move(changed));
      });
  runner = std::make_unique<Runner>(*store_thread, *board, client, *metrics,
                                    RunnerOptions{.dial_timeout = config.timing.dial_timeout,
                                                  .development = !config.production(),
                                                  .retention = config.privacy.retention,
                                                  .refused_pause = config.timing.refused_pause});
  if (archive)
    archivist = std::make_unique<Archivist>(
        *store_thread, *board, *archive, *metrics,
        ArchivistOptions{
            .development = !config.production(),
            .retention = config.timing.recording_keep > Millis(0) ? config.timing.recording_keep
                                                                  : config.privacy.retention,
            .housekeeping = config.timing.recording_keep > Millis(0) ? config.timing.recording_keep
                                                                     : Millis(Seconds(60)),
            .spool = config.storage.sqlite_path() + ".spool"});
  program.reset(new Program{.config = config,
                            .policy = policy,
                            .board = *board,
                            .store = *store_thread,
                            .reader = *reader,
                            .admin_reader = *admin_reader,
                            .accounts = *accounts,
                            .runner = *runner,
                            .archivist = archivist.get(),
                            .statuses = statuses,
                            .metrics = *metrics,
                            .limits = limits,
                            .plan = plan,
                            .clock = *clock,
                            .ids = random,
                            .keys = *keys,
                            .numbers = numbers,
                            .create_limit = *parse_limit(config.limits.create),
                            .hooks_rejected_limit = *parse_limit(config.limits.hooks_rejected),
                            .api_limit = *parse_limit(config.limits.api),
                            .default_region = config.visitor.allowed_countries.front(),
                            .version = version,
                            .started = std::chrono::steady_clock::now()});
  publisher->render_with([this](Callback&& callback) {
    return status_document_of(std::move(callback),
                              [this](const Callback& c) { return status_context(*program, c); });
  });
  publisher->wake_with([this] { runner->wake(); });
}

http::Router Service::Parts::make_routes() {
  http::Router router;
  add_health_routes(router, *program);
  add_visitor_routes(router, *program);
  add_admin_routes(router, *program);
  add_hook_routes(router, *program);
  files.emplace(web_assets());
  const bool with_simulator = simulator() != nullptr && !config.production();
  add_page_routes(router, *files, with_simulator);
  if (!with_simulator) return router;
  const DeskNumbers desk{.business = config.business.numbers.front(),
                         .visitor = *PhoneNumber::from_e164(kSimulatorVisitor)};
  if (exchange)
    add_desk_routes(router, *exchange, desk);
  else
    add_desk_relay(router, client, simulator()->simulator.base_url, desk);
  return router;
}

http::ServerConfig Service::Parts::server_config() {
  http::ServerConfig out;
  out.listen.clear();
  for (const auto& address : config.server.listen) out.listen.push_back(listen_text(address));
  out.threads = static_cast<unsigned>(config.server.threads);
  out.public_url = config.public_url;
  out.limits.body_bytes = static_cast<std::size_t>(config.server.body_limit_bytes);
  out.limits.connections = static_cast<std::size_t>(config.server.max_connections);
  out.limits.connections_per_client =
      static_cast<std::size_t>(config.server.connections_per_client);
  for (const auto& block : config.server.trusted_proxies)
    if (const auto cidr = Cidr::parse(block)) out.proxies.trusted.push_back(*cidr);
  out.proxies.header = header_of(config.server.client_ip_header);
  out.origin_allowed = http::exact_origins(config.visitor.allowed_origins);
  out.hooks.on_response = [this](const http::Access& access) {
    const std::chrono::duration<double> took = access.duration;
    metrics->http_request(access.route.empty() ? "none" : access.route, access.method,
                          access.status, took.count());
    log::debug("request", {{"request_id", access.request_id},
                           {"method", access.method},
                           {"route", access.route},
                           {"status", access.status},
                           {"seconds", took.count()}});
  };
  out.hooks.on_fault = [](std::string_view what, std::string_view request_id) {
    log::error("fault", {{"request_id", request_id}, {"what", what}});
  };
  return out;
}

Service::Service(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Service::~Service() { stop(); }

Result<std::unique_ptr<Service>> Service::assemble(const LoadedConfig& loaded, std::string version,
                                                   std::vector<std::string>& problems) {
  auto parts = std::make_unique<Parts>();
  parts->config = loaded.config;
  parts->version = std::move(version);
  auto reading = read_policy(loaded, parts->zones);
  problems = std::move(reading.problems);
  if (!problems.empty()) return Error{Errc::invalid_input, "the configuration has problems"};
  parts->policy = std::move(reading.policy);
  parts->numbers = std::move(reading.numbers);
  parts->metrics.emplace(parts->version);
  if (const auto opened = parts->open_storage(); !opened) return opened.error();
  const auto last_commit = parts->settle_clock();
  if (!last_commit) return last_commit.error();
  parts->clock.emplace(parts->machine, *last_commit);
  if (const auto made = parts->make_exchange(); !made) return made.error();
  if (const auto made = parts->make_accounts(); !made) return made.error();
  auto archive = make_archive(parts->config.recording);
  if (!archive) {
    problems.push_back(archive.error().detail);
    return archive.error();
  }
  parts->archive = std::move(*archive);
  parts->make_threads();
  return std::unique_ptr<Service>(new Service(std::move(parts)));
}

Result<void> Service::start() {
  Parts& p = *parts_;
  auto routes = p.make_routes();
  p.server = std::make_unique<http::Server>(p.server_config(), std::move(routes));
  const auto port = p.server->start();
  if (!port) return port.error();
  // The server first: a carrier answers what is asked about at once.
  p.runner->start();
  if (p.archivist) return p.archivist->start();
  return {};
}

void Service::stop() {
  Parts& p = *parts_;
  p.program->draining = true;
  if (p.server) p.server->stop(kServerDrain);
  p.runner->stop(kRunnerDrain);
  if (p.archivist) p.archivist->stop(kArchivistDrain);
  if (p.exchange) p.exchange->stop();
  p.store_thread->stop();
  p.reader->stop();
  p.admin_reader->stop();
  p.accounts->stop();
}

std::vector<std::string> Service::addresses() const {
  std::vector<std::string> out;
  const auto& listen = parts_->config.server.listen;
  for (std::size_t i = 0; i < listen.size(); ++i) {
    ListenAddress address = listen[i];
    if (parts_->server) address.port = parts_->server->ports()[i];
    out.push_back(listen_text(address));
  }
  return out;
}

}  // namespace ringback
