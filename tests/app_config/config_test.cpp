#include "app/config/config.hpp"

#include <unistd.h>

#include <catch2/catch.hpp>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "app/config/formats.hpp"
#include "app/config/nearest.hpp"

using namespace ringback;
using Catch::Matchers::Contains;

namespace {

// The least that starts.
const std::string kSmall = "business.numbers = [\"+12025550100\"]\n";

LoadedConfig load(const std::string& text, const EnvironmentVariables& environment = {}) {
  return load_config_text(text, "ringback.toml", environment);
}

std::string all(const std::vector<std::string>& lines) {
  std::string out;
  for (const auto& line : lines) out += line + "\n";
  return out;
}

std::string problems(const std::string& text, const EnvironmentVariables& environment = {}) {
  return all(load(text, environment).problems);
}

struct TemporaryFile {
  std::filesystem::path path;
  explicit TemporaryFile(const std::string& text) {
    std::string name = std::filesystem::temp_directory_path() / "ringback-config-XXXXXX";
    const int file = mkstemp(name.data());
    REQUIRE(file >= 0);
    close(file);
    path = name;
    std::ofstream(path, std::ios::binary) << text;
  }
  ~TemporaryFile() { std::filesystem::remove(path); }
};

}  // namespace

TEST_CASE("every mistake is reported at once, with where it was made", "[config]") {
  const auto text = problems(
      "[call]\n"
      "attempts = \"many\"\n"
      "ring_secconds = 30\n"
      "max_minutes = 0\n"
      "accept = \"pres_1\"\n",
      {{"RINGBACK_SERVER__THREADS", "-1"}, {"RINGBACK_LOG__LEVLE", "info"}});
  CHECK_THAT(text, Contains("ringback.toml:2: call.attempts: must be a whole number"));
  CHECK_THAT(text, Contains("ringback.toml:3: call.ring_secconds: nobody knows this key; did you "
                            "mean call.ring_seconds?"));
  CHECK_THAT(text, Contains("ringback.toml:4: call.max_minutes: must be from 1 to 240"));
  CHECK_THAT(text, Contains("ringback.toml:5: call.accept: must be one of \"press_1\", \"none\"; "
                            "did you mean \"press_1\"?"));
  CHECK_THAT(text, Contains("environment RINGBACK_SERVER__THREADS: server.threads: must be from"));
  CHECK_THAT(text, Contains("environment RINGBACK_LOG__LEVLE: log.levle: nobody knows this key; "
                            "did you mean log.level?"));
  CHECK_THAT(text, Contains("ringback.toml: business.numbers: is empty"));
}

TEST_CASE("text that is not TOML is named by its line", "[config]") {
  CHECK_THAT(problems("environment = \"development\"\nlisten = [\n"),
             Contains("ringback.toml:") && Contains("this is not TOML"));
}

TEST_CASE("a wrong type is refused, whatever it is", "[config]") {
  const auto row = GENERATE(std::pair{"verification.required = 1", "must be true or false"},
                            std::pair{"public_url = 8501", "must be a text in quotes"},
                            std::pair{"call.attempts = 2.5", "must be a whole number"},
                            std::pair{"call.give_up_minutes = \"2h\"", "must be a number"},
                            std::pair{"call.retry_minutes = 2", "must be a list of numbers"},
                            std::pair{"server.listen = [8501]", "a text or a list of texts"},
                            std::pair{"server = 3", "is a table, not a value"},
                            std::pair{"[serverr]", "nobody knows this key"},
                            std::pair{"[business.numbers]\nx = 1", "nobody knows this key"});
  CHECK_THAT(problems(row.first), Contains(row.second));
}

