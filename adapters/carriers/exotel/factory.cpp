#include "adapters/carriers/exotel/factory.hpp"

namespace ringback {
namespace {

using Shape = SettingKey::Shape;

// clang-format off
constexpr SettingKey kKeys[] = {
    {.name = "account_sid"},
    {.name = "api_key", .shape = Shape::secret},
    {.name = "api_token", .shape = Shape::secret},
    {.name = "base_url", .shape = Shape::web_address, .usual = "https://api.exotel.com"},
    {.name = "caller_id", .shape = Shape::phone},
    {.name = "flow_url"},
    {.name = "sms_sender"},
    {.name = "dlt_entity_id"},
    {.name = "requests_per_minute", .shape = Shape::number, .usual = "200", .low = 1, .high = 10000},
};
// clang-format on

Error not_built() {
  return {Errc::invalid_input,
          "the carrier \"exotel\" is not part of this version and nothing will be dialled through "
          "it; name another account"};
}

}  // namespace

std::span<const SettingKey> exotel_keys() { return kKeys; }

Result<std::unique_ptr<Carrier>> make_exotel_carrier(const CarrierSettings&) { return not_built(); }
Result<std::unique_ptr<Messenger>> make_exotel_messenger(const CarrierSettings&) {
  return not_built();
}

}  // namespace ringback
