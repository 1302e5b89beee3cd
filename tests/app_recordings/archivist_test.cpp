// The archivist against carriers that misbehave: whatever they do, the credentials stay where they
// belong, nothing but audio is kept, and somebody hears of what is lost.
#include "app/recordings/archivist.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <future>
#include <map>
#include <mutex>

#include "adapters/archive/directory/directory_archive.hpp"
#include "adapters/carriers/registry.hpp"
#include "adapters/storage/memory/memory_store.hpp"
#include "adapters/system/openssl_keyring.hpp"
#include "adapters/system/os_random.hpp"
#include "adapters/system/system_clock.hpp"
#include "app/http/server.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;

namespace {

namespace fs = std::filesystem;

std::string wave(std::size_t bytes, std::size_t told) {
  std::string text = "RIFF....WAVE";
  for (std::size_t i = 0; i < 4; ++i)
    text[4 + i] = static_cast<char>((told - 8) >> (8 * i) & 0xFFU);
  text.resize(bytes, 's');
  return text;
}
const std::string kSound = wave(5'000, 5'000);

http::Response audio(std::string body, std::string type = "audio/wav") {
  http::Response response;
  response.content_type = std::move(type);
  response.body = std::move(body);
  return response;
}

// An exchange's address where a test says what each recording is answered with.
class FakeCarrier {
 public:
  using Answer = std::function<http::Response(int nth)>;

  FakeCarrier() {
    http::Router router;
    const http::SyncHandler serve = [this](http::Request& request) {
      const std::lock_guard lock(mutex_);
      const std::string name(request.param("rest"));
      seen.push_back(
          {std::string(request.method), name, std::string(request.header("Authorization"))});
      const auto at = answers_.find(name);
      if (at == answers_.end()) return http::text_response(404, "nothing");
      return at->second(++asked_[name]);
    };
    for (const char* method : {"GET", "DELETE"})
      router.add(method, "/v1/recordings/{rest...}", serve, {.limit_free = true});
    http::ServerConfig config;
    config.listen = {"127.0.0.1:0"};
    config.threads = 1;
    config.public_url = "http://127.0.0.1:0";
    server_ = std::make_unique<http::Server>(std::move(config), std::move(router));
    REQUIRE(server_->start().has_value());
  }
  ~FakeCarrier() { server_->stop(Millis(0)); }

  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_->port()); }
  void says(const std::string& name, Answer answer) {
    const std::lock_guard lock(mutex_);
    answers_[name] = std::move(answer);
  }
  struct Letter {
    std::string method, name, authorization;
  };
  std::vector<Letter> letters() {
    const std::lock_guard lock(mutex_);
    return seen;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Answer> answers_;
  std::map<std::string, int> asked_;
  std::vector<Letter> seen;
  std::unique_ptr<http::Server> server_;
};

struct Nobody final : Observer {
  void on_commit(const Callback*, const Decision&, const Event&) override {}
  void on_trouble(const CallbackId&, const Error&) override {}
};

struct ArchiveThatIsDown final : RecordingArchive {
  std::string name() const override { return "nothing"; }
  ArchiveStep store(const ArchiveItem&, TimePoint) override { return ArchiveOutcome{}; }
  ArchiveStep remove(const std::string&, TimePoint) override { return ArchiveOutcome{}; }
  ArchiveOutcome read_stored(const HttpResponse&) const override { return {}; }
  ArchiveOutcome read_removed(const HttpResponse&) const override { return {}; }
};

class Bureau {
 public:
  explicit Bureau(const std::string& carrier_url) {
    char name[] = "/tmp/ringback-bureau-XXXXXX";
    folder = ::mkdtemp(name);
    policy.keep_recordings = true;
    policy.recording_times.first_retry = Millis(10);
    policy.recording_times.longest_retry = Millis(20);
    add_voice("main", carrier_url);
    auto opened = DirectoryArchive::open(folder + "/kept");
    REQUIRE(opened.has_value());
    archive = std::move(*opened);
    store_thread =
        std::make_unique<StoreThread>(*store, changes, [](double, std::size_t, auto&&) {});
  }
  ~Bureau() {
    if (archivist) archivist->stop(Millis(0));
    store_thread->stop();
    fs::remove_all(folder);
  }

