// A callback as an operator's program may see it: more of the machine than the visitor's document,
// and of the visitor only what the key's scopes allow.
#pragma once

#include <boost/json/object.hpp>
#include <vector>

#include "core/domain/callback.hpp"
#include "core/domain/retry.hpp"
#include "core/ports/callback_store.hpp"
#include "core/usecases/switchboard.hpp"

namespace ringback {

struct AdminView {
  bool personal = false;  // number, name, e-mail and message are shown
};

// One row of a list, and the answer to retry and cancel.
boost::json::object admin_summary(const Callback& callback, AdminView view);

// One callback with its legs, its texts and its whole story.
boost::json::object admin_document(const Callback& callback, const std::vector<JournalLine>& lines,
                                   const std::vector<VoiceAccount>& voices, RetryBar bar,
                                   AdminView view);

// "may_have_rung"; none: ""
std::string_view word(RetryBar bar);

}  // namespace ringback
