#include "adapters/exchange/exchange.hpp"

#include <utility>

namespace ringback::exchange {

Exchange::Exchange(ExchangeOptions options, Hmac hmac)
    : options_(std::move(options)),
      weather_(options_.faults),
      records_(options_.most_events, options_.most_log_entries),
      postman_(agenda_, weather_, records_, std::move(hmac)),
      switchboard_(options_.boot_id, options_.manners, agenda_, postman_, records_) {}

std::optional<TimePoint> Exchange::next_due() const {
  if (postman_.has_ready()) return TimePoint::min();
  return agenda_.next();
}

std::vector<OutgoingWebhook> Exchange::take_due(TimePoint now) {
  agenda_.run(now);
  return postman_.collect();
}

void Exchange::webhook_answered(std::string_view id, const std::optional<HttpResponse>& response,
                                TimePoint now) {
  agenda_.run(now);
  postman_.answered(id, response, now);
}

}  // namespace ringback::exchange
