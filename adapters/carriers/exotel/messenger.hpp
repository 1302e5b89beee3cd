// Exotel's texts (v1). Its list of texts cannot be searched, so a text in doubt stays in doubt.
#pragma once

#include "adapters/carriers/exotel/account.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

class ExotelMessenger final : public Messenger {
 public:
  explicit ExotelMessenger(exotel::Account account);

  const MessengerProfile& profile() const noexcept override { return profile_; }
  HttpRequest send_text(const TextOrder& order) const override;
  Outcome read_sent(const HttpResponse& response) const override;
  HttpRequest find_texts(const FindTextOrder& order) const override;
  Result<std::vector<FoundText>> read_found(const FindTextOrder& order,
                                            const HttpResponse& response) const override;

 private:
  exotel::Account account_;
  MessengerProfile profile_;
};

}  // namespace ringback
