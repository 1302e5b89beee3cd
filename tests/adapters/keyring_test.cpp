#include "adapters/system/openssl_keyring.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <thread>

#include "adapters/system/os_random.hpp"
#include "adapters/system/secret_file.hpp"
#include "adapters/system/system_clock.hpp"
#include "core/domain/verification.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;

namespace {

OpensslKeyring keyring(char filler = 'k') {
  return OpensslKeyring::from(Secret(std::string(32, filler))).value();
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const auto byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

class Folder {
 public:
  Folder() {
    std::string name = (std::filesystem::temp_directory_path() / "ringback-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  ~Folder() { std::filesystem::remove_all(path_); }
  std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

void write(const std::string& path, const std::string& text, mode_t mode) {
  std::ofstream(path) << text;
  REQUIRE(::chmod(path.c_str(), mode) == 0);
}

}  // namespace

TEST_CASE("a short secret key is refused", "[keyring]") {
  const auto made = OpensslKeyring::from(Secret(std::string(31, 'x')));
  REQUIRE_FALSE(made);
  CHECK(made.error().detail.find("openssl rand") != std::string::npos);
}

TEST_CASE("a sealed value that was changed anywhere does not open", "[keyring]") {
  const auto keys = keyring();
  const std::string sealed = keys.seal("totp", "JBSWY3DPEHPK3PXP", "people|1|totp");
  for (std::size_t i = 0; i < sealed.size(); ++i) {
    std::string changed = sealed;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    REQUIRE_FALSE(keys.open("totp", changed, "people|1|totp"));
  }
  for (std::size_t size = 0; size < sealed.size(); ++size)
    REQUIRE_FALSE(keys.open("totp", sealed.substr(0, size), "people|1|totp"));
  CHECK_FALSE(keys.open("totp", sealed + "x", "people|1|totp"));
  CHECK_FALSE(keys.open("totp", sealed, "people|2|totp"));
  CHECK_FALSE(keys.open("smtp", sealed, "people|1|totp"));
  CHECK(*keys.open("totp", sealed, "people|1|totp") == "JBSWY3DPEHPK3PXP");
}

TEST_CASE("another secret key is told apart from a changed value", "[keyring]") {
  const std::string sealed = keyring('a').seal("p", "plain", "");
  const auto opened = keyring('b').open("p", sealed, "");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().detail.find("another secret_key") != std::string::npos);
}

TEST_CASE("sealing hides, and never repeats itself", "[keyring]") {
  const auto keys = keyring();
  const std::string one = keys.seal("p", "the same plain text", "aad");
  CHECK(one != keys.seal("p", "the same plain text", "aad"));
  CHECK(one.find("plain") == std::string::npos);
  CHECK(keys.open("p", keys.seal("p", "", ""), "")->empty());
  const std::string large(1 << 20, '\xab');
  CHECK(*keys.open("p", keys.seal("p", large, large), large) == large);
}

TEST_CASE("digests are keyed, and each purpose has its own key", "[keyring]") {
  const auto keys = keyring();
  const Digest digest = keys.hmac("code", "v1|x");
  CHECK(keys.same(digest, keyring().hmac("code", "v1|x")));
  CHECK_FALSE(keys.same(digest, keys.hmac("token", "v1|x")));
  CHECK_FALSE(keys.same(digest, keys.hmac("code", "v1|y")));
  CHECK_FALSE(keys.same(digest, keyring('z').hmac("code", "v1|x")));
}

TEST_CASE("the primitives give their published answers", "[keyring]") {
  const auto number = *PhoneNumber::from_e164("+15555550100");
  CHECK(hex(hmac_sha256("otp-pepper", code_binding_text("chal_01", number, "123456"))) ==
        "2509d4eb407ed4451e3caf72bdbf6f8939f3dc72c96f81a8d96edfd5ae2be7d1");
  // RFC 4231, case 2; RFC 5869, case 3 (first block)
  CHECK(hex(hmac_sha256("Jefe", "what do ya want for nothing?")) ==
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  CHECK(hex(hkdf_sha256("", std::string(22, '\x0b'), "")) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d");
}

TEST_CASE("a secret that others may read is not read", "[secret-file]") {
  const Folder folder;
  const std::string path = folder.file("secret");
  for (const mode_t mode : {0644, 0604, 0606, 0660, 0620}) {
    write(path, "0123456789abcdef0123456789abcdef\n", mode);
    const auto secret = load_or_create_secret(path);
    REQUIRE_FALSE(secret);
    CHECK(secret.error().detail.find("chmod 600 " + path) != std::string::npos);
    CHECK(secret.error().detail.find("0123456789") == std::string::npos);
  }
  for (const mode_t mode : {0600, 0400, 0440}) {
    write(path, "0123456789abcdef0123456789abcdef\r\n", mode);
    CHECK(read_secret_file(path)->reveal() == "0123456789abcdef0123456789abcdef");
    REQUIRE(::chmod(path.c_str(), 0600) == 0);
  }
}

TEST_CASE("files that hold no secret are refused, not replaced", "[secret-file]") {
  const Folder folder;
  CHECK(read_secret_file(folder.file("none")).error().code == Errc::not_found);
  write(folder.file("empty"), "\n", 0600);
  CHECK_FALSE(load_or_create_secret(folder.file("empty")));
  write(folder.file("large"), std::string(100'000, 'x'), 0600);
  CHECK_FALSE(load_or_create_secret(folder.file("large")));
  CHECK_FALSE(load_or_create_secret(folder.file("")));  // the folder itself
  CHECK(load_or_create_secret(folder.file("no/such/folder")).error().code == Errc::storage_failed);
  REQUIRE(::mkfifo(folder.file("pipe").c_str(), 0600) == 0);
  CHECK_FALSE(read_secret_file(folder.file("pipe")));
}

TEST_CASE("the secret key is made once, for its owner alone", "[secret-file]") {
  const Folder folder;
  const std::string path = folder.file("secret_key");
  std::vector<std::string> seen(8);
  std::vector<std::thread> threads;
  for (auto& one : seen)
    threads.emplace_back([&one, &path] {
      if (const auto secret = load_or_create_secret(path)) one = secret->reveal();
    });
  for (auto& thread : threads) thread.join();
  CHECK(seen.front().size() == 64);
  CHECK(std::set<std::string>(seen.begin(), seen.end()).size() == 1);
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  CHECK((status.st_mode & 0777) == 0600);
  const auto left = std::filesystem::directory_iterator(std::filesystem::path(path).parent_path());
  CHECK(std::distance(begin(left), end(left)) == 1);
}

TEST_CASE("ids are in order of birth, within a millisecond and after a step back", "[random]") {
  OsRandom random;
  const TimePoint start{Millis{0x0192'0000'0000}};
  IdBytes last = random.uuid_v7(start);
  for (int i = 0; i < 50'000; ++i) {
    const Millis wobble{(i % 7) - 3};
    const IdBytes next = random.uuid_v7(start + Millis{i / 1000} + wobble);
    REQUIRE(last < next);
    last = next;
  }
}

TEST_CASE("an id tells its time, version and variant", "[random]") {
  OsRandom random;
  const IdBytes id = random.uuid_v7(TimePoint{Millis{0x0192'3456'789a}});
  const std::string text = uuid_text(id);
  CHECK(text.substr(0, 15) == "01923456-789a-7");
  CHECK((id[8] & 0xC0) == 0x80);
  // A clock that was set right by much is believed.
  CHECK(uuid_text(random.uuid_v7(TimePoint{Millis{0x0191'0000'0000}})).substr(0, 13) ==
        "01910000-0000");
  CHECK(uuid_text(random.uuid_v7(TimePoint{Millis{-5}})).substr(0, 13) == "00000000-0000");
}

TEST_CASE("many threads get ids of their own", "[random]") {
  OsRandom random;
  std::vector<std::vector<IdBytes>> all(4);
  std::vector<std::thread> threads;
  for (auto& some : all)
    threads.emplace_back([&some, &random] {
      for (int i = 0; i < 2000; ++i) some.push_back(random.uuid_v7(TimePoint{Millis{1}}));
    });
  for (auto& thread : threads) thread.join();
  std::set<IdBytes> distinct;
  for (const auto& some : all) distinct.insert(some.begin(), some.end());
  CHECK(distinct.size() == 8000);
  CHECK(random.random16() != random.random16());
}

TEST_CASE("the clock shows this century and its other hand never goes back", "[clock]") {
  const SystemClock clock;
  CHECK(clock.now() > TimePoint{Millis{1'700'000'000'000}});
  const Millis before = clock.steady();
  CHECK(clock.steady() >= before);
}
