// The simulator as a carrier: REST out, signed webhooks in, instructions as JSON.
#pragma once

#include "adapters/carriers/simulator/account.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/hmac.hpp"

namespace ringback {

class SimulatorCarrier final : public Carrier {
 public:
  SimulatorCarrier(SimulatorAccount account, Hmac hmac);

  const CarrierProfile& profile() const noexcept override { return profile_; }
  HttpRequest originate(const OriginateOrder& order) const override;
  Outcome read_originated(const HttpResponse& response) const override;
  HttpRequest find_calls(const FindOrder& order) const override;
  Result<std::vector<FoundCall>> read_found(const FindOrder& order,
                                            const HttpResponse& response) const override;
  std::vector<HttpRequest> fetch(std::string_view ref) const override;
  Result<Snapshot> read_fetched(const std::vector<HttpResponse>& responses) const override;
  HttpRequest hang_up(std::string_view ref) const override;
  Result<void> read_hung_up(const HttpResponse& response) const override;
  WebhookReading read_webhook(const Webhook& webhook) const override;
  HttpResponse write_instruction(const Instruction& instruction,
                                 std::string_view hook) const override;
  HttpRequest fetch_recording(std::string_view ref) const override;
  HttpRequest delete_recording(std::string_view ref) const override;
  std::vector<std::string> recording_hosts() const override;

 private:
  SimulatorAccount account_;
  Hmac hmac_;
  CarrierProfile profile_;
};

}  // namespace ringback
