// What the carrier and the messenger have in common: forms out with Basic, JSON in.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/carriers/twilio/account.hpp"
#include "core/domain/event.hpp"
#include "core/domain/result.hpp"
#include "core/ports/http_message.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::twilio {

// `resource` as in "/Calls.json": what follows the account in the path.
HttpRequest get(const TwilioAccount& account, std::string_view resource, const Fields& query = {});
HttpRequest post(const TwilioAccount& account, std::string_view resource, const Fields& form);

std::optional<boost::json::object> object_in(std::string_view body);
std::optional<std::string> text_in(const boost::json::object& object, std::string_view name);
// Numbers come as text ("17") or as numbers; null is none.
std::optional<int> whole_in(const boost::json::object& object, std::string_view name);
std::optional<int> whole_of(std::string_view text);

// The error code, if this is the carrier's own refusal; else nothing. A proxy's page is not one.
std::optional<int> refusal_in(const HttpResponse& response);

// How an order was taken. `prefixes`: what a reference to it begins with ("CA", or "SM" and "MM").
Outcome read_taken(const TwilioAccount& account, const HttpResponse& response,
                   std::initializer_list<std::string_view> prefixes);

// The body of a 200, or why there is none.
Result<boost::json::object> read_object(const HttpResponse& response);

// A page of a list, newest first. `rows` is the member's name. An error if rows may be missing that
// were created after `from`: what is not on the page is not known to be absent.
Result<boost::json::array> read_page(const HttpResponse& response, std::string_view rows,
                                     TimePoint from);
constexpr int kPageSize = 200;

}  // namespace ringback::twilio
