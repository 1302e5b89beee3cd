// The simulator as a sender of texts.
#pragma once

#include "adapters/carriers/simulator/account.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

class SimulatorMessenger final : public Messenger {
 public:
  explicit SimulatorMessenger(SimulatorAccount account);

  const MessengerProfile& profile() const noexcept override { return profile_; }
  HttpRequest send_text(const TextOrder& order) const override;
  Outcome read_sent(const HttpResponse& response) const override;
  HttpRequest find_texts(const FindTextOrder& order) const override;
  Result<std::vector<FoundText>> read_found(const FindTextOrder& order,
                                            const HttpResponse& response) const override;

 private:
  SimulatorAccount account_;
  MessengerProfile profile_;
};

}  // namespace ringback
