#include "app/api/status_document.hpp"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/serialize.hpp>

#include "app/api/time_text.hpp"
#include "core/domain/status_text.hpp"
#include "core/domain/words.hpp"

namespace ringback {
namespace {

namespace json = boost::json;

constexpr std::size_t kRoom = 2048;  // for most documents, before memory must be asked for

json::value or_null(std::string_view word) {
  return word.empty() ? json::value(nullptr) : json::value(word);
}

json::value or_null(const std::optional<TimePoint>& when) {
  return when ? json::value(time_text(*when)) : json::value(nullptr);
}

json::value attempt_of(const Callback& callback) {
  if (callback.attempts.empty()) return nullptr;
  return callback.round;
}

json::value verification_of(const Callback& callback) {
  if (callback.state != State::pending) return nullptr;
  const Verification& v = callback.verification;
  return json::object{{"channel", "sms"},
                      {"expires_at", or_null(v.expires_at)},
                      {"attempts_left", v.tries_left},
                      {"resend_at", or_null(v.resend_at)}};
}

}  // namespace

json::object status_object(const Callback& callback, const StatusContext& context,
                           json::storage_ptr memory) {
  return json::object(
      {{"id", callback.id.text()},
       {"site", callback.site},
       {"state", word(callback.state)},
       {"phase", or_null(word(callback.phase))},
       {"reason", or_null(word(callback.reason))},
       {"message", status_sentence(callback, context.business_name, context.opening)},
       {"phone_masked", callback.visitor.phone.masked()},
       {"created_at", time_text(callback.created_at)},
       {"updated_at", time_text(callback.updated_at)},
       {"scheduled_for", or_null(callback.scheduled_for)},
       {"attempt", attempt_of(callback)},
       {"position", callback.state == State::queued && context.position > 0
                        ? json::value(context.position)
                        : json::value(nullptr)},
       {"verification", verification_of(callback)},
       {"version", callback.status_version}},
      std::move(memory));
}

SharedStatus status_document_of(Callback callback, ContextOf context_of) {
  auto document = std::make_shared<StatusDocument>();
  document->version = callback.status_version;
  document->is_final = is_final(callback.state);
  document->fleeting = callback.state == State::queued;
  document->write = [callback = std::move(callback), context_of = std::move(context_of)] {
    unsigned char room[kRoom];
    json::monotonic_resource memory(room, sizeof room);
    return json::serialize(status_object(callback, context_of(callback), &memory));
  };
  return document;
}

SharedStatus status_document(Callback callback, const StatusContext& context) {
  return status_document_of(std::move(callback), [context](const Callback&) { return context; });
}

}  // namespace ringback
