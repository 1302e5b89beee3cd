#include "adapters/carriers/simulator/messenger.hpp"

#include <utility>

#include "adapters/carriers/simulator/letters.hpp"

namespace ringback {

SimulatorMessenger::SimulatorMessenger(SimulatorAccount account)
    : account_(std::move(account)), profile_{"simulator", true} {}

HttpRequest SimulatorMessenger::send_text(const TextOrder& order) const {
  return simulator::post(
      account_, "/v1/messages",
      {{"to", order.to.e164()}, {"from", account_.caller_id.e164()}, {"body", order.body}});
}

Outcome SimulatorMessenger::read_sent(const HttpResponse& response) const {
  return simulator::read_taken(response);
}

HttpRequest SimulatorMessenger::find_texts(const FindTextOrder& order) const {
  const auto ms = [](TimePoint at) { return std::to_string(at.time_since_epoch().count()); };
  return simulator::get(
      account_, "/v1/messages",
      {{"to", order.to.e164()}, {"sent_from_ms", ms(order.from)}, {"sent_to_ms", ms(order.until)}});
}

Result<std::vector<FoundText>> SimulatorMessenger::read_found(const FindTextOrder&,
                                                              const HttpResponse& response) const {
  const auto letter = simulator::read_object(response);
  if (!letter) return letter.error();
  const auto& body = letter->members();
  const Error garbled{Errc::unavailable, "the exchange's list of texts cannot be read"};
  const auto* rows = body.if_contains("messages");
  if (rows == nullptr || !rows->is_array()) return garbled;
  std::vector<FoundText> found;
  for (const auto& row : rows->get_array()) {
    if (!row.is_object()) return garbled;
    auto id = simulator::text_in(row.get_object(), "id");
    auto text = simulator::text_in(row.get_object(), "body");
    if (!id || id->empty() || !text) return garbled;
    found.push_back({std::move(*id), std::move(*text)});
  }
  return found;
}

}  // namespace ringback
