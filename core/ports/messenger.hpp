// Port: a sender of text messages, seen as a codec like Carrier.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/result.hpp"
#include "core/ports/http_message.hpp"

namespace ringback {

struct MessengerProfile {
  std::string kind;
  bool can_find_texts = false;  // its list can be searched for the reference code in the body
  int requests_per_minute = 0;  // as CarrierProfile's; of one owner together with its calls
  std::string owner{};          // as CarrierProfile's
};

// What a text says, by name, where only registered wordings with variables may be sent. Of a code:
// business, code, minutes; of the alert: business, name, phone, reason, time, message, reference.
using TextVariables = std::vector<std::pair<std::string, std::string>>;

struct TextOrder {
  PhoneNumber to;
  std::string body;
  // Worthless after so long: a carrier that can, drops it then; 0: always good.
  Seconds good_for{0};
  MessagePurpose purpose = MessagePurpose::code;
  TextVariables variables{};
};

struct FindTextOrder {
  PhoneNumber to;
  TimePoint from{};
  TimePoint until{};
};

struct FoundText {
  std::string ref;
  std::string body;
};

class Messenger {
 public:
  virtual ~Messenger() = default;

  virtual const MessengerProfile& profile() const noexcept = 0;

  virtual HttpRequest send_text(const TextOrder& order) const = 0;
  virtual Outcome read_sent(const HttpResponse& response) const = 0;

  // Only asked when profile().can_find_texts; as Carrier::read_found.
  virtual HttpRequest find_texts(const FindTextOrder& order) const = 0;
  virtual Result<std::vector<FoundText>> read_found(const FindTextOrder& order,
                                                    const HttpResponse& response) const = 0;
};

}  // namespace ringback
