// What the simulator's carrier and messenger have in common: requests with Basic, replies as JSON.
#pragma once

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

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

// A letter's body that is one JSON object. All of its members live in one piece of memory.
class Body {
 public:
  // Nothing if the text is anything else.
  static std::optional<Body> from(std::string_view text);

  const boost::json::object& members() const { return held_->root.get_object(); }

 private:
  struct Held {
    explicit Held(std::string_view text);

    unsigned char room[2'048];  // a letter's usual size; longer ones take more
    boost::json::monotonic_resource memory;
    boost::json::value root;  // null: the text is not JSON
  };

  explicit Body(std::unique_ptr<Held> held) : held_(std::move(held)) {}

  std::unique_ptr<Held> held_;
};

// A member of that kind, or nothing.
std::optional<std::string> text_in(const boost::json::object& object, std::string_view name);
std::optional<std::int64_t> whole_in(const boost::json::object& object, std::string_view name);
std::optional<bool> flag_in(const boost::json::object& object, std::string_view name);

// How an order to ring or to text was taken: yes and no only if the exchange itself says so.
Outcome read_taken(const HttpResponse& response);

// The body of a 200, or why there is none.
Result<Body> read_object(const HttpResponse& response);

// The error code, if this is the exchange's own refusal; else empty. A proxy's page is not one.
std::string refusal_in(const HttpResponse& response);

}  // namespace ringback::simulator
