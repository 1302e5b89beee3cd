#include "core/domain/api_key.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace ringback {
namespace {

constexpr std::array<std::string_view, 8> kScopes = {
    "callbacks:read",  "callbacks:read_pii", "callbacks:write", "callbacks:export",
    "recordings:read", "settings:write",     "audit:read",      "privacy:write"};

constexpr std::string_view kPrefix = "rbk_";
constexpr std::size_t kIdSize = 12;      // 60 bits
constexpr std::size_t kSecretSize = 43;  // 256 bits
// Without letters that are taken for each other, since people type ids to revoke keys.
constexpr std::string_view kIdLetters = "0123456789abcdefghjkmnpqrstvwxyz";
constexpr std::string_view kSecretLetters =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

bool all_of_letters(std::string_view text, std::string_view letters) {
  return text.find_first_not_of(letters) == text.npos;
}

std::string secret_text(const IdBytes& first, const IdBytes& second) {
  std::string text;
  std::uint32_t bits = 0;
  int held = 0;
  for (const IdBytes* half : {&first, &second})
    for (const auto byte : *half) {
      bits = bits << 8 | byte;
      for (held += 8; held >= 6; held -= 6) text += kSecretLetters[bits >> (held - 6) & 63];
    }
  text += kSecretLetters[bits << (6 - held) & 63];
  return text;
}

}  // namespace

std::string_view word(Scope scope) { return kScopes[static_cast<std::size_t>(scope)]; }

std::optional<Scope> scope_of(std::string_view word) {
  const auto found = std::find(kScopes.begin(), kScopes.end(), word);
  if (found == kScopes.end()) return std::nullopt;
  return static_cast<Scope>(found - kScopes.begin());
}

std::string scope_words() { return fmt::format("{}", fmt::join(kScopes, ", ")); }

std::string Scopes::text() const {
  std::string words;
  for (std::size_t i = 0; i < kScopes.size(); ++i) {
    if (!has(static_cast<Scope>(i))) continue;
    if (!words.empty()) words += ' ';
    words += kScopes[i];
  }
  return words;
}

std::optional<Scopes> Scopes::from_text(std::string_view text) {
  Scopes scopes;
  while (!text.empty()) {
    const auto end = std::min(text.find(' '), text.size());
    const auto scope = scope_of(text.substr(0, end));
    if (!scope) return std::nullopt;
    scopes.add(*scope);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return scopes;
}

std::optional<ApiKeyParts> read_api_key(std::string_view text) {
  if (!text.starts_with(kPrefix)) return std::nullopt;
  text.remove_prefix(kPrefix.size());
  // A secret may hold "_": the parts are told by their lengths.
  if (text.starts_with("dev_"))
    text.remove_prefix(4);
  else if (text.starts_with("prod_"))
    text.remove_prefix(5);
  else
    return std::nullopt;
  if (text.size() != kIdSize + 1 + kSecretSize || text[kIdSize] != '_') return std::nullopt;
  const ApiKeyParts parts{text.substr(0, kIdSize), text.substr(kIdSize + 1)};
  if (!all_of_letters(parts.id, kIdLetters) || !all_of_letters(parts.secret, kSecretLetters))
    return std::nullopt;
  return parts;
}

FreshApiKey write_api_key(std::string_view environment, const ApiKeyRandom& random) {
  FreshApiKey key;
  for (std::size_t i = 0; i < kIdSize; ++i) key.id += kIdLetters[random[0][i] & 31];
  key.text = Secret(
      fmt::format("{}{}_{}_{}", kPrefix, environment, key.id, secret_text(random[1], random[2])));
  return key;
}

Secret api_key_material(const ApiKey& key, std::string_view secret) {
  return Secret(fmt::format("{}|{}|{}|{}", key.id, key.scopes.text(),
                            key.expires_at.time_since_epoch().count(), secret));
}

}  // namespace ringback
