// Keys: made, told apart, and worth nothing once anything about them was changed.
#include "core/usecases/api_keys.hpp"

#include "adapters/storage/memory/memory_accounts.hpp"
#include "tests/usecases/support/office.hpp"

using namespace ringback;
using namespace ringback::office;
using Told = KeyCheck::Verdict;

namespace {

struct Desk {
  std::unique_ptr<AccountStore> accounts = make_memory_accounts();
  CountingIds ids;
  OpensslKeyring keys = *OpensslKeyring::from(Secret(std::string(40, 'k')));
  TimePoint now{Seconds(1'795'000'000)};

  NewKey made(std::initializer_list<Scope> scopes = {Scope::callbacks_read}) {
    KeyWish wish{.name = "night script", .scopes = {}, .environment = "dev"};
    for (const auto scope : scopes) wish.scopes.add(scope);
    auto key = make_key(*accounts, ids, keys, wish, now);
    REQUIRE(key.has_value());
    return *std::move(key);
  }
  KeyCheck check(const std::string& presented) {
    const auto checked = check_key(*accounts, keys, presented, now);
    REQUIRE(checked.has_value());
    return *checked;
  }
};

}  // namespace

TEST_CASE("key: nothing, nonsense and near misses are unknown", "[keys]") {
  Desk desk;
  const std::string good = desk.made().text.reveal();
  REQUIRE(desk.check(good).verdict == Told::good);
  std::vector<std::string> wrong = {"",       "rbk_",     "rbk_dev",      "rbk_dev_", "rbk_prod_",
                                    "Bearer", good + "x", good.substr(1), " " + good, good + " "};
  for (std::size_t i = 0; i < good.size(); ++i) {
    std::string other = good;
    other[i] = other[i] == 'a' ? 'b' : 'a';
    wrong.push_back(other);
    wrong.push_back(good.substr(0, i));
  }
  for (const auto& text : wrong) {
    INFO(text);
    CHECK(desk.check(text).verdict == Told::unknown);
  }
}

TEST_CASE("key: it says which set-up it is for, and its parts are told by their lengths",
          "[keys]") {
  const ApiKeyRandom ones{IdBytes{}, IdBytes{}, IdBytes{}};
  const auto key = write_api_key("prod", ones);
  CHECK(key.id == "000000000000");
  CHECK(key.text.reveal() == "rbk_prod_000000000000_" + std::string(43, 'A'));
  ApiKeyRandom high;
  for (auto& bytes : high) bytes.fill(0xff);
  const auto other = write_api_key("dev", high);
  CHECK(other.id == "zzzzzzzzzzzz");
  CHECK(other.text.reveal() == "rbk_dev_zzzzzzzzzzzz_" + std::string(42, '_') + "8");
  const auto parts = read_api_key(other.text.reveal());
  REQUIRE(parts);
  CHECK(parts->id == other.id);
  CHECK(parts->secret.size() == 43);
}

TEST_CASE("key: nothing that is stored opens anything", "[keys]") {
  Desk desk;
  const auto key = desk.made();
  const auto stored = desk.accounts->find_key(key.key.id).value().value();
  std::string digest;
  for (const auto byte : stored.digest) digest += static_cast<char>(byte);
  CHECK(key.text.reveal().find(digest) == std::string::npos);
  CHECK_FALSE(desk.keys.same(stored.digest, Digest{}));
}

TEST_CASE("key: revoked and run out are told to who holds all of it, and to nobody else",
          "[keys]") {
  Desk desk;
  const auto key = desk.made();
  const std::string text = key.text.reveal();
  std::string other = text;
  other.back() = other.back() == 'A' ? 'E' : 'A';
  SECTION("run out, to the millisecond") {
    desk.now = key.key.expires_at - Millis(1);
    CHECK(desk.check(text).verdict == Told::good);
    desk.now = key.key.expires_at;
    CHECK(desk.check(text).verdict == Told::expired);
  }
  SECTION("revoked") {
    REQUIRE(desk.accounts->revoke_key(key.key.id, desk.now));
    CHECK(desk.check(text).verdict == Told::revoked);
    CHECK(desk.check(text).key.id == key.key.id);
  }
  CHECK(desk.check(other).verdict == Told::unknown);
  CHECK(desk.check(other).key.id.empty());
}

TEST_CASE("key: a row with other scopes or a longer life opens nothing", "[keys]") {
  Desk desk;
  const auto key = desk.made();
  for (const bool longer : {false, true}) {
    auto forged = key.key;
    if (longer)
      forged.expires_at += std::chrono::days(1);
    else
      forged.scopes.add(Scope::callbacks_write);
    desk.accounts = make_memory_accounts();
    REQUIRE(desk.accounts->add_key(forged));
    CHECK(desk.check(key.text.reveal()).verdict == Told::unknown);
  }
}

TEST_CASE("key: another secret key knows none of them", "[keys]") {
  Desk desk;
  const auto key = desk.made();
  const auto others = *OpensslKeyring::from(Secret(std::string(40, 'x')));
  const auto checked = check_key(*desk.accounts, others, key.text.reveal(), desk.now);
  CHECK(checked->verdict == Told::unknown);
}

TEST_CASE("key: its use is noted once a minute, and only good use", "[keys]") {
  Desk desk;
  const auto key = desk.made();
  const auto used = [&] { return desk.accounts->find_key(key.key.id).value()->last_used_at; };
  CHECK_FALSE(used());
  desk.check(key.text.reveal());
  const auto first = desk.now;
  CHECK(used() == first);
  desk.now += Seconds(59);
  desk.check(key.text.reveal());
  CHECK(used() == first);
  desk.now += Seconds(1);
  desk.check(key.text.reveal());
  CHECK(used() == desk.now);
  REQUIRE(desk.accounts->revoke_key(key.key.id, desk.now));
  const auto last = desk.now;
  desk.now += Minutes(5);
  desk.check(key.text.reveal());
  CHECK(used() == last);
}

TEST_CASE("scopes: each has a word, and the words come back", "[keys]") {
  Scopes all;
  for (int i = 0; i < 8; ++i) {
    const auto scope = static_cast<Scope>(i);
    CHECK_FALSE(all.has(scope));
    all.add(scope);
    CHECK(all.has(scope));
    CHECK(scope_of(word(scope)) == scope);
  }
  CHECK(Scopes::from_text(all.text()) == all);
  CHECK(Scopes::from_text("") == Scopes{});
  CHECK_FALSE(Scopes::from_text("callbacks:read everything"));
  CHECK_FALSE(Scopes::from_text("callbacks:read  callbacks:write"));
  CHECK_FALSE(scope_of("callbacks:*"));
  CHECK_FALSE(scope_of(""));
}
