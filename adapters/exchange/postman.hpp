// Brings letters (webhooks) to the program: signs them, repeats them when nobody answers, and lets
// the weather get at them. It says what to post; somebody else has the sockets.
//
// A letter keeps its id over all its deliveries. A status letter is tried four times and then given
// up; a question is tried three times and then counts as unanswered.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/exchange/agenda.hpp"
#include "adapters/exchange/records.hpp"
#include "adapters/exchange/weather.hpp"
#include "core/ports/hmac.hpp"
#include "core/ports/http_message.hpp"

namespace ringback::exchange {

inline constexpr Millis kWebhookTimeout{15'000};
inline constexpr std::size_t kMostWaitingLetters = 100'000;  // more status letters are dropped

// One delivery of one letter. `id` is new for each delivery.
struct OutgoingWebhook {
  std::string id;
  HttpRequest request;
};

struct Letter {
  std::string id;
  std::string url;
  std::string body;
  std::string sign_key;
  std::string summary;  // for the track
  // Questions only: told once, with the answer or nothing. Empty: a status letter.
  std::function<void(const HttpResponse*, TimePoint)> settled;
};

class Postman {
 public:
  Postman(Agenda& agenda, Weather& weather, Records& records, Hmac hmac)
      : agenda_(agenda), weather_(weather), records_(records), hmac_(std::move(hmac)) {}

  void send(Letter letter, TimePoint now);
  bool has_ready() const { return !ready_.empty(); }
  std::vector<OutgoingWebhook> collect();
  // The answer to one delivery; nothing: there was none. Unknown ids are ignored.
  void answered(std::string_view id, const std::optional<HttpResponse>& response, TimePoint now);

 private:
  struct Sending {
    Letter letter;
    int tries = 0;
    int deliveries = 0;
    bool done = false;
  };
  struct Delivery {
    std::shared_ptr<Sending> sending;
    TimePoint at{};
    bool counts = true;  // false: a duplicate, whose failure orders no repeat
  };

  void deliver(const std::shared_ptr<Sending>& sending, bool counts, TimePoint now);
  void failed(const std::shared_ptr<Sending>& sending, TimePoint now);
  void settle(Sending& sending, const HttpResponse* response, TimePoint now);

  Agenda& agenda_;
  Weather& weather_;
  Records& records_;
  Hmac hmac_;
  std::vector<OutgoingWebhook> ready_;
  std::map<std::string, Delivery, std::less<>> open_;
  std::size_t waiting_ = 0;
};

}  // namespace ringback::exchange
