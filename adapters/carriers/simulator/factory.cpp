#include "adapters/carriers/simulator/factory.hpp"

#include <utility>

#include "adapters/carriers/simulator/carrier.hpp"
#include "adapters/carriers/simulator/messenger.hpp"

namespace ringback {
namespace {

struct Row {
  std::string_view key;
  std::string SimulatorAccount::*value;
};
constexpr Row kRows[] = {{"base_url", &SimulatorAccount::base_url},
                         {"account", &SimulatorAccount::account},
                         {"secret", &SimulatorAccount::secret},
                         {"sign_key", &SimulatorAccount::sign_key}};

Error wrong(std::string detail) { return {Errc::invalid_input, std::move(detail)}; }

Result<SimulatorAccount> read(const CarrierSettings& settings) {
  SimulatorAccount account;
  for (const auto& [key, value] : settings.values) {
    bool known = false;
    for (const auto& row : kRows) {
      if (row.key != key) continue;
      account.*row.value = value;
      known = true;
    }
    if (key == "from") {
      const auto number = PhoneNumber::from_e164(value);
      if (!number && !value.empty()) return wrong("from is not a number in E.164 form");
      account.caller_id = number.value_or(PhoneNumber{});
      known = true;
    }
    if (!known) return wrong("the simulator has no setting \"" + key + "\"");
  }
  if (!account.base_url.empty() && account.base_url.back() == '/') account.base_url.pop_back();
  if (account.base_url.empty() || account.secret.empty() || account.sign_key.empty())
    return wrong("the simulator needs base_url, secret and sign_key");
  return account;
}

}  // namespace

Result<std::unique_ptr<Carrier>> make_simulator_carrier(const CarrierSettings& settings) {
  auto account = read(settings);
  if (!account) return account.error();
  return std::unique_ptr<Carrier>(
      std::make_unique<SimulatorCarrier>(std::move(*account), settings.hmac));
}

Result<std::unique_ptr<Messenger>> make_simulator_messenger(const CarrierSettings& settings) {
  auto account = read(settings);
  if (!account) return account.error();
  return std::unique_ptr<Messenger>(std::make_unique<SimulatorMessenger>(std::move(*account)));
}

}  // namespace ringback
