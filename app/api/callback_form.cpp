#include "app/api/callback_form.hpp"

#include "app/api/time_text.hpp"
#include "app/http/json_body.hpp"
#include "core/domain/slots.hpp"

namespace ringback {
namespace {

constexpr std::size_t kLongestPhone = 64;
constexpr std::size_t kLongestName = 80;
constexpr std::size_t kLongestEmail = 254;
constexpr std::size_t kLongestMessage = 500;
constexpr std::size_t kLongestLocale = 35;

// Shape only: whether it exists is not ours to know.
bool looks_like_email(std::string_view text) {
  const auto at = text.find('@');
  return at != std::string_view::npos && at > 0 && at + 1 < text.size() &&
         text.find('@', at + 1) == std::string_view::npos &&
         text.find(' ') == std::string_view::npos && text.find('.', at) != std::string_view::npos &&
         text.back() != '.';
}

PhoneNumber read_phone(const Program& program, http::Fields& fields, std::string& region) {
  const std::string typed = fields.required_text("phone", kLongestPhone);
  if (typed.empty()) return {};
  const auto parsed = program.plan.parse(typed, program.default_region);
  const auto verdict = judge_number(parsed, program.numbers);
  if (!verdict.ok()) {
    fields.fail("phone", verdict.code, verdict.detail);
    return {};
  }
  region = std::get<ParsedNumber>(parsed).region;
  return verdict.number;
}

std::optional<TimePoint> read_slot(const Program& program, http::Fields& fields) {
  const auto text = fields.text("when", 40);
  if (!text || *text == "now") return std::nullopt;
  const auto when = read_time(*text);
  const auto slot = when ? slot_at(program.policy.hours, *program.policy.zone, *when, program.now())
                         : std::nullopt;
  if (!slot) {
    fields.fail(
        "when", "not_a_slot",
        "That time is not one that can be chosen. Take one of GET /api/v1/slots, or \"now\".");
    return std::nullopt;
  }
  return slot->start;
}

}  // namespace

CallbackForm read_callback_form(const Program& program, const boost::json::object& body) {
  CallbackForm form;
  http::Fields fields(body);
  form.site = fields.text("site", 64).value_or("default");
  form.visitor.phone = read_phone(program, fields, form.visitor.region);
  form.visitor.name = fields.text("name", kLongestName).value_or("");
  form.visitor.email = fields.text("email", kLongestEmail).value_or("");
  if (!form.visitor.email.empty() && !looks_like_email(form.visitor.email))
    fields.fail("email", "email_invalid",
                "That does not look like an e-mail address. Correct it or leave it out.");
  form.visitor.message =
      fields.text("message", kLongestMessage, http::Fields::Lines::many).value_or("");
  form.visitor.locale = fields.text("locale", kLongestLocale).value_or("");
  form.slot = read_slot(program, fields);
  if (!fields.boolean("consent").value_or(false))
    fields.fail("consent", "required",
                "We call only people who want it: send \"consent\": true once they have agreed.");
  form.honeypot = !fields.text("website", 2000).value_or("").empty();
  form.unauthorized = fields.boolean("verified").value_or(false);
  // Known, and without meaning until a captcha or sign-in is configured.
  fields.any("captcha");
  fields.any("sign_in");
  form.problem = fields.problem();
  return form;
}

}  // namespace ringback
