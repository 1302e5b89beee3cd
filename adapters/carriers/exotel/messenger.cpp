#include "adapters/carriers/exotel/messenger.hpp"

#include <fmt/format.h>

#include <utility>

#include "adapters/carriers/exotel/letters.hpp"
#include "adapters/carriers/exotel/numbers.hpp"
#include "adapters/carriers/exotel/wording.hpp"
#include "core/domain/gsm7.hpp"

namespace ringback {
namespace {

// A text may be taken and found impossible in one answer: then nothing was sent. The words are
// Exotel's statuses, the codes its detailed ones ("SMS" in the developer pages). The account is at
// fault only where every other text would fail as well.
struct Row {
  std::string_view status;
  int code;  // 0: any
  Taken taken;
  std::string_view text;  // for the operator
};
// clang-format off
constexpr Row kFailed[] = {
    {"failed_dnd", 0, Taken::refused_number, "the number is on the do-not-disturb list"},
    {"failed-dnd", 0, Taken::refused_number, "the number is on the do-not-disturb list"},
    {"failed", 23'005, Taken::refused_number, "the number is on the do-not-disturb list"},
    {"failed", 23'010, Taken::refused_number, "no such number"},
    {"failed", 23'020, Taken::refused_number, "the number is blacklisted"},
    {"failed", 23'083, Taken::refused_number, "its owner's consent is not on the DLT register"},
    {"failed", 23'072, Taken::refused_account, "the sender is not valid: check sms_sender"},
    {"failed", 23'081, Taken::refused_account, "the DLT entity is not valid: check dlt_entity_id"},
    {"failed", 23'015, Taken::refused_content, "the text was taken for spam: use the registered wording"},
    {"failed", 0, Taken::refused_content, "the text is not the registered one: check its template id and wording"},
};
// clang-format on

int code_in(const boost::json::object& message) {
  const auto* code = message.if_contains("DetailedStatusCode");
  if (code == nullptr) return 0;
  if (code->is_int64()) return static_cast<int>(code->get_int64());
  int value = 0;
  if (code->is_string())
    for (const char c : code->get_string()) {
      if (c < '0' || c > '9' || value > 99'999) return 0;
      value = value * 10 + (c - '0');
    }
  return value;
}

}  // namespace

ExotelMessenger::ExotelMessenger(exotel::Account account) : account_(std::move(account)) {
  profile_.kind = "exotel";
  profile_.owner = owner_at(account_.base_url, account_.account_sid);
  profile_.requests_per_minute = account_.requests_per_minute;
}

HttpRequest ExotelMessenger::send_text(const TextOrder& order) const {
  const bool is_code = order.purpose == MessagePurpose::code;
  const exotel::Wording& wording = is_code ? account_.code : account_.missed;
  const std::string body =
      wording.text.empty() ? order.body : exotel::filled(wording.text, order.variables);
  Fields form{
      {"From", account_.sms_sender.empty() ? account_.caller_id.e164() : account_.sms_sender},
      {"To", order.to.e164()},
      {"Body", body},
      {"EncodingType", gsm7_septets(body) ? "plain" : "unicode"},
      {"Priority", is_code ? "high" : "normal"}};
  if (!account_.dlt_entity_id.empty()) form.emplace_back("DltEntityId", account_.dlt_entity_id);
  if (!wording.template_id.empty()) form.emplace_back("DltTemplateId", wording.template_id);
  return exotel::post(account_, "Sms/send.json", form);
}

Outcome ExotelMessenger::read_sent(const HttpResponse& response) const {
  if (response.status < 200 || response.status > 299) return exotel::read_refused(response);
  const auto message = exotel::wrapped_in(response, "SMSMessage");
  auto sid = message ? exotel::text_in(*message, "Sid") : std::string();
  if (!exotel::is_sid(sid))
    return {Taken::unknown, "", {}, fmt::format("status {} without an SmsSid", response.status)};
  const auto status = exotel::text_in(*message, "Status");
  const int code = code_in(*message);
  for (const auto& row : kFailed)
    if (row.status == status && (row.code == 0 || row.code == code))
      return {row.taken, "", {}, fmt::format("{} (code {}): {}", status, code, row.text)};
  return {Taken::accepted, std::move(sid), {}, ""};
}

// The profile says that nobody asks.
HttpRequest ExotelMessenger::find_texts(const FindTextOrder&) const { return {}; }
Result<std::vector<FoundText>> ExotelMessenger::read_found(const FindTextOrder&,
                                                           const HttpResponse&) const {
  return Error{Errc::invalid_input, "Exotel's texts cannot be searched"};
}

}  // namespace ringback
