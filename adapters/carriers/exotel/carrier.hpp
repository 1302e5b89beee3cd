// Exotel's voice (v1), in two forms.
//
// With a flow (`flow_url`), a flow that is built once in Exotel's dashboard rings the business,
// asks for a key and asks us what to do with it; we give it the visitor's number. Without one,
// Exotel is given both numbers and joins them by itself: nobody is asked for a key.
//
// Nothing that Exotel sends is signed. The secret in the path is all that a letter proves: status
// letters are hints, and only what the API shows when it is asked moves anything.
#pragma once

#include "adapters/carriers/exotel/account.hpp"
#include "core/ports/carrier.hpp"

namespace ringback {

class ExotelCarrier final : public Carrier {
 public:
  explicit ExotelCarrier(exotel::Account account);

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
  HttpResponse write_answer(Point asked_at, const Instruction& instruction,
                            std::string_view hook) const override;
  std::vector<HttpRequest> ask_account() const override;
  Result<AccountReading> read_account(const std::vector<HttpResponse>& responses) const override;

 private:
  exotel::Account account_;
  CarrierProfile profile_;
};

}  // namespace ringback