TEST_CASE("values that cannot be meant are refused", "[config]") {
  const auto row = GENERATE(
      std::pair{"business.numbers = [\"12025550100\"]", "entry 1 is not a number in E.164"},
      std::pair{"business.numbers = [\"+12025550100\", \"+12025550100\"]", "entry 2 is there"},
      std::pair{"business.sms_number = \"0100\"", "business.sms_number: is not a number"},
      std::pair{"business.timezone = \"../etc/passwd\"", "not the name of a time zone"},
      std::pair{"business.name = \"a\\u0007\"", "no control characters"},
      std::pair{"visitor.allowed_countries = []", "name at least one region"},
      std::pair{"visitor.allowed_countries = [\"usa\"]", "is not a region"},
      std::pair{"visitor.allowed_origins = [\"https://a.example/\"]", "is not an exact origin"},
      std::pair{"visitor.allowed_origins = [\"*\"]", "is not an exact origin"},
      std::pair{"visitor.allowed_origins = [\"null\"]", "is not an exact origin"},
      std::pair{"limits.create = [\"5 per minute\"]", "is not a limit like"},
      std::pair{"limits.create = [\"0/1m\"]", "is not a limit like"},
      std::pair{"limits.create = [\"10001/1m\"]", "is not a limit like"},
      std::pair{"limits.create = [\"5/32d\"]", "is not a limit like"},
      std::pair{"limits.create = [\"1/1s\",\"1/2s\",\"1/3s\",\"1/4s\",\"1/5s\",\"1/6s\",\"1/7s\","
                "\"1/8s\",\"1/9s\"]",
                "limits.create: has 9 windows"},
      std::pair{"limits.create = []", "limits.create: is empty"},
      std::pair{"limits.verify_prefix = [\"3/1h\"]", "must have two windows"},
      std::pair{"server.listen = \"8501\"", "is not an address like"},
      std::pair{"server.listen = \"example.com:80\"", "is not an address like"},
      std::pair{"server.trusted_proxies = [\"10.0.0.0/33\"]", "is not an address or a range"},
      std::pair{"server.client_ip_header = \"forwarded\"", "trusted_proxies is empty"},
      std::pair{"public_url = \"localhost:8501\"", "must be an address like"},
      std::pair{"public_url = \"https://a.example/path\"", "must be an address like"},
      std::pair{"secret_key = \"short\"", "at least 32 characters"},
      std::pair{"storage.url = \"mysql:x\"", "must be \"sqlite:PATH\""},
      std::pair{"call.retry_minutes = [2, -1]", "each must be from 0"},
      std::pair{"call.retry_minutes = []", "call.attempts is more than 1"},
      std::pair{"verification.ttl_seconds = 0", "must be from 1 to 600"},
      std::pair{"carrier.voice = \"nobody\"", "there is no account \"nobody\""},
      std::pair{"carrier.voice = []", "name an account"},
      std::pair{"timing.lease = 5", "is longer than timing.lease"},
      std::pair{"carrier.a.kind = \"carrier-pigeon\"", "nobody knows the carrier"},
      std::pair{"carrier.poll = true", "carrier.poll: is for carriers that cannot reach"},
      std::pair{"carrier.twilio.from = \"0100\"", "carrier.twilio.from: is not a number in E.164"},
      std::pair{"carrier.twilio.base_url = \"http://api.example\"", "http only on loopback"},
      std::pair{"carrier.twilio.calls_per_second = 0", "must be from 0.01 to 1000"},
      std::pair{"carrier.twilio.machine_detection = \"yes\"", "must be one of \"off\", \"on\""},
      std::pair{"carrier.twilio.auth_tokn = \"x\"", "did you mean carrier.twilio.auth_token?"},
      std::pair{"carrier.exotel.requests_per_minute = \"x\"", "must be a number"},
      std::pair{"carrier.b.kind = \"exotel\"\ncarrier.b.caller_id = \"7\"", "carrier.b.caller_id"},
      std::pair{"carrier.simulator.base_url = \"http://10.0.0.1\"", "http only on loopback"},
      std::pair{"call.record = \"announce\"",
                "there is no archive and nothing could be kept; set "},
      std::pair{"call.record = \"yes\"", "must be one of"},
      std::pair{"recording.s3.bucket = \"calls\"", "recording.s3.secret_key: is needed"},
      std::pair{"recording.s3.region = \"eu\"", "recording.s3.bucket: is needed"},
      std::pair{"recording.s3.bucket = \"No_Bucket\"", "is not the name of a bucket"},
      std::pair{"recording.s3.endpoint = \"http://10.0.0.1\"", "http only on loopback"},
      std::pair{"recording.s3.endpoint = \"https://a.example/b\"", "without the bucket"},
      std::pair{"recording.dir = \"/r\"\nrecording.s3.bucket = \"calls\"", "are both set"},
      std::pair{"carrier.simulator.latncy_ms = 1", "did you mean carrier.simulator.latency_ms?"});
  CHECK_THAT(problems(row.first), Contains(row.second));
}

TEST_CASE("a part that is not built is known, and refused when it is switched on", "[config]") {
  const std::string line =
      GENERATE("storage.url = \"postgresql://u:pw@db/x\"", "captcha.provider = \"altcha\"",
               "captcha.secret = \"x\"", "sign_in.google.client_id = \"x\"",
               "visitor.sign_in_required = true", "smtp.host = \"mail\"",
               "limits.login = [\"9/1m\"]", "limits.captcha = [\"9/1m\"]", "privacy.audit_days = 1",
               "[[notify.webhooks]]\nurl = \"https://a.example\"");
  CHECK_THAT(problems(line), Contains("not part of this version") && !Contains("nobody knows"));
  CHECK_THAT(problems(line), !Contains("pw"));
}

