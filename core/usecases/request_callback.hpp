// Somebody asks to be rung back.
#pragma once

#include <optional>
#include <string>

#include "core/usecases/apply_event.hpp"

namespace ringback {

struct CallbackRequest {
  std::string site;
  Visitor visitor;  // the number was read and admitted already
  std::optional<TimePoint> slot;
  bool proven = false;  // no code is asked for: a key vouches for it, or no proof is wanted
  std::string client;   // whom limits count: client_key()
  struct Repeat {
    Digest key{};  // of the route and the Idempotency-Key header: telephones change networks
    Digest request_hash{};
  };
  std::optional<Repeat> repeat;
};

struct RequestAnswer {
  enum class Kind {
    created,
    repeated,  // the same Idempotency-Key and body: the callback it made then
    joined,    // the number has an open callback: that one
    conflict,  // the key was used with another body
    limited,   // `limit` is reached
    over_budget,
    no_texts,  // no code can be sent for now; nothing is stored
  };
  Kind kind = Kind::created;
  Callback callback;
  std::string token;  // opens the callback for whoever asked
  std::string limit;
  Millis retry_after{0};
  bool suppressed = false;  // no code went out, and the visitor is not told
  // "+1202555": so many numbers that look alike were asked for that none of them gets a text for a
  // day, from this request on.
  std::string blocked_prefix;
};

Result<RequestAnswer> request_callback(Switchboard& board, const CallbackRequest& request);

}  // namespace ringback
