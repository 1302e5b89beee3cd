#include "adapters/carriers/registry.hpp"

#include "adapters/carriers/simulator/factory.hpp"

namespace ringback {
namespace {

struct Row {
  std::string_view kind;
  Result<std::unique_ptr<Carrier>> (*carrier)(const CarrierSettings&);
  Result<std::unique_ptr<Messenger>> (*messenger)(const CarrierSettings&);
};

constexpr Row kCarriers[] = {
    {"simulator", make_simulator_carrier, make_simulator_messenger},
};

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

Result<std::unique_ptr<Carrier>> make_carrier(std::string_view kind,
                                              const CarrierSettings& settings) {
  for (const auto& row : kCarriers)
    if (row.kind == kind) return row.carrier(settings);
  return unknown(kind);
}

Result<std::unique_ptr<Messenger>> make_messenger(std::string_view kind,
                                                  const CarrierSettings& settings) {
  for (const auto& row : kCarriers)
    if (row.kind == kind) return row.messenger(settings);
  return unknown(kind);
}

}  // namespace ringback
