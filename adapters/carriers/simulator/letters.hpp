// What the simulator's carrier and messenger have in common: requests with Basic, replies as JSON.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>

#include "adapters/carriers/simulator/account.hpp"
#include "core/domain/event.hpp"
#include "core/domain/result.hpp"
#include "core/ports/http_message.hpp"
#include "core/ports/letter_text.hpp"

namespace ringback::simulator {

HttpRequest get(const SimulatorAccount& account, std::string_view path, const Fields& query = {});
HttpRequest post(const SimulatorAccount& account, std::string_view path,
                 const boost::json::object& body);

// Letters, digits and hyphens: what may stand in a path.
bool is_plain_id(std::string_view text);

// Nothing if the body is not one JSON object.
std::optional<boost::json::object> object_in(std::string_view body);

// A member of that kind, or nothing.
std::optional<std::string> text_in(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> whole_in(const boost::json::object& object, std::string_view name);
std::optional<bool> flag_in(const boost::json::object& object, std::string_view name);

// How an order to ring or to text was taken: yes and no only if the exchange itself says so.
Outcome read_taken(const HttpResponse& response);

// The body of a 200, or why there is none.
Result<boost::json::object> read_object(const HttpResponse& response);

// The error code, if this is the exchange's own refusal; else empty. A proxy's page is not one.
std::string refusal_in(const HttpResponse& response);

}  // namespace ringback::simulator
