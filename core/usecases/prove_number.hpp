// The visitor proves that the number is theirs: enters the code, or asks for another.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "core/usecases/apply_event.hpp"

namespace ringback {

struct CodeAnswer {
  enum class Kind {
    verified,
    joined,  // the number has an open callback already: `callback` is that one
    wrong,
    expired,
    too_many,     // wrong codes, of this callback, number or client
    limited,      // this number is rung too often
    over_budget,  // the code stays good
    not_pending,  // it went on, or is over
  };
  Kind kind = Kind::verified;
  Callback callback;
  std::string token;  // only of a joined one
  int attempts_left = 0;
  Millis retry_after{0};
  std::string_view limit;          // the limit that was hit, if one was
  std::optional<Allowance> asked;  // of the client's wrong codes, once it was asked
};

Result<CodeAnswer> enter_code(Switchboard& board, const CallbackId& id, std::string_view code,
                              std::string_view client);

struct ResendAnswer {
  enum class Kind {
    sent,
    too_soon,
    no_more,
    limited,
    not_pending,
    no_texts,  // no code can be sent for now; an earlier one stays good
  };
  Kind kind = Kind::sent;
  Callback callback;
  Millis retry_after{0};
  bool suppressed = false;
  std::optional<Allowance> asked;  // of the client's codes, once it was asked
};

Result<ResendAnswer> resend_code(Switchboard& board, const CallbackId& id, std::string_view client);

}  // namespace ringback
