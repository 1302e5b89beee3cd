// A carrier that does not exist, small enough to be read at once: docs/cookbook/add-a-carrier.md
// walks through it. Its API speaks in forms: `id=…&state=…`.
#pragma once

#include "core/ports/carrier.hpp"
#include "core/ports/hmac.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::example {

struct Account {
  std::string base_url;  // "https://api.example"
  std::string key;
  std::string secret;  // for Basic, and what webhooks are signed with
  PhoneNumber caller_id;
};

class ExampleCarrier final : public Carrier {
 public:
  ExampleCarrier(Account account, Hmac hmac);

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

 private:
  HttpRequest letter(std::string method, std::string_view path, const Fields& form) const;

  Account account_;
  Hmac hmac_;
  CarrierProfile profile_;
};

}  // namespace ringback::example
