// A whole inside for tests of the use cases: the memory store, a clock that stands still, ids that
// count, and a carrier whose letters are words ("ring", "list", ...) and whose answers are made up
// by the test. Nothing is sent, and nothing depends on time.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "adapters/system/openssl_keyring.hpp"
#include "core/usecases/cancel_callback.hpp"
#include "core/usecases/carry_out.hpp"
#include "core/usecases/hear_webhook.hpp"
#include "core/usecases/prove_number.hpp"
#include "core/usecases/request_callback.hpp"
#include "core/usecases/ring_timers.hpp"
#include "tests/support/catch.hpp"

namespace ringback::office {

struct StoppedClock final : Clock {
  mutable TimePoint wall{Seconds(1'795'000'000)};
  Millis ran{Seconds(1'000)};
  Millis each_look{0};  // moves the wall's clock on

  TimePoint now() const override { return std::exchange(wall, wall + each_look); }
  Millis steady() const override { return ran; }
  void pass(Millis time) {
    wall += time;
    ran += time;
  }
};

struct CountingIds final : IdSource {
  std::uint32_t count = 0;
  std::deque<std::uint32_t> codes;  // what random32 gives next; else it counts

  IdBytes uuid_v7(TimePoint now) override;
  IdBytes random16() override;
  std::uint32_t random32() override;
};

// "ok <ref>", "no number", "no account", "wait", or anything else: garbled.
class WordCarrier final : public Carrier {
 public:
  CarrierProfile wanted;

  WordCarrier();
  const CarrierProfile& profile() const noexcept override { return wanted; }
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
};

class WordMessenger final : public Messenger {
 public:
  MessengerProfile wanted{"words", true};
  mutable TextOrder last;  // as it was ordered, for what a letter of words does not show

  const MessengerProfile& profile() const noexcept override { return wanted; }
  HttpRequest send_text(const TextOrder& order) const override;
  Outcome read_sent(const HttpResponse& response) const override;
  HttpRequest find_texts(const FindTextOrder& order) const override;
  Result<std::vector<FoundText>> read_found(const FindTextOrder& order,
                                            const HttpResponse& response) const override;
};

struct Listener final : Observer {
  std::vector<Callback> committed;
  std::vector<CallbackId> troubled;

  void on_commit(const Callback* before, const Decision& decision, const Event& event) override;
  void on_trouble(const CallbackId& id, const Error& error) override;
};

HttpResponse says(std::string body);
SendError lost();    // the request may have been taken
SendError unsent();  // it certainly was not

class Office {
 public:
  Office();

  StoppedClock clock;
  CountingIds ids;
  OpensslKeyring keys;
  Policy policy;
  std::shared_ptr<WordCarrier> carrier = std::make_shared<WordCarrier>();
  std::shared_ptr<WordMessenger> messenger = std::make_shared<WordMessenger>();
  std::vector<VoiceAccount> voices;
  std::vector<TextAccount> texts;
  Listener listener;
  std::unique_ptr<CallbackStore> store;
  Switchboard board;

  // Runs a use case as the shell does: one work of one batch.
  template <class UseCase>
  auto in_batch(UseCase use_case) -> decltype(use_case()) {
    std::optional<decltype(use_case())> answer;
    const CallbackStore::Work work = [&] {
      answer.emplace(use_case());
      return answer->has_value();
    };
    REQUIRE(store->batch(std::span(&work, 1)).has_value());
    return std::move(*answer);
  }

  CallbackRequest asks(const std::string& phone = "+12025550123") const;
  RequestAnswer request(const CallbackRequest& ask);
  CodeAnswer enter(const CallbackId& id, const std::string& code,
                   const std::string& client = "192.0.2.1");
  ResendAnswer resend(const CallbackId& id, const std::string& client = "192.0.2.1");
  CancelAnswer cancel(const CallbackId& id);

  std::vector<Errand> take(bool with_dials = true);
  Errand take_one(OrderKind kind);  // exactly one errand of this kind is due
  std::string settle(const Errand& errand, Reply reply);
  int ring();  // timers that are due
  WebhookAnswer hear(const CallbackId& id, int attempt, Heard heard, std::size_t account = 0);

  // Asked without proof, rung, and the carrier named the call.
  CallbackId placed(const std::string& ref, const std::string& phone = "+12025550123");
  // Asked with proof; its code's text is sent. The code is `code`.
  CallbackId pending(const std::string& code, const std::string& phone = "+12025550123");

  Callback at(const CallbackId& id);
  int journal_length(const CallbackId& id);
};

Heard news(const std::string& ref, Side side, View view);
Heard question(const std::string& ref, Point point, const std::string& digits = {}, int round = 1);

}  // namespace ringback::office