TEST_CASE("a limit's window may be written in seconds, whatever its length", "[config]") {
  CHECK(problems(kSmall + "limits.create = [\"5/86400s\", \"9/2678400s\"]\n") == "");
}

TEST_CASE("a part that is not built may keep its default", "[config]") {
  CHECK(problems(kSmall + "smtp.port = 587\ncall.record = \"off\"\nnotify.webhooks = []\n"
                          "limits.api = \"100/15m\"\ncaptcha.secret = \"\"\n") == "");
}

TEST_CASE("production refuses what is only safe at home", "[config]") {
  const auto text = problems(
      "environment = \"production\"\nsecret_key = \"changeme-changeme-changeme-changeme\"\n"
      "timing.lease = 30\n" +
      kSmall);
  CHECK_THAT(text, Contains("public_url: http is refused in production"));
  CHECK_THAT(text, Contains("ringback.toml:2: secret_key: is a placeholder"));
  CHECK_THAT(text, Contains("ringback.toml:3: timing.lease: the times of calling are for tests"));
  CHECK_THAT(text, Contains("carrier.voice: the simulator rings no telephone"));
  CHECK_THAT(text, Contains("carrier.sms: the simulator rings no telephone"));
  CHECK_THAT(text, Contains("visitor.allowed_origins: is empty in production"));
  CHECK_THAT(text, !Contains("changeme"));
}

TEST_CASE("the defaults are those of the documentation", "[config]") {
  const auto loaded = load(kSmall);
  REQUIRE(all(loaded.problems) == "");
  const auto& config = loaded.config;
  CHECK(config.public_url == "http://localhost:8501");
  CHECK(config.server.listen == std::vector{ListenAddress{.host = "127.0.0.1", .port = 8501}});
  CHECK(config.storage.sqlite_path() == "ringback.db");
  REQUIRE(config.carrier.account("simulator"));
  CHECK(config.carrier.account("simulator")->kind == "simulator");
  CHECK(config.business.sms_number == config.business.numbers.front());
  CHECK(config.call.ring == Seconds{25});
  CHECK(config.call.retry == std::vector<Millis>{Minutes{2}, Minutes{10}});
  CHECK(config.timing.quarantine == Seconds{180});
  CHECK(config.timing.delivery_keep == std::chrono::hours{24 * 7});
}

TEST_CASE("the environment is over the file", "[config]") {
  const auto loaded = load(kSmall + "call.attempts = 3\nlimits.create = [\"1/1s\"]\n",
                           {{"RINGBACK_CALL__ATTEMPTS", "4"},
                            {"RINGBACK_CALL__RETRY_MINUTES", "0, 0.5,2"},
                            {"RINGBACK_BUSINESS__NUMBERS", "+12025550101,+12025550102"},
                            {"RINGBACK_VERIFICATION__REQUIRED", "false"},
                            {"RINGBACK_TIMING__LEASE", "12.25"},
                            {"RINGBACK_CARRIER__SIMULATOR__AUTO", "true"},
                            {"PATH", "/bin"}});
  REQUIRE(all(loaded.problems) == "");
  const auto& config = loaded.config;
  CHECK(config.call.attempts == 4);
  CHECK(config.call.retry == std::vector{Millis{0}, Millis{30000}, Millis{120000}});
  CHECK(config.business.numbers.size() == 2);
  CHECK(config.business.sms_number.e164() == "+12025550101");
  CHECK_FALSE(config.verification.required);
  CHECK(config.timing.lease == Millis{12250});
  CHECK(config.carrier.account("simulator")->simulator.automatic);
  CHECK(loaded.where("call.attempts") == "environment RINGBACK_CALL__ATTEMPTS");
  CHECK(loaded.where("limits.create") == "ringback.toml:3");
}

TEST_CASE("a secret may stand in a file", "[config]") {
  const std::string key = "0123456789abcdef0123456789abcdef";
  const TemporaryFile file(key + "\n");
  const auto loaded = load(kSmall, {{"RINGBACK_SECRET_KEY_FILE", file.path.string()}});
  REQUIRE(all(loaded.problems) == "");
  CHECK(loaded.config.secret_key.reveal() == key);
  CHECK_THAT(config_show(loaded, true),
             Contains("file " + file.path.string() + " (environment RINGBACK_SECRET_KEY_FILE)"));
}

