// A callback as the visitor may see it (contract: status document). Never more of the number than
// its mask.
#pragma once

#include <boost/json/object.hpp>
#include <functional>

#include "app/runtime/status_board.hpp"
#include "core/domain/callback.hpp"

namespace ringback {

struct StatusContext {
  std::string business_name{};
  std::string opening{};  // "Monday 09:00", in the business's zone, for scheduled ones
  int position = 0;     // in the queue, from 1; 0: not known
};

boost::json::object status_object(const Callback& callback, const StatusContext& context,
                                  boost::json::storage_ptr memory = {});

using ContextOf = std::function<StatusContext(const Callback&)>;
// The context is asked for when the text is written, by whoever looks first.
SharedStatus status_document_of(Callback callback, ContextOf context_of);
SharedStatus status_document(Callback callback, const StatusContext& context);

}  // namespace ringback
