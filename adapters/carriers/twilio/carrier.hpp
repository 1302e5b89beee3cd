// Twilio, and what speaks its language, as a carrier. The business is rung by one request; when it
// answers, Twilio asks us what the leg should hear, and <Dial> from that leg rings the visitor.
//
// With `polled` no address of ours is given away: the order carries the whole <Dial>, the carrier
// joins the two by itself, and the state is asked for.
#pragma once

#include "adapters/carriers/twilio/account.hpp"
#include "adapters/carriers/twilio/signature.hpp"
#include "core/ports/carrier.hpp"

namespace ringback {

class TwilioCarrier final : public Carrier {
 public:
  TwilioCarrier(TwilioAccount account, twilio::SignatureCheck signature);

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
  HttpResponse write_announcement(std::string_view text) const override;
  HttpRequest fetch_recording(std::string_view ref) const override;
  HttpRequest delete_recording(std::string_view ref) const override;
  std::vector<std::string> recording_hosts() const override;
  std::vector<HttpRequest> ask_account() const override;
  Result<AccountReading> read_account(const std::vector<HttpResponse>& responses) const override;

 private:
  bool is_signed_by_carrier(const HttpRequest& request) const;

  TwilioAccount account_;
  twilio::SignatureCheck signature_;
  CarrierProfile profile_;
};

}  // namespace ringback
