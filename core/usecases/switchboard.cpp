#include "core/usecases/switchboard.hpp"

#include <algorithm>

#include "core/domain/token.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback {
namespace {

std::string item_text(const CallbackId& id, int item) {
  return id.text() + "|" + std::to_string(item);
}

// The rest of the sixteen bytes is the proof: nobody guesses ninety-six bits, and one guess in four
// thousand million reaches the store.
constexpr std::size_t kTokenSecret = 12;

void put_proof(const Keyring& keys, IdBytes& token) {
  const std::string secret(token.begin(), token.begin() + kTokenSecret);
  const Digest proof = keys.hmac("attempt-token-proof", secret);
  std::copy_n(proof.begin(), token.size() - kTokenSecret, token.begin() + kTokenSecret);
}

const std::string& either(const std::string& owner, const std::string& name) {
  return owner.empty() ? name : owner;
}

}  // namespace

const std::string& pace_of(const VoiceAccount& account) {
  return either(account.carrier->profile().owner, account.name);
}
const std::string& pace_of(const TextAccount& account) {
  return either(account.messenger->profile().owner, account.name);
}

Millis SteadyClaims::of(const CallbackId& id) const {
  const auto found = at.find(id);
  return found == at.end() ? started : found->second;
}

void SteadyClaims::note(const CallbackId& id, std::optional<Millis> when) {
  const auto found = at.find(id);
  if (!when && found == at.end()) return;
  undo.emplace_back(id, found == at.end() ? std::nullopt : std::optional(found->second));
  if (when)
    at[id] = *when;
  else
    at.erase(found);
}

void SteadyClaims::take_back(std::size_t mark) {
  while (undo.size() > mark) {
    const auto& [id, before] = undo.back();
    if (before)
      at[id] = *before;
    else
      at.erase(id);
    undo.pop_back();
  }
}

std::optional<TimePoint> Switchboard::opening_after(TimePoint when) {
  if (when >= openings.from && when < openings.until) {
    if (!openings.opening || *openings.opening > when) return openings.opening;
    return when;
  }
  const auto opening = next_opening(policy.hours, *policy.zone, when);
  openings = {.from = when, .until = when + Minutes(60), .opening = opening};
  if (opening && *opening <= when) {
    // Open: true until it closes.
    const auto closes = closes_at(policy.hours, *policy.zone, when);
    if (closes) openings.until = std::min(*closes, openings.until);
  } else if (opening) {
    openings.until = *opening;
  }
  return opening;
}

int Switchboard::day_of(TimePoint when) const {
  const auto local = policy.zone->to_local(when);
  return static_cast<int>(std::chrono::floor<std::chrono::days>(local).time_since_epoch().count());
}

std::string attempt_token(const Keyring& keys, const CallbackId& id, int attempt) {
  const Digest digest = keys.hmac("attempt-token", item_text(id, attempt));
  IdBytes bytes{};
  std::copy_n(digest.begin(), kTokenSecret, bytes.begin());
  put_proof(keys, bytes);
  return token_text(bytes);
}

bool is_attempt_token(const Keyring& keys, std::string_view text) {
  const auto bytes = token_bytes(text);
  if (!bytes) return false;
  IdBytes proven = *bytes;
  put_proof(keys, proven);
  return same_secret(text, token_text(proven));
}

Digest token_digest(const Keyring& keys, std::string_view token) {
  return keys.hmac("token", token);
}

Digest visitor_token_digest(const Keyring& keys, const CallbackId& id, std::string_view token) {
  constexpr std::size_t kOfId = 8;  // the time, and what tells ids of one millisecond apart
  Digest digest = token_digest(keys, token);
  std::copy_n(id.bytes().begin(), kOfId, digest.begin());
  return digest;
}

Digest phone_digest(const Keyring& keys, const PhoneNumber& phone) {
  return keys.hmac("phone", phone.e164());
}

std::string text_reference(const Keyring& keys, const CallbackId& id, int message) {
  // Without letters and digits that are taken for each other.
  constexpr std::string_view kLetters = "23456789ABCDEFGHJKMNPQRSTVWXYZ";
  const Digest digest = keys.hmac("text-reference", item_text(id, message));
  std::string code;
  for (int i = 0; i < 5; ++i)
    code += kLetters[digest[static_cast<std::size_t>(i)] % kLetters.size()];
  return code;
}

}  // namespace ringback
