// A carrier's webhook: whose call, seen before or new, what it tells, what the leg hears next.
#pragma once

#include "core/usecases/apply_event.hpp"

namespace ringback {

struct WebhookAnswer {
  enum class Kind { applied, duplicate, stale, unknown_token };
  Kind kind = Kind::applied;
  std::optional<HttpResponse> instruction;  // when the carrier asked what a leg should hear
  int recordings = 0;                       // that were not known before
  bool foreign_call = false;                // a second call for one attempt: must not happen
  // Ends that call. Sent once and not remembered: a call that goes on tells of itself again.
  std::optional<HttpRequest> end_foreign_call;
};

// `heard` was read (and its signature checked) by the account's codec before.
Result<WebhookAnswer> hear_webhook(Switchboard& board, const VoiceAccount& account,
                                   const Webhook& webhook, const Heard& heard);

}  // namespace ringback