  void add_voice(const std::string& name, const std::string& carrier_url) {
    CarrierSettings settings;
    settings.hmac = [](std::string_view key, std::string_view text) {
      return hmac_sha256(key, text);
    };
    settings.values = {{"base_url", carrier_url}, {"secret", "secret"}, {"sign_key", "key"}};
    auto carrier = make_carrier("simulator", settings);
    REQUIRE(carrier.has_value());
    voices.push_back({name, std::shared_ptr<const Carrier>(std::move(*carrier)), {}});
  }
  Recording heard_of(const std::string& ref, TimePoint known_at = SystemClock().now()) {
    Recording recording;
    recording.id = RecordingId(random.uuid_v7(known_at));
    recording.account = "main";
    recording.ref = ref;
    recording.known_at = recording.due.emplace(known_at);
    REQUIRE(store->recordings().add(recording).value());
    return recording;
  }
  void begin(Millis retention = std::chrono::days(90), std::int64_t most_spooled = 1'000'000) {
    archivist = std::make_unique<Archivist>(*store_thread, board, *archive, metrics,
                                            ArchivistOptions{.development = true,
                                                             .retention = retention,
                                                             .deadline = Seconds(20),
                                                             .housekeeping = Millis(50),
                                                             .spool = folder + "/spool",
                                                             .most_spooled = most_spooled});
    REQUIRE(archivist->start().has_value());
  }
  std::optional<Recording> now(const Recording& recording) {
    return store->recordings().find(recording.id).value();
  }
  bool reaches(const Recording& recording, RecordingState state) {
    return eventually([&] {
      const auto stored = now(recording);
      return stored && stored->state == state;
    });
  }
  static bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 6'000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(Millis(10));
    }
    return false;
  }
  std::string kept(const Recording& recording, AudioType type = AudioType::wav) {
    std::ifstream in(folder + "/kept/" + archive_key(recording, type), std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }
  std::size_t files(const std::string& below) {
    std::size_t count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder + below))
      count += entry.is_regular_file() ? 1 : 0;
    return count;
  }

  std::string folder;
  SystemClock clock;
  OsRandom random;
  OpensslKeyring keys = *OpensslKeyring::from(Secret(std::string(32, 'k')));
  Policy policy;
  std::vector<VoiceAccount> voices;
  std::vector<TextAccount> texts;
  Nobody nobody;
  std::unique_ptr<CallbackStore> store = make_memory_store();
  Changes changes;
  Metrics metrics{"test"};
  Switchboard board{.store = *store,
                    .clock = clock,
                    .ids = random,
                    .keys = keys,
                    .policy = policy,
                    .voices = voices,
                    .texts = texts,
                    .observer = nobody,
                    .claims = {},
                    .openings = {}};
  std::unique_ptr<RecordingArchive> archive;
  std::unique_ptr<StoreThread> store_thread;
  std::unique_ptr<Archivist> archivist;
};

}  // namespace

