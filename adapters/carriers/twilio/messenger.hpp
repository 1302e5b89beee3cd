// Twilio, and what speaks its language, as a sender of texts.
#pragma once

#include "adapters/carriers/twilio/account.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

class TwilioMessenger final : public Messenger {
 public:
  explicit TwilioMessenger(TwilioAccount account);

  const MessengerProfile& profile() const noexcept override { return profile_; }
  HttpRequest send_text(const TextOrder& order) const override;
  Outcome read_sent(const HttpResponse& response) const override;
  HttpRequest find_texts(const FindTextOrder& order) const override;
  Result<std::vector<FoundText>> read_found(const FindTextOrder& order,
                                            const HttpResponse& response) const override;

 private:
  TwilioAccount account_;
  MessengerProfile profile_;
};

}  // namespace ringback
