#include "adapters/carriers/registry.hpp"

#include "adapters/carriers/exotel/factory.hpp"
#include "adapters/carriers/simulator/factory.hpp"
#include "adapters/carriers/twilio/factory.hpp"

namespace ringback {
namespace {

using Keys = std::span<const SettingKey>;

struct Row {
  std::string_view kind;
  Keys (*keys)();
  Result<std::unique_ptr<Carrier>> (*carrier)(const CarrierSettings&);
  Result<std::unique_ptr<Messenger>> (*messenger)(const CarrierSettings&);
};

// The simulator's keys belong to its exchange, not to the account: the configuration reads them.
Keys no_keys() { return {}; }

constexpr Row kCarriers[] = {
    {"simulator", no_keys, make_simulator_carrier, make_simulator_messenger},
    {"twilio", twilio_keys, make_twilio_carrier, make_twilio_messenger},
    {"signalwire", signalwire_keys, make_signalwire_carrier, make_signalwire_messenger},
    {"exotel", exotel_keys, make_exotel_carrier, make_exotel_messenger},
};

const Row* find(std::string_view kind) {
  for (const auto& row : kCarriers)
    if (row.kind == kind) return &row;
  return nullptr;
}

Error unknown(std::string_view kind) {
  std::string names;
  for (const auto& row : kCarriers) names += (names.empty() ? "" : ", ") + std::string(row.kind);
  return {Errc::invalid_input,
          "there is no carrier of the kind \"" + std::string(kind) + "\"; known: " + names};
}

}  // namespace

std::vector<std::string_view> carrier_kinds() {
  std::vector<std::string_view> kinds;
  for (const auto& row : kCarriers) kinds.push_back(row.kind);
  return kinds;
}

std::optional<Keys> carrier_keys(std::string_view kind) {
  const Row* row = find(kind);
  if (row == nullptr) return std::nullopt;
  return row->keys();
}

Result<std::unique_ptr<Carrier>> make_carrier(std::string_view kind,
                                              const CarrierSettings& settings) {
  if (const Row* row = find(kind)) return row->carrier(settings);
  return unknown(kind);
}

Result<std::unique_ptr<Messenger>> make_messenger(std::string_view kind,
                                                  const CarrierSettings& settings) {
  if (const Row* row = find(kind)) return row->messenger(settings);
  return unknown(kind);
}

}  // namespace ringback
