// What Exotel's voice and texts have in common: requests with Basic, answers in JSON, refusals.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/carriers/exotel/account.hpp"
#include "core/domain/event.hpp"
#include "core/domain/result.hpp"
#include "core/ports/http_message.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::exotel {

// path: behind the account, "Calls/connect.json".
HttpRequest get(const Account& account, std::string_view path, const Fields& query = {});
HttpRequest post(const Account& account, std::string_view path, const Fields& form);

// Nothing if the body is not one JSON object.
std::optional<boost::json::object> object_in(std::string_view body);
// A text member; empty if there is none, or null.
std::string text_in(const boost::json::object& object, std::string_view name);
// The object that the whole answer is wrapped in: {"Call": {...}}.
std::optional<boost::json::object> wrapped_in(const HttpResponse& response, std::string_view name);

// Exotel's own refusal, as it is written; nothing if the answer is a proxy's page.
std::optional<std::string> refusal_in(const HttpResponse& response);

// An order that was not taken with a 200: no, wait, or nobody knows.
Outcome read_refused(const HttpResponse& response);

Error unreadable(const HttpResponse& response, std::string_view what);

}  // namespace ringback::exotel
