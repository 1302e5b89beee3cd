#include "adapters/carriers/exotel/factory.hpp"

#include <charconv>
#include <utility>

#include "adapters/carriers/exotel/carrier.hpp"
#include "adapters/carriers/exotel/messenger.hpp"
#include "adapters/carriers/exotel/wording.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback {
namespace {

using exotel::Account;

using Shape = SettingKey::Shape;

constexpr std::size_t kShortestSecret = 16;
constexpr double kFewestRequests = 10;
constexpr double kMostRequests = 1'000'000;

// clang-format off
constexpr SettingKey kKeys[] = {
    {.name = "account_sid"},
    {.name = "api_key", .shape = Shape::secret},
    {.name = "api_token", .shape = Shape::secret},
    {.name = "base_url", .shape = Shape::web_address, .usual = "https://api.exotel.com"},
    {.name = "caller_id", .shape = Shape::phone},
    {.name = "flow_url"},
    {.name = "flow_secret", .shape = Shape::secret},
    {.name = "sms_sender"},
    {.name = "dlt_entity_id"},
    {.name = "dlt_code_template_id"},
    {.name = "dlt_missed_template_id"},
    {.name = "code_text"},
    {.name = "missed_text"},
    {.name = "requests_per_minute", .shape = Shape::number, .usual = "200", .low = kFewestRequests, .high = kMostRequests},
};
// clang-format on

struct TextRow {
  std::string_view key;
  std::string& (*value)(Account&);
  bool needed = false;
};
constexpr TextRow kTexts[] = {
    {"base_url", [](Account& a) -> std::string& { return a.base_url; }, true},
    {"account_sid", [](Account& a) -> std::string& { return a.account_sid; }, true},
    {"api_key", [](Account& a) -> std::string& { return a.api_key; }, true},
    {"api_token", [](Account& a) -> std::string& { return a.api_token; }, true},
    {"flow_url", [](Account& a) -> std::string& { return a.flow_url; }},
    {"flow_secret", [](Account& a) -> std::string& { return a.flow_secret; }},
    {"sms_sender", [](Account& a) -> std::string& { return a.sms_sender; }},
    {"dlt_entity_id", [](Account& a) -> std::string& { return a.dlt_entity_id; }},
    {"dlt_code_template_id", [](Account& a) -> std::string& { return a.code.template_id; }},
    {"dlt_missed_template_id", [](Account& a) -> std::string& { return a.missed.template_id; }},
    {"code_text", [](Account& a) -> std::string& { return a.code.text; }},
    {"missed_text", [](Account& a) -> std::string& { return a.missed.text; }},
};

Error wrong(std::string detail) { return {Errc::invalid_input, std::move(detail)}; }

bool take_text(Account& account, std::string_view key, const std::string& value) {
  for (const auto& row : kTexts) {
    if (row.key != key) continue;
    row.value(account) = value;
    return true;
  }
  return false;
}

Result<Account> read(const CarrierSettings& settings) {
  Account account;
  for (const auto& [key, value] : settings.values) {
    if (take_text(account, key, value)) continue;
    if (key == "caller_id") {
      const auto number = PhoneNumber::from_e164(value);
      if (!number && !value.empty())
        return wrong("caller_id is not a number in E.164 form, like +918047112345");
      account.caller_id = number.value_or(PhoneNumber{});
    } else if (key == "requests_per_minute") {
      double number = 0;
      const auto end = value.data() + value.size();
      const auto got = std::from_chars(value.data(), end, number);
      if (got.ec != std::errc{} || got.ptr != end || number < kFewestRequests ||
          number > kMostRequests)
        return wrong("requests_per_minute is not a number from 10 on");
      account.requests_per_minute = static_cast<int>(number);
    } else if (key == kPollSetting) {
      account.polled = value == "true";
    } else {
      return wrong("exotel has no setting \"" + key + "\"");
    }
  }
  if (!account.base_url.empty() && account.base_url.back() == '/') account.base_url.pop_back();
  for (const auto& row : kTexts)
    if (row.needed && row.value(account).empty())
      return wrong("exotel needs " + std::string(row.key));
  return account;
}

// Nobody has to think one up: whoever has the token has the secret. To keep the flow's addresses
// over a new token, set it.
std::string usual_flow_secret(const Account& account, const Hmac& hmac) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  constexpr std::size_t kBytes = 16;
  std::string secret;
  const Digest digest = hmac(account.api_token, "flow of " + account.account_sid);
  for (std::size_t i = 0; i < kBytes; ++i) {
    secret += kDigits[digest[i] >> 4U];
    secret += kDigits[digest[i] & 15U];
  }
  return secret;
}

// It is a segment of a path that is typed into Exotel's dashboard, and all that guards it.
bool is_flow_secret(std::string_view text) {
  return text.size() >= kShortestSecret && percent_encoded(text) == text;
}

Result<void> check_voice(const Account& account) {
  if (account.caller_id.empty())
    return wrong("exotel needs caller_id: the ExoPhone that both parties see");
  if (!account.flow_secret.empty() && !is_flow_secret(account.flow_secret))
    return wrong(
        "flow_secret stands in the flow's addresses and guards them: 16 characters or more, only "
        "letters, digits, -, ., _ and ~. Without the key one is made");
  if (account.has_flow() && account.polled)
    return wrong("a flow asks us what to do, so flow_url needs a public address: poll must be off");
  return {};
}

Result<void> check_wording(std::string_view key, const exotel::Wording& wording,
                           const std::vector<std::string_view>& known,
                           const std::vector<std::string_view>& needed) {
  if (wording.text.empty()) return {};
  const auto fault = exotel::fault_in(wording.text, known, needed);
  if (!fault.empty()) return wrong(std::string(key) + " " + fault);
  return {};
}

Result<void> check_texts(const Account& account) {
  if (account.sms_sender.empty() && account.caller_id.empty())
    return wrong("exotel needs sms_sender, or a caller_id from which texts go out");
  auto code = check_wording("code_text", account.code, {"business", "code", "minutes"}, {"code"});
  if (!code) return code;
  return check_wording("missed_text", account.missed,
                       {"business", "name", "phone", "reason", "time", "message", "reference"},
                       {"phone"});
}

}  // namespace

std::span<const SettingKey> exotel_keys() { return kKeys; }

Result<std::unique_ptr<Carrier>> make_exotel_carrier(const CarrierSettings& settings) {
  auto account = read(settings);
  if (!account) return account.error();
  if (const auto good = check_voice(*account); !good) return good.error();
  if (account->has_flow() && account->flow_secret.empty())
    account->flow_secret = usual_flow_secret(*account, settings.hmac);
  return std::unique_ptr<Carrier>(std::make_unique<ExotelCarrier>(std::move(*account)));
}

Result<std::unique_ptr<Messenger>> make_exotel_messenger(const CarrierSettings& settings) {
  auto account = read(settings);
  if (!account) return account.error();
  if (const auto good = check_texts(*account); !good) return good.error();
  return std::unique_ptr<Messenger>(std::make_unique<ExotelMessenger>(std::move(*account)));
}

}  // namespace ringback