TEST_CASE("a secret's file that cannot be used is named", "[config]") {
  const TemporaryFile empty("\n");
  CHECK_THAT(problems(kSmall, {{"RINGBACK_SECRET_KEY_FILE", "/nowhere/at/all"}}),
             Contains("cannot read the file /nowhere/at/all"));
  CHECK_THAT(problems(kSmall, {{"RINGBACK_SECRET_KEY_FILE", "/tmp"}}), Contains("cannot read"));
  CHECK_THAT(problems(kSmall, {{"RINGBACK_SECRET_KEY_FILE", empty.path.string()}}),
             Contains("is empty"));
  CHECK_THAT(problems(kSmall, {{"RINGBACK_SECRET_KEY_FILE", empty.path.string()},
                               {"RINGBACK_SECRET_KEY", "0123456789abcdef0123456789abcdef"}}),
             Contains("remove one of the two"));
  CHECK_THAT(problems(kSmall, {{"RINGBACK_PUBLIC_URL_FILE", empty.path.string()}}),
             Contains("nobody knows this key"));
}

TEST_CASE("a secret that everybody can read is said aloud", "[config]") {
  const TemporaryFile file("0123456789abcdef0123456789abcdef");
  std::filesystem::permissions(file.path, std::filesystem::perms{0644});
  const auto loaded = load(kSmall, {{"RINGBACK_SECRET_KEY_FILE", file.path.string()}});
  CHECK(all(loaded.problems) == "");
  CHECK_THAT(all(loaded.warnings), Contains("chmod 600"));
}

TEST_CASE("what is shown holds no secret and is TOML again", "[config]") {
  const auto loaded = load(kSmall +
                           "secret_key = \"sesame-sesame-sesame-sesame-sesame\"\n"
                           "server.metrics_token = \"sesame\"\n"
                           "storage.url = \"postgresql://u:sesame@db/x\"\n");
  const auto text = config_show(loaded, true);
  CHECK_THAT(text, !Contains("sesame"));
  CHECK_THAT(text, Contains("secret_key = \"***\"") && Contains("# ringback.toml:2"));
  CHECK_THAT(text, Contains("call.attempts = 2") && Contains("# default"));
  CHECK(read_toml(text, "shown").problem == "");
}

TEST_CASE("an account of a real carrier has its keys as text, its defaults among them",
          "[config]") {
  const TemporaryFile token("token-of-a-file");
  const auto loaded = load(kSmall +
                               "[carrier]\nvoice = \"b\"\nsms = \"twilio\"\n"
                               "[carrier.b]\nkind = \"exotel\"\napi_token = \"sesame\"\n"
                               "base_url = \"https://api.in.exotel.com/\"\n"
                               "[carrier.twilio]\nfrom = \"+12025550199\"\n",
                           {{"RINGBACK_CARRIER__TWILIO__AUTH_TOKEN_FILE", token.path.string()}});
  REQUIRE(all(loaded.problems) == "");
  const auto& b = *loaded.config.carrier.account("b");
  CHECK(b.kind == "exotel");
  CHECK(b.values.at("api_token") == "sesame");
  CHECK(b.values.at("base_url") == "https://api.in.exotel.com");
  CHECK(b.values.at("requests_per_minute") == "200");
  CHECK(b.values.at("flow_url").empty());
  const auto& twilio = *loaded.config.carrier.account("twilio");
  CHECK(twilio.values.at("auth_token") == "token-of-a-file");
  CHECK(twilio.values.at("from") == "+12025550199");
  CHECK(twilio.values.at("calls_per_second") == "1");
  const auto shown = config_show(loaded, true);
  CHECK_THAT(shown, !Contains("sesame") && !Contains("token-of-a-file"));
  CHECK_THAT(shown, Contains("carrier.b.api_token = \"***\""));
}

TEST_CASE("an account whose name cannot stand in an address is refused", "[config]") {
  const auto loaded = load(kSmall + "[carrier.\"our exotel\"]\nkind = \"exotel\"\n");
  CHECK_THAT(all(loaded.problems), Contains("carrier.our exotel") && Contains("rename"));
  CHECK(load(kSmall + "[carrier.our-exotel_2]\nkind = \"exotel\"\n").problems.empty());
}

