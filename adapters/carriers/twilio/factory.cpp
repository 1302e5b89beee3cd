#include "adapters/carriers/twilio/factory.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "adapters/carriers/twilio/carrier.hpp"
#include "adapters/carriers/twilio/messenger.hpp"

namespace ringback {
namespace {

using Shape = SettingKey::Shape;
using twilio::Dialect;

// clang-format off
constexpr SettingKey kTwilioKeys[] = {
    {.name = "account_sid"},
    {.name = "auth_token", .shape = Shape::secret},
    {.name = "auth_token_secondary", .shape = Shape::secret},
    {.name = "api_key_sid"},
    {.name = "api_key_secret", .shape = Shape::secret},
    {.name = "from", .shape = Shape::phone},
    {.name = "sms_from"},
    {.name = "messaging_service_sid"},
    {.name = "base_url", .shape = Shape::web_address, .usual = "https://api.twilio.com"},
    {.name = "calls_per_second", .shape = Shape::number, .usual = "1", .low = 0.01, .high = 1000},
    {.name = "machine_detection", .shape = Shape::choice, .usual = "off", .words = "off on"},
    {.name = "voice"},
    {.name = "language"},
};
constexpr SettingKey kSignalWireKeys[] = {
    {.name = "account_sid"},
    {.name = "auth_token", .shape = Shape::secret},
    {.name = "signing_key", .shape = Shape::secret},
    {.name = "from", .shape = Shape::phone},
    {.name = "sms_from"},
    {.name = "base_url", .shape = Shape::web_address},
    {.name = "calls_per_second", .shape = Shape::number, .usual = "1", .low = 0.01, .high = 1000},
    {.name = "machine_detection", .shape = Shape::choice, .usual = "off", .words = "off on"},
    {.name = "voice"},
    {.name = "language"},
};
// clang-format on

class Reader {
 public:
  Reader(const Dialect& dialect, std::span<const SettingKey> keys, const CarrierSettings& settings)
      : settings_(settings) {
    account_.dialect = &dialect;
    for (const auto& [name, value] : settings.values) {
      const bool known = name == kPollSetting ||
                         std::any_of(keys.begin(), keys.end(),
                                     [&name = name](const auto& key) { return key.name == name; });
      if (!known) wrong("there is no setting \"" + name + "\"");
    }
    read_credentials();
    read_numbers();
    account_.base_url = value("base_url");
    while (account_.base_url.ends_with('/')) account_.base_url.pop_back();
    if (account_.base_url.empty()) wrong("base_url is missing: the address of your space");
    account_.detects_machines = value("machine_detection") == "on";
    account_.voice = value("voice");
    account_.language = value("language");
    account_.polled = value(kPollSetting) == "true";
  }

  void needs_from() {
    if (account_.from.empty()) wrong("from is missing: the number that calls");
  }
  void needs_sender() {
    if (account_.sms_from.empty()) account_.sms_from = account_.from.e164();
    if (account_.sms_from.empty() && account_.messaging_service_sid.empty())
      wrong("sms_from or messaging_service_sid is missing: who sends the texts");
  }

  Result<TwilioAccount> account() {
    if (problems_.empty()) return std::move(account_);
    return Error{Errc::invalid_input, problems_};
  }

 private:
  std::string value(std::string_view name) const {
    const auto at = settings_.values.find(name);
    return at == settings_.values.end() ? "" : at->second;
  }
  void wrong(const std::string& text) { problems_ += (problems_.empty() ? "" : "; ") + text; }

  void read_credentials() {
    account_.account_sid = value("account_sid");
    if (!account_.dialect->is_id(account_.account_sid, "AC"))
      wrong(account_.account_sid.empty()
                ? "account_sid is missing: copy it from the carrier's console"
                : "account_sid does not look like one: copy it from the carrier's console");
    account_.auth_token = value("auth_token");
    if (account_.auth_token.empty())
      wrong("auth_token is missing: webhooks are signed with it, also where an API key is used");
    account_.api_user = account_.account_sid;
    account_.api_password = account_.auth_token;
    const auto key = value("api_key_sid");
    const auto secret = value("api_key_secret");
    if (key.empty() != secret.empty())
      wrong("api_key_sid and api_key_secret belong together: set both or none");
    if (!key.empty() && !secret.empty()) {
      account_.api_user = key;
      account_.api_password = secret;
    }
    // A dialect with a key of its own for webhooks signs with that alone.
    const auto own = value("signing_key");
    account_.signing_keys = {own.empty() ? account_.auth_token : own};
    if (const auto next = value("auth_token_secondary"); !next.empty())
      account_.signing_keys.push_back(next);
  }

  void read_numbers() {
    const auto from = value("from");
    const auto number = PhoneNumber::from_e164(from);
    if (!from.empty() && !number) wrong("from is not a number in E.164 form");
    account_.from = number.value_or(PhoneNumber{});
    account_.sms_from = value("sms_from");
    account_.messaging_service_sid = value("messaging_service_sid");
    const auto service = account_.messaging_service_sid;
    if (!service.empty() && !account_.dialect->is_id(service, "MG"))
      wrong("messaging_service_sid does not look like one (MG…)");
    if (!service.empty() && !account_.sms_from.empty())
      wrong("sms_from and messaging_service_sid are both set: a text has one sender, remove one");
    const auto pace = value("calls_per_second");
    double number_of = 1;
    std::from_chars(pace.data(), pace.data() + pace.size(), number_of);
    account_.calls_per_second = number_of > 0 ? number_of : 1;
  }

  const CarrierSettings& settings_;
  TwilioAccount account_;
  std::string problems_;
};

Result<std::unique_ptr<Carrier>> make_carrier_of(const Dialect& dialect,
                                                 std::span<const SettingKey> keys,
                                                 const CarrierSettings& settings) {
  Reader reader(dialect, keys, settings);
  reader.needs_from();
  auto account = reader.account();
  if (!account) return account.error();
  return std::unique_ptr<Carrier>(std::make_unique<TwilioCarrier>(
      std::move(*account), twilio::SignatureCheck{settings.hmac_sha1, settings.sha256}));
}

Result<std::unique_ptr<Messenger>> make_messenger_of(const Dialect& dialect,
                                                     std::span<const SettingKey> keys,
                                                     const CarrierSettings& settings) {
  Reader reader(dialect, keys, settings);
  reader.needs_sender();
  auto account = reader.account();
  if (!account) return account.error();
  return std::unique_ptr<Messenger>(std::make_unique<TwilioMessenger>(std::move(*account)));
}

}  // namespace

std::span<const SettingKey> twilio_keys() { return kTwilioKeys; }
Result<std::unique_ptr<Carrier>> make_twilio_carrier(const CarrierSettings& settings) {
  return make_carrier_of(twilio::kTwilio, kTwilioKeys, settings);
}
Result<std::unique_ptr<Messenger>> make_twilio_messenger(const CarrierSettings& settings) {
  return make_messenger_of(twilio::kTwilio, kTwilioKeys, settings);
}

std::span<const SettingKey> signalwire_keys() { return kSignalWireKeys; }
Result<std::unique_ptr<Carrier>> make_signalwire_carrier(const CarrierSettings& settings) {
  return make_carrier_of(twilio::kSignalWire, kSignalWireKeys, settings);
}
Result<std::unique_ptr<Messenger>> make_signalwire_messenger(const CarrierSettings& settings) {
  return make_messenger_of(twilio::kSignalWire, kSignalWireKeys, settings);
}

}  // namespace ringback