TEST_CASE("a recording is fetched with the account's credentials and kept as it was",
          "[recordings]") {
  FakeCarrier carrier;
  carrier.says("tape-1", [](int) { return audio(kSound); });
  Bureau bureau(carrier.url());
  const auto recording = bureau.heard_of("tape-1");
  bureau.begin();
  REQUIRE(bureau.reaches(recording, RecordingState::archived));
  CHECK(bureau.kept(recording) == kSound);
  CHECK(bureau.now(recording)->audio.bytes == 5'000);
  CHECK(bureau.now(recording)->audio.type == AudioType::wav);
  CHECK(bureau.files("/spool") == 0);
  REQUIRE(carrier.letters().size() == 1);
  CHECK(carrier.letters()[0].authorization.substr(0, 6) == "Basic ");
}

TEST_CASE("a recording that is not there yet is asked for again", "[recordings]") {
  FakeCarrier carrier;
  carrier.says("tape-1", [](int nth) {
    return nth < 3 ? http::text_response(404, "not yet") : audio("ID3....", "audio/mpeg");
  });
  Bureau bureau(carrier.url());
  const auto recording = bureau.heard_of("tape-1");
  bureau.begin();
  REQUIRE(bureau.reaches(recording, RecordingState::archived));
  CHECK(bureau.kept(recording, AudioType::mp3) == "ID3....");
  CHECK(bureau.now(recording)->tries == 3);
}

TEST_CASE("what is not whole audio is never kept", "[recordings]") {
  FakeCarrier carrier;
  carrier.says("page", [](int) { return http::html_response(200, "<p>Please sign in"); });
  carrier.says("disguise", [](int) { return audio("<!doctype html><p>Please sign in"); });
  carrier.says("half", [](int) { return audio(wave(4'000, 5'000)); });
  carrier.says("empty", [](int) { return audio(""); });
  carrier.says("nothing", [](int) { return http::empty_response(204); });
  Bureau bureau(carrier.url());
  std::vector<Recording> all;
  for (const char* name : {"page", "disguise", "half", "empty", "nothing"})
    all.push_back(bureau.heard_of(name));
  bureau.begin();
  for (const auto& recording : all) {
    INFO(recording.ref);
    CHECK(bureau.reaches(recording, RecordingState::dead));
    CHECK(bureau.now(recording)->fault == RecordingFault::not_audio);
  }
  CHECK(bureau.files("/kept") == 0);
  CHECK(bureau.files("/spool") == 0);
  CHECK(bureau.store->figures().value().recordings_dead == 5);
}

TEST_CASE("a carrier that refuses is believed after a few tries, one that is ill is not",
          "[recordings]") {
  FakeCarrier carrier;
  carrier.says("refused", [](int) { return http::text_response(401, "who are you?"); });
  carrier.says(
      "ill", [](int nth) { return nth < 12 ? http::text_response(503, "later") : audio(kSound); });
  Bureau bureau(carrier.url());
  const auto refused = bureau.heard_of("refused");
  const auto ill = bureau.heard_of("ill");
  auto stranger = bureau.heard_of("tape-9");
  stranger.account = "an account of last year";
  REQUIRE(bureau.store->recordings().put(stranger));
  bureau.begin();
  CHECK(bureau.reaches(refused, RecordingState::dead));
  CHECK(bureau.now(refused)->fault == RecordingFault::carrier_refused);
  CHECK(bureau.reaches(ill, RecordingState::archived));
  CHECK(bureau.reaches(stranger, RecordingState::dead));
  for (const auto& letter : carrier.letters()) CHECK(letter.name != "tape-9");
}

TEST_CASE("what waits for an archive that is down does not fill the disk", "[recordings]") {
  FakeCarrier carrier;
  Bureau bureau(carrier.url());
  bureau.archive = std::make_unique<ArchiveThatIsDown>();
  std::vector<Recording> all;
  for (const char* name : {"tape-1", "tape-2", "tape-3"}) {
    carrier.says(name, [](int) { return audio(kSound); });
    all.push_back(bureau.heard_of(name));
  }
  bureau.begin(std::chrono::days(90), 6'000);
  CHECK(Bureau::eventually([&] {
    return std::all_of(all.begin(), all.end(),
                       [&](const auto& one) { return bureau.now(one)->tries >= 3; });
  }));
  bureau.archivist->stop(Seconds(10));
  CHECK(bureau.files("/spool") == 1);
}

TEST_CASE("the credentials do not follow a redirect", "[recordings]") {
  FakeCarrier carrier;
  FakeCarrier elsewhere;
  elsewhere.says("moved", [](int) { return audio(kSound); });
  elsewhere.says("stolen", [](int) { return audio(kSound); });
  const auto port = elsewhere.url().substr(elsewhere.url().rfind(':'));
  carrier.says("near", [](int) { return http::redirect_response("/v1/recordings/there", 302); });
  carrier.says("there", [](int) { return audio(kSound); });
  carrier.says("far", [&](int) {
    return http::redirect_response(elsewhere.url() + "/v1/recordings/moved", 302);
  });
  // The same machine under a name that is not on the carrier's list, and worse.
  carrier.says("away", [&](int) {
    return http::redirect_response("http://localhost" + port + "/v1/recordings/stolen", 307);
  });
  carrier.says("inside", [](int) {
    return http::redirect_response("http://169.254.169.254/latest/meta-data/", 302);
  });
  carrier.says("file", [](int) { return http::redirect_response("file:///etc/passwd", 302); });
  carrier.says("round", [](int) { return http::redirect_response("/v1/recordings/round", 302); });
  Bureau bureau(carrier.url());
  const auto near = bureau.heard_of("near");
  const auto far = bureau.heard_of("far");
  std::vector<Recording> bad;
  for (const char* name : {"away", "inside", "file", "round"}) bad.push_back(bureau.heard_of(name));
  bureau.begin();
  CHECK(bureau.reaches(near, RecordingState::archived));
  CHECK(bureau.reaches(far, RecordingState::archived));
  for (const auto& recording : bad) {
    INFO(recording.ref);
    CHECK(bureau.reaches(recording, RecordingState::dead));
    CHECK(bureau.now(recording)->fault == RecordingFault::carrier_refused);
  }
  const auto asked = elsewhere.letters();
  REQUIRE(asked.size() == 1);
  CHECK(asked[0].name == "moved");
  CHECK(asked[0].authorization.empty());
}

TEST_CASE("what is too large is not taken, told or not", "[recordings]") {
  char name[] = "/tmp/ringback-spool-XXXXXX";
  const std::string folder = std::string(::mkdtemp(name)) + "/spool";
  Spool spool(folder);
  REQUIRE(spool.clear());
  const RecordingId id(OsRandom().uuid_v7(SystemClock().now()));
  {
    SpoolWriter told(spool, id, 100);
    CHECK_FALSE(told.begin({200, {}, ""}, 101));
    CHECK(told.fault() == RecordingFault::too_large);
    SpoolWriter untold(spool, id, 100);
    REQUIRE(untold.begin({200, {}, ""}, std::nullopt));
    CHECK(untold.take(std::string(100, 'x')));
    CHECK_FALSE(untold.take("x"));
    CHECK(untold.fault() == RecordingFault::too_large);
  }
  CHECK(fs::is_empty(folder));
  SpoolWriter right(spool, id, 100);
  REQUIRE(right.begin({200, {{"content-type", "Audio/X-WAV; rate=8000"}}, ""}, 100));
  CHECK(right.take(wave(100, 100)));
  const auto facts = right.finish();
  REQUIRE(facts);
  CHECK(facts->bytes == 100);
  CHECK(spool.facts_of(id) == facts);
  fs::remove_all(fs::path(folder).parent_path());
}

TEST_CASE("a recording that its carrier cannot delete yet does not keep the others",
          "[recordings]") {
  FakeCarrier carrier;
  carrier.says("stuck", [](int) { return http::text_response(503, "later"); });
  carrier.says("old", [](int) { return http::empty_response(204); });
  Bureau bureau(carrier.url());
  const auto archived = [&](const char* name, int minutes_ago) {
    auto recording = bureau.heard_of(name, SystemClock().now() - Minutes(minutes_ago));
    recording.state = RecordingState::archived;
    recording.due.reset();
    REQUIRE(bureau.store->recordings().put(recording));
    return recording;
  };
  const auto stuck = archived("stuck", 600);
  const auto old = archived("old", 500);
  bureau.begin(Minutes(300));
  CHECK(Bureau::eventually([&] { return !bureau.now(old); }));
  CHECK(bureau.now(stuck));
}

TEST_CASE("many old recordings of a silent carrier do not keep the younger ones of another",
          "[recordings]") {
  FakeCarrier carrier;
  carrier.says("stuck", [](int) { return http::text_response(503, "later"); });
  carrier.says("young", [](int) { return http::empty_response(204); });
  Bureau bureau(carrier.url());
  bureau.add_voice("silent", "http://127.0.0.1:1");
  const auto over = [&](const std::string& account, const std::string& name, int minutes_ago) {
    auto recording = bureau.heard_of(name, SystemClock().now() - Minutes(minutes_ago));
    recording.account = account;
    recording.state = RecordingState::archived;
    recording.due.reset();
    REQUIRE(bureau.store->recordings().put(recording));
    return recording;
  };
  std::vector<Recording> stay;
  for (int i = 0; i < 120; ++i)
    stay.push_back(over("silent", "tape-" + std::to_string(i), 900 - i));
  stay.push_back(over("main", "stuck", 600));
  const auto young = over("main", "young", 500);
  bureau.begin(Minutes(300));
  CHECK(Bureau::eventually([&] { return !bureau.now(young); }));
  for (const auto& recording : stay) CHECK(bureau.now(recording));
  // The walk begins anew: the carrier speaks again.
  carrier.says("stuck", [](int) { return http::empty_response(204); });
  CHECK(Bureau::eventually([&] { return !bureau.now(stay.back()); }));
}

TEST_CASE("a deletion under way does not hold up the end of the program", "[recordings]") {
  FakeCarrier carrier;
  std::promise<void> over;
  std::atomic<bool> asked{false};
  carrier.says("old", [&, until = over.get_future().share()](int) {
    asked = true;
    until.wait_for(std::chrono::minutes(1));
    return http::empty_response(204);
  });
  Bureau bureau(carrier.url());
  auto old = bureau.heard_of("old", SystemClock().now() - Minutes(600));
  old.state = RecordingState::archived;
  old.due.reset();
  REQUIRE(bureau.store->recordings().put(old));
  bureau.begin(Minutes(300));
  REQUIRE(Bureau::eventually([&] { return asked.load(); }));
  const auto begun = std::chrono::steady_clock::now();
  bureau.archivist->stop(Millis(200));
  CHECK(std::chrono::steady_clock::now() - begun < std::chrono::seconds(10));
  over.set_value();
  CHECK(bureau.now(old));
}

TEST_CASE("when its time is over a recording goes everywhere", "[recordings]") {
  FakeCarrier carrier;
  carrier.says("old", [](int) { return http::empty_response(204); });
  carrier.says("kept", [](int) { return http::text_response(403, "no"); });
  Bureau bureau(carrier.url());
  const TimePoint long_ago = SystemClock().now() - Minutes(600);
  const auto archived = [&](const char* name, TimePoint known_at) {
    auto recording = bureau.heard_of(name, known_at);
    recording.state = RecordingState::archived;
    recording.due.reset();
    recording.audio.type = AudioType::wav;
    REQUIRE(bureau.store->recordings().put(recording));
    const auto file = bureau.folder + "/kept/" + archive_key(recording, AudioType::wav);
    fs::create_directories(fs::path(file).parent_path());
    std::ofstream(file) << "RIFF";
    return recording;
  };
  const auto old = archived("old", long_ago);
  const auto kept_by_carrier = archived("kept", long_ago + Millis(1));
  const auto young = archived("young", SystemClock().now());
  bureau.begin(Minutes(300));
  CHECK(Bureau::eventually([&] { return !bureau.now(old) && !bureau.now(kept_by_carrier); }));
  CHECK(bureau.files("/kept") == 1);
  CHECK(bureau.now(young));
  std::vector<std::string> deleted;
  for (const auto& letter : carrier.letters()) {
    CHECK(letter.method == "DELETE");
    deleted.push_back(letter.name);
  }
  CHECK(deleted == std::vector<std::string>{"old", "kept"});
}
