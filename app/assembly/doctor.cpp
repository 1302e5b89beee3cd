#include "app/assembly/doctor.hpp"

#include <unistd.h>

#include <filesystem>

#include <fmt/format.h>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>

#include "adapters/carriers/registry.hpp"
#include "adapters/storage/registry.hpp"
#include "adapters/storage/sqlite/migrations.hpp"
#include "adapters/system/date_zones.hpp"
#include "adapters/system/secret_file.hpp"
#include "app/assembly/accounts.hpp"
#include "app/assembly/archive.hpp"
#include "app/assembly/policy.hpp"
#include "app/assembly/service.hpp"
#include "app/outbound/https_client.hpp"
#include "core/usecases/capabilities.hpp"

namespace ringback {
namespace {

using Grade = Finding::Grade;
namespace asio = boost::asio;

constexpr std::uintmax_t kLowDisk = 500ULL * 1024 * 1024;
constexpr Millis kPatience{3'000};
constexpr int kLastSoundYear = 2037;

class Doctor {
 public:
  explicit Doctor(const LoadedConfig& loaded) : loaded_(loaded), config_(loaded.config) {}

  std::vector<Finding> examine() {
    configuration();
    // What follows reads the configuration; a wrong one would only repeat itself.
    if (!loaded_.problems.empty()) return std::move(findings_);
    policy();
    storage();
    secret();
    disk();
    clock();
    public_url();
    carriers();
    recordings();
    return std::move(findings_);
  }

 private:
  void fine(std::string about, std::string detail) {
    findings_.push_back({Grade::fine, std::move(about), std::move(detail), ""});
  }
  void note(std::string about, std::string detail, std::string fix) {
    findings_.push_back({Grade::note, std::move(about), std::move(detail), std::move(fix)});
  }
  void problem(std::string about, std::string detail, std::string fix) {
    findings_.push_back({Grade::problem, std::move(about), std::move(detail), std::move(fix)});
  }

  void configuration() {
    for (const auto& text : loaded_.problems)
      problem("configuration", text, "correct that key; `ringback config show --origin` shows all");
    for (const auto& text : loaded_.warnings) note("configuration", text, "see the text");
    if (!loaded_.problems.empty()) return;
    fine("configuration",
         loaded_.file.empty() ? "defaults and environment alone" : "read from " + loaded_.file);
  }

  void policy() {
    const DateZones zones;
    const auto reading = read_policy(loaded_, zones);
    for (const auto& text : reading.problems) problem("configuration", text, "correct that key");
    if (!reading.problems.empty()) return;
    const auto now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
    const auto opening = next_opening(reading.policy.hours, *reading.policy.zone, now);
    if (!opening)
      problem("hours", "the business never opens, so nobody would ever be called",
              "business.hours.mon = \"09:00-17:00\"");
    else
      fine("hours", *opening <= now ? "open now" : "shut now; opens again");
  }

  void storage() {
    const auto path = sqlite_path(config_.storage.url);
    if (!path)
      return note("storage", "in memory: everything is lost when the program ends",
                  "storage.url = \"sqlite:ringback.db\"");
    const auto pending = sqlite::plan_migrations(*path);
    if (!pending) return problem("storage", pending.error().detail, "see the text");
    if (pending->empty()) return fine("storage", *path + ": the schema is up to date");
    fine("storage", fmt::format("{}: {} migration(s) will be applied at the next start", *path,
                                pending->size()));
  }

  void secret() {
    if (!config_.secret_key.empty()) return fine("secret key", "from the configuration");
    const auto path = secret_key_path(config_);
    std::error_code ec;
    if (!std::filesystem::exists(path, ec))
      return fine("secret key", "will be made at the first start: " + path);
    if (const auto read = read_secret_file(path); !read)
      return problem("secret key", read.error().detail, "chmod 600 " + path);
    fine("secret key", path + " (back it up with the database: without it nothing can be read)");
  }

  void disk() {
    const auto file = std::filesystem::path(config_.storage.sqlite_path());
    auto folder = file.has_parent_path() ? file.parent_path() : std::filesystem::path(".");
    std::error_code ec;
    while (!std::filesystem::exists(folder, ec) && folder.has_parent_path() &&
           folder != folder.parent_path())
      folder = folder.parent_path();
    const auto space = std::filesystem::space(folder.empty() ? "." : folder, ec);
    if (ec) return problem("disk", "free space is not known: " + ec.message(), "check the folder");
    const auto text = fmt::format("{} MiB free", space.available / (1024UL * 1024));
    if (space.available < kLowDisk) return note("disk", text, "make room: at 20 MiB it stops");
    fine("disk", text);
  }

  void clock() {
    const std::chrono::year_month_day today{
        std::chrono::floor<std::chrono::days>(std::chrono::system_clock::now())};
    const int year = static_cast<int>(today.year());
    if (year < 2024 || year > kLastSoundYear)
      return problem("clock", fmt::format("this machine says it is {}", year),
                     "set the clock: timedatectl set-ntp true");
    fine("clock", "plausible");
  }

  SendResult ask(const HttpRequest& letter) const {
    asio::io_context context{1};
    HttpsClient client;
    SendResult result = SendError{SendFailure::unknown, "no answer"};
    auto send = [&]() -> asio::awaitable<void> {
      HttpRequest request = letter;
      SendOptions options;
      options.deadline = kPatience;
      options.allow_http = options.allow_loopback = !config_.production();
      result = co_await client.send(std::move(request), options);
    };
    asio::co_spawn(context, send, asio::detached);
    context.run();
    return result;
  }

  // What a GET of that URL gives: a status, or why there is none.
  std::variant<int, std::string> get(const std::string& url) const {
    const auto answer = ask({"GET", url, {}, ""});
    if (const auto* response = std::get_if<HttpResponse>(&answer)) return response->status;
    return std::get<SendError>(answer).detail;
  }

  void public_url() {
    const bool tls = config_.public_url.starts_with("https:");
    const auto answer = get(config_.public_url + "/livez");
    if (const auto* status = std::get_if<int>(&answer); status != nullptr && *status == 200)
      return fine("public URL",
                  config_.public_url + " answers" + (tls ? ", its TLS is sound" : ""));
    const auto why = std::holds_alternative<int>(answer)
                         ? fmt::format("answers {}", std::get<int>(answer))
                         : std::get<std::string>(answer);
    note("public URL",
         fmt::format("{} does not answer as this program ({}); carriers' webhooks would be lost",
                     config_.public_url, why),
         "start `ringback serve`, or correct public_url");
  }

  // Its own word on the credentials, and what the choice of it costs.
  void real_carrier(const CarrierAccount& account, const Rules& rules) {
    const std::string about = "carrier " + account.name;
    const auto made = make_carrier(account.kind, carrier_settings(config_, account));
    if (!made) return;  // told with the rules
    const Carrier& carrier = **made;
    for (const auto& cost : costs_of(carrier.profile(), rules))
      note(about, cost, "nothing, if that is what you want");
    std::vector<HttpResponse> answers;
    for (const auto& letter : carrier.ask_account()) {
      auto answer = ask(letter);
      if (const auto* error = std::get_if<SendError>(&answer))
        return problem(about, "does not answer: " + error->detail,
                       "check the network and carrier." + account.name + ".base_url");
      answers.push_back(std::get<HttpResponse>(std::move(answer)));
    }
    if (answers.empty())
      return fine(about, "set up; its credentials cannot be tried without a call");
    const auto reading = carrier.read_account(answers);
    if (!reading)
      return problem(about, reading.error().detail,
                     "copy the credentials of carrier." + account.name + " from its console anew");
    for (const auto& text : reading->notes) note(about, text, "see docs/carriers/" + account.kind);
    fine(about, reading->detail);
  }

  void text_carrier(const CarrierAccount& account) {
    const auto made = make_messenger(account.kind, carrier_settings(config_, account));
    if (!made) return;
    for (const auto& cost : costs_of((*made)->profile()))
      note("texts " + account.name, cost, "nothing, if that is what you want");
    fine("texts " + account.name, "set up");
  }

  void carriers() {
    for (const auto& name : config_.carrier.sms)
      if (const auto* account = config_.carrier.account(name); account->kind != "simulator")
        text_carrier(*account);
    const auto rules = read_policy(loaded_, DateZones()).policy.rules;
    for (const auto& name : config_.carrier.voice) {
      const auto* account = config_.carrier.account(name);
      if (account->kind != "simulator") {
        real_carrier(*account, rules);
        continue;
      }
      const auto& base = account->simulator.base_url;
      if (base.empty()) {
        fine("carrier " + name,
             "the simulator inside this program: asks for a key, hangs up, finds calls, signs "
             "webhooks; rings nobody's telephone");
        continue;
      }
      const auto answer = get(base + "/simulator/api/desk");
      if (const auto* status = std::get_if<int>(&answer); status != nullptr && *status == 200)
        fine("carrier " + name, "the exchange at " + base + " answers");
      else
        problem("carrier " + name, "the exchange at " + base + " does not answer",
                "start it: ringback simulator --listen " + base.substr(base.find("//") + 2));
    }
  }

  void recordings() {
    const auto& recording = config_.recording;
    if (!recording.anywhere()) return;
    if (config_.call.record == Record::off)
      note("recordings", "there is an archive, but call.record is \"off\": nothing is recorded",
           "call.record = \"announce\"");
    recording.dir.empty() ? bucket() : folder(recording.dir);
  }

  void folder(const std::string& dir) {
    std::error_code ec;
    std::filesystem::path path = std::filesystem::absolute(dir, ec);
    while (!std::filesystem::exists(path, ec) && path.has_relative_path())
      path = path.parent_path();
    if (::access(path.c_str(), W_OK | X_OK) != 0 || !std::filesystem::is_directory(path, ec))
      return problem("recordings", path.string() + " cannot be written by this user",
                     "let this user write there, or name another recording.dir");
    fine("recordings", "kept in " + dir);
  }

  void bucket() {
    const s3::S3Archive archive(s3_settings(config_.recording));
    const auto now = std::chrono::floor<Millis>(std::chrono::system_clock::now());
    const auto answer = ask(archive.look(now));
    if (const auto* error = std::get_if<SendError>(&answer))
      return problem("recordings", archive.name() + " does not answer: " + error->detail,
                     "check the network and recording.s3.endpoint");
    const auto outcome = archive.read_looked(std::get<HttpResponse>(answer));
    if (outcome.kind == ArchiveOutcome::Kind::done)
      return fine("recordings", "kept in " + archive.name());
    problem("recordings", archive.name() + ": " + outcome.detail,
            "check recording.s3.access_key, secret_key, region and bucket");
  }

  const LoadedConfig& loaded_;
  const Config& config_;
  std::vector<Finding> findings_;
};

}  // namespace

std::vector<Finding> examine(const LoadedConfig& loaded) { return Doctor(loaded).examine(); }

}  // namespace ringback
