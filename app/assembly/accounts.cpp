#include "app/assembly/accounts.hpp"

#include <fmt/format.h>

#include "adapters/carriers/registry.hpp"
#include "adapters/system/openssl_digests.hpp"
#include "adapters/system/openssl_keyring.hpp"
#include "app/config/formats.hpp"
#include "core/usecases/capabilities.hpp"

namespace ringback {
namespace {

bool is_here(const std::string& url) {
  const auto address = parse_web_address(url);
  return address && is_loopback(*address);
}

struct Owned {
  std::string account;
  std::string owner;  // as in the profile
  int per_minute = 0;
};

class Examination {
 public:
  Examination(const LoadedConfig& loaded, const Rules& rules)
      : loaded_(loaded), config_(loaded.config), rules_(rules) {}

  std::vector<std::string> problems() {
    for (const auto& name : config_.carrier.voice)
      if (const auto* account = real(name)) examine_voice(*account);
    for (const auto& name : config_.carrier.sms)
      if (const auto* account = real(name)) examine_texts(*account);
    return std::move(problems_);
  }

 private:
  const CarrierAccount* real(const std::string& name) const {
    const auto* account = config_.carrier.account(name);
    const bool known = account != nullptr && carrier_keys(account->kind).has_value();
    return known && account->kind != "simulator" ? account : nullptr;
  }

  void problem(const std::string& key, const std::string& text) {
    auto line = fmt::format("{}: {}: {}", loaded_.where(key), key, text);
    if (std::find(problems_.begin(), problems_.end(), line) == problems_.end())
      problems_.push_back(std::move(line));
  }

  void examine_voice(const CarrierAccount& account) {
    const auto made = make_carrier(account.kind, carrier_settings(config_, account));
    if (!made) return problem("carrier." + account.name, made.error().detail);
    const bool record = config_.call.record != Record::off;
    const CarrierProfile& profile = (*made)->profile();
    for (const auto& unmet : unmet_rules(profile, rules_, record)) problem(unmet.key, unmet.text);
    examine_owner(account, profile.owner, profile.requests_per_minute);
    const auto base = account.values.find("base_url");
    const bool carrier_is_here = base != account.values.end() && is_here(base->second);
    if (!profile.polled && is_here(config_.public_url) && !carrier_is_here)
      problem("public_url",
              fmt::format("is on this machine, where the carrier \"{}\" cannot send its webhooks, "
                          "so no call could be joined. Write the public https address (of a TLS "
                          "proxy or a tunnel), or set carrier.poll = true and call.accept = "
                          "\"none\"",
                          account.name));
  }

  void examine_texts(const CarrierAccount& account) {
    const auto made = make_messenger(account.kind, carrier_settings(config_, account));
    if (!made) return problem("carrier." + account.name, made.error().detail);
    const MessengerProfile& profile = (*made)->profile();
    examine_owner(account, profile.owner, profile.requests_per_minute);
  }

  // Two tables may be one account at the carrier: one for calls, another for texts.
  void examine_owner(const CarrierAccount& account, const std::string& owner, int per_minute) {
    for (const Owned& other : owned_)
      if (!owner.empty() && other.owner == owner && other.per_minute != per_minute)
        problem("carrier." + account.name + ".requests_per_minute",
                fmt::format("is {}, and {} for \"{}\", which is the same account at the carrier "
                            "and has one limit for both. Give both the same",
                            per_minute, other.per_minute, other.account));
    owned_.push_back({account.name, owner, per_minute});
  }

  const LoadedConfig& loaded_;
  const Config& config_;
  const Rules& rules_;
  std::vector<Owned> owned_;
  std::vector<std::string> problems_;
};

}  // namespace

CarrierSettings carrier_settings(const Config& config, const CarrierAccount& account) {
  CarrierSettings settings;
  settings.values = account.values;
  settings.values[std::string(kPollSetting)] = config.carrier.poll ? "true" : "false";
  settings.hmac = [](std::string_view key, std::string_view text) {
    return hmac_sha256(key, text);
  };
  settings.hmac_sha1 = [](std::string_view key, std::string_view text) {
    return hmac_sha1(key, text);
  };
  settings.sha256 = [](std::string_view text) { return sha256(text); };
  return settings;
}

std::vector<std::string> account_problems(const LoadedConfig& loaded, const Rules& rules) {
  return Examination(loaded, rules).problems();
}

}  // namespace ringback
