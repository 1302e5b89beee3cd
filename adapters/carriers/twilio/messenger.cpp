#include "adapters/carriers/twilio/messenger.hpp"

#include <algorithm>
#include <boost/json/array.hpp>
#include <utility>

#include "adapters/carriers/twilio/letters.hpp"
#include "adapters/carriers/twilio/times.hpp"

namespace ringback {
namespace {

using twilio::text_in;

constexpr Seconds kShortestValidity{60};  // what is shorter would be dropped on the way
constexpr Seconds kLongestValidity{36'000};

}  // namespace

TwilioMessenger::TwilioMessenger(TwilioAccount account)
    : account_(std::move(account)), profile_{std::string(account_.dialect->kind), true} {}

HttpRequest TwilioMessenger::send_text(const TextOrder& order) const {
  Fields form{{"To", order.to.e164()}};
  if (account_.messaging_service_sid.empty())
    form.emplace_back("From", account_.sms_from);
  else
    form.emplace_back("MessagingServiceSid", account_.messaging_service_sid);
  form.emplace_back("Body", order.body);
  if (order.good_for.count() > 0) {
    const auto validity = std::clamp(order.good_for, kShortestValidity, kLongestValidity);
    form.emplace_back("ValidityPeriod", std::to_string(validity.count()));
  }
  return twilio::post(account_, "/Messages.json", form);
}

Outcome TwilioMessenger::read_sent(const HttpResponse& response) const {
  return twilio::read_taken(account_, response, {"SM", "MM"});
}

HttpRequest TwilioMessenger::find_texts(const FindTextOrder& order) const {
  return twilio::get(account_, "/Messages.json",
                     {{"To", order.to.e164()}, {"PageSize", std::to_string(twilio::kPageSize)}});
}

Result<std::vector<FoundText>> TwilioMessenger::read_found(const FindTextOrder& order,
                                                           const HttpResponse& response) const {
  const auto rows = twilio::read_page(response, "messages", order.from);
  if (!rows) return rows.error();
  std::vector<FoundText> found;
  for (const auto& row : *rows) {
    auto sid = text_in(row.get_object(), "sid");
    auto body = text_in(row.get_object(), "body");
    const auto created = twilio::parse_rfc2822(*text_in(row.get_object(), "date_created"));
    if (!sid || sid->empty() || !body)
      return Error{Errc::unavailable, "the carrier's list of texts cannot be read"};
    if (*created >= order.from && *created <= order.until)
      found.push_back({std::move(*sid), std::move(*body)});
  }
  return found;
}

}  // namespace ringback
