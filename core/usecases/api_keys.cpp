#include "core/usecases/api_keys.hpp"

namespace ringback {
namespace {

constexpr std::string_view kPurpose = "api-key";
constexpr Minutes kUseNoted{1};

Digest digest_of(const Keyring& keys, const ApiKey& key, std::string_view secret) {
  return keys.hmac(kPurpose, api_key_material(key, secret).reveal());
}

}  // namespace

Result<NewKey> make_key(AccountStore& accounts, IdSource& ids, const Keyring& keys,
                        const KeyWish& wish, TimePoint now) {
  auto fresh = write_api_key(wish.environment, {ids.random16(), ids.random16(), ids.random16()});
  NewKey made;
  made.key = {.id = fresh.id,
              .name = wish.name,
              .digest = {},
              .scopes = wish.scopes,
              .created_at = now,
              .expires_at = now + wish.life,
              .last_used_at = {},
              .revoked_at = {}};
  made.key.digest = digest_of(keys, made.key, read_api_key(fresh.text.reveal())->secret);
  made.text = std::move(fresh.text);
  const auto added = accounts.add_key(made.key);
  if (!added) return added.error();
  return made;
}

Result<KeyCheck> check_key(AccountStore& accounts, const Keyring& keys, std::string_view presented,
                           TimePoint now) {
  KeyCheck check;
  const auto parts = read_api_key(presented);
  if (!parts) return check;
  auto found = accounts.find_key(parts->id);
  if (!found) return found.error();
  const bool known = found->has_value();
  ApiKey key = known ? *std::move(*found) : ApiKey{};
  if (!keys.same(digest_of(keys, key, parts->secret), key.digest) || !known) return check;

  check.verdict = key.revoked_at          ? KeyCheck::Verdict::revoked
                  : key.expires_at <= now ? KeyCheck::Verdict::expired
                                          : KeyCheck::Verdict::good;
  const bool due = !key.last_used_at || now - *key.last_used_at >= kUseNoted;
  // A full disk must not keep an operator from looking.
  if (check.verdict == KeyCheck::Verdict::good && due)
    static_cast<void>(accounts.note_key_use(key.id, now));
  check.key = std::move(key);
  return check;
}

std::string actor_of(const ApiKey& key) { return "key:" + key.id; }

}  // namespace ringback
