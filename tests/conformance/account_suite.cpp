#include "tests/conformance/account_suite.hpp"

#include "tests/conformance/store_samples.hpp"
#include "tests/support/catch.hpp"

namespace ringback::conformance {

ApiKey a_key(std::string id, std::int64_t made_at) {
  ApiKey key;
  key.id = std::move(id);
  key.name = "Zoë's \"night\" script";
  key.digest = digest(static_cast<std::uint32_t>(made_at) + 7);
  key.scopes.add(Scope::callbacks_read);
  key.scopes.add(Scope::callbacks_write);
  key.created_at = at(made_at);
  key.expires_at = at(made_at + 1'000);
  return key;
}

void check_accounts(const MakeAccounts& make) {
  const auto accounts = make();

  SECTION("what is not there is not found, not revoked, and its use is nobody's") {
    CHECK(accounts->find_key("0123456789ab").value() == std::nullopt);
    CHECK(accounts->keys().value().empty());
    CHECK(accounts->revoke_key("0123456789ab", at(1)).error().code == Errc::not_found);
    CHECK(accounts->note_key_use("0123456789ab", at(1)));
  }
  SECTION("a key comes back as it was, every member of it") {
    auto key = a_key("0123456789ab");
    key.last_used_at = at(3);
    key.revoked_at = at(4);
    REQUIRE(accounts->add_key(key));
    CHECK(accounts->find_key(key.id).value() == key);
    CHECK(accounts->keys().value() == std::vector{key});
  }
  SECTION("an id is given once") {
    REQUIRE(accounts->add_key(a_key("0123456789ab")));
    auto another = a_key("0123456789ab");
    another.name = "another";
    CHECK(accounts->add_key(another).error().code == Errc::conflict);
    CHECK(accounts->find_key("0123456789ab").value() == a_key("0123456789ab"));
  }
  SECTION("an id is whole, and one spelling is not another") {
    REQUIRE(accounts->add_key(a_key("0123456789ab")));
    for (const auto* other : {"", "0123456789a", "0123456789AB", "0123456789abc", "%"})
      CHECK(accounts->find_key(other).value() == std::nullopt);
  }
  SECTION("they are listed oldest first, the revoked ones too") {
    REQUIRE(accounts->add_key(a_key("cccccccccccc", 2)));
    REQUIRE(accounts->add_key(a_key("aaaaaaaaaaaa", 3)));
    REQUIRE(accounts->add_key(a_key("bbbbbbbbbbbb", 1)));
    REQUIRE(accounts->revoke_key("cccccccccccc", at(9)));
    std::string ids;
    for (const auto& key : accounts->keys().value()) ids += key.id.substr(0, 1);
    CHECK(ids == "bca");
  }
  SECTION("revoked is revoked: a second time changes nothing") {
    REQUIRE(accounts->add_key(a_key("0123456789ab")));
    CHECK(accounts->revoke_key("0123456789ab", at(5)).value().revoked_at == at(5));
    CHECK(accounts->revoke_key("0123456789ab", at(6)).value().revoked_at == at(5));
    CHECK(accounts->find_key("0123456789ab").value()->revoked_at == at(5));
  }
  SECTION("its last use is noted, of it alone") {
    REQUIRE(accounts->add_key(a_key("0123456789ab")));
    REQUIRE(accounts->add_key(a_key("bbbbbbbbbbbb")));
    REQUIRE(accounts->note_key_use("0123456789ab", at(5)));
    CHECK(accounts->find_key("0123456789ab").value()->last_used_at == at(5));
    CHECK_FALSE(accounts->find_key("bbbbbbbbbbbb").value()->last_used_at);
  }
}

}  // namespace ringback::conformance