TEST_CASE("production takes a real carrier, but no made-up secret of it", "[config]") {
  const std::string carriers =
      "environment = \"production\"\npublic_url = \"https://ring.example\"\n"
      "visitor.allowed_origins = [\"https://shop.example\"]\n"
      "carrier.voice = \"twilio\"\ncarrier.sms = \"twilio\"\n" +
      kSmall;
  CHECK(problems(carriers + "carrier.twilio.auth_token = \"0123456789abcdef\"\n") == "");
  CHECK_THAT(problems(carriers + "carrier.twilio.auth_token = \"changeme\"\n"),
             Contains("carrier.twilio.auth_token: is a placeholder"));
}

TEST_CASE("a file that was asked for must be there", "[config]") {
  CHECK_THAT(all(load_config("/nowhere/ringback.toml", {}).problems),
             Contains("/nowhere/ringback.toml: cannot read"));
  CHECK_THAT(all(load_config("/tmp", {}).problems), Contains("cannot read"));
}

TEST_CASE("the shipped simulator set-up starts as it is", "[config]") {
  const auto loaded = load_config(RINGBACK_SOURCE_DIR "/config/simulator.toml", {});
  CHECK(all(loaded.problems) == "");
  CHECK(loaded.config.server.listen.size() == 2);
}

namespace {

// A line like "# key = value" or "# [table]" is a key or a table that is commented out.
std::string with_comments_taken_away(const std::string& path) {
  std::ifstream in(path);
  std::string out, line;
  while (std::getline(in, line)) {
    const std::string rest = line.starts_with("# ") ? line.substr(2) : "";
    const auto end = rest.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_");
    const bool key = end != 0 && end != std::string::npos && rest.compare(end, 3, " = ") == 0;
    const bool table = rest.starts_with('[') && rest.ends_with(']');
    out += (key || table ? rest : line) + "\n";
  }
  return out;
}

}  // namespace

TEST_CASE("the file with every key says what the code says", "[config]") {
  const std::string path = RINGBACK_SOURCE_DIR "/config/ringback.toml";
  const auto loaded = load_config_text(with_comments_taken_away(path), "ringback.toml", {});
  for (const auto& problem : loaded.problems) {
    INFO(problem);
    CHECK(problem.find("nobody knows this key") == std::string::npos);
    CHECK(problem.find("must be") == std::string::npos);
  }
  REQUIRE(loaded.settings.size() > 100);
  for (const auto& setting : loaded.settings) {
    INFO(setting.key);
    CHECK(setting.origin != "default");  // it is in the file
    CHECK(setting.value == setting.default_value);
  }
}

TEST_CASE("the file with every key has one line of why before each group", "[config]") {
  std::ifstream in(RINGBACK_SOURCE_DIR "/config/ringback.toml");
  std::string line, before;
  while (std::getline(in, line)) {
    if (line.starts_with('[')) {
      INFO(line);
      std::getline(in, before);
      CHECK(before.starts_with("# "));
    }
  }
}

TEST_CASE("the file with every key needs only the numbers to start", "[config]") {
  const auto loaded = load_config(RINGBACK_SOURCE_DIR "/config/ringback.toml",
                                  {{"RINGBACK_BUSINESS__NUMBERS", "+12025550100"}});
  CHECK(all(loaded.problems) == "");
}

TEST_CASE("typing mistakes are counted", "[config]") {
  CHECK(typing_mistakes("", "abc") == 3);
  CHECK(typing_mistakes("levle", "level") == 1);
  CHECK(typing_mistakes("kitten", "sitting") == 3);
  CHECK(nearest("call.atempts", {"call.attempts", "call.accept"}) == "call.attempts");
  CHECK(nearest("zzzzzz", {"call.attempts"}) == "");
}

TEST_CASE("addresses are told from other text", "[config]") {
  CHECK(parse_listen_address("[::1]:0"));
  CHECK(parse_listen_address("localhost:80")->host == "127.0.0.1");
  CHECK_FALSE(parse_listen_address("::1:80"));
  CHECK_FALSE(parse_listen_address("127.0.0.1:65536"));
  CHECK_FALSE(parse_listen_address("127.0.0.1:"));
  CHECK(is_origin("https://a.example:8443"));
  CHECK_FALSE(is_origin("https://A.example"));
  CHECK_FALSE(is_origin("https://user@a.example"));
  CHECK_FALSE(is_origin("https://a.example:"));
  CHECK(is_cidr("::1/128"));
  CHECK_FALSE(is_cidr("::1/129"));
  CHECK_FALSE(is_cidr("10.0.0.0/"));
  CHECK(is_loopback(*parse_web_address("http://127.0.0.1:1/")));
  CHECK_FALSE(is_loopback(*parse_web_address("http://127.evil.example/")));
}
