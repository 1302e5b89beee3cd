#include "app/api/admin_documents.hpp"

#include <boost/json/array.hpp>

#include "adapters/storage/journal_members.hpp"
#include "adapters/storage/words.hpp"
#include "app/api/time_text.hpp"
#include "core/domain/slots.hpp"
#include "core/domain/words.hpp"
#include "core/usecases/tell_story.hpp"

namespace ringback {
namespace {

namespace json = boost::json;

json::value or_null(std::string_view text) {
  return text.empty() ? json::value(nullptr) : json::value(text);
}
json::value or_null(const std::optional<TimePoint>& when) {
  return when ? json::value(time_text(*when)) : json::value(nullptr);
}

json::object visitor_of(const Callback& callback, AdminView view) {
  const Visitor& v = callback.visitor;
  const auto shown = [&](const std::string& text) {
    return view.personal ? or_null(text) : json::value(nullptr);
  };
  return {{"phone_masked", v.phone.masked()},
          {"phone", shown(v.phone.e164())},
          {"name", shown(v.name)},
          {"email", shown(v.email)},
          {"message", shown(v.message)},
          {"locale", or_null(v.locale)}};
}

json::object leg_of(const Leg& leg) {
  return {{"state", word(leg.view)},
          {"declined", leg.declined},
          {"answered_at", or_null(leg.answered_at)},
          {"ended_at", or_null(leg.ended_at)}};
}

json::object attempt_object(const Attempt& a, const std::vector<VoiceAccount>& voices) {
  // An attempt may be older than the configuration.
  const auto at = static_cast<std::size_t>(a.account);
  return {{"no", a.no},
          {"generation", a.generation},
          {"state", word(a.state)},
          {"account", at < voices.size() ? json::value(voices[at].name) : json::value(nullptr)},
          {"number", a.business.e164()},
          {"ref", or_null(a.ref)},
          {"outcome", or_null(word(a.outcome))},
          {"made_at", time_text(a.made_at)},
          {"claimed_at", or_null(a.claimed_at)},
          {"doubt_until", or_null(a.doubt_until)},
          {"gate_open", a.gate_open},
          {"talk_seconds", a.talk_seconds},
          {"business_leg", leg_of(a.business_leg)},
          {"visitor_leg", leg_of(a.visitor_leg)}};
}

json::object message_object(const Message& m) {
  return {{"no", m.no},
          {"generation", m.generation},
          {"purpose", storage::word(m.purpose)},
          {"state", word(m.state)},
          {"ref", or_null(m.ref)},
          {"outcome", or_null(word(m.outcome))},
          {"made_at", time_text(m.made_at)},
          {"claimed_at", or_null(m.claimed_at)}};
}

// The members of an event that differ from their default. Digests are for nobody's eyes.
class Details {
 public:
  template <class T>
  void operator()(std::string_view name, const T& value, const T& usual = T{}) {
    if (!(value == usual)) put(name, value);
  }
  json::object object;

 private:
  void put(std::string_view, const Digest&) {}
  void put(std::string_view name, bool value) { object[name] = value; }
  void put(std::string_view name, int value) { object[name] = value; }
  void put(std::string_view name, const std::string& value) { object[name] = value; }
  void put(std::string_view name, TimePoint value) { object[name] = time_text(value); }
  void put(std::string_view name, Millis value) {
    object[std::string(name) + "_ms"] = value.count();
  }
  template <class E>
  requires std::is_enum_v<E>
  void put(std::string_view name, E value) { object[name] = storage::word(value); }
};

json::object details_of(const Event& event) {
  Details details;
  std::visit([&](const auto& e) { journal_json::members(details, e); }, event);
  return std::move(details.object);
}

std::string_view name_of_event(const Event& event) {
  return std::visit([](const auto& e) { return journal_json::name_of(e); }, event);
}

json::object effect(std::string_view kind, std::string_view what) {
  return {{"kind", kind},       {"what", what},      {"attempt", nullptr},
          {"message", nullptr}, {"due_at", nullptr}, {"change", nullptr}};
}
json::object effect_on(std::string_view kind, OrderKind order, int item) {
  auto told = effect(kind, word(order));
  const bool text = order == OrderKind::send_text || order == OrderKind::look_up_text;
  told[text ? "message" : "attempt"] = item;
  return told;
}

json::array effects_of(const Chapter& chapter) {
  json::array effects;
  for (const OrderDrop& drop : chapter.drops)
    effects.push_back(effect_on("order_dropped", drop.kind, drop.item));
  for (const Order& order : chapter.orders) {
    auto told = effect_on("order", order.kind, order.item);
    told["due_at"] = time_text(order.due);
    effects.push_back(std::move(told));
  }
  for (const TimerChange& timer : chapter.timers) {
    auto told = effect(timer.due ? "timer_set" : "timer_cleared", word(timer.kind));
    told["due_at"] = or_null(timer.due);
    effects.push_back(std::move(told));
  }
  for (const BudgetMove& move : chapter.budget) {
    auto told = effect("budget", storage::word(move.budget));
    told["change"] = move.delta;
    effects.push_back(std::move(told));
  }
  return effects;
}

json::array timeline_of(const std::vector<JournalLine>& lines,
                        const std::vector<Chapter>& chapters) {
  json::array timeline;
  for (std::size_t i = 0; i < lines.size(); ++i) {
    json::object told{{"seq", i + 1},
                      {"at", time_text(lines[i].at)},
                      {"actor", lines[i].actor},
                      {"event", name_of_event(lines[i].event)},
                      {"details", details_of(lines[i].event)},
                      {"moved", nullptr},
                      {"state", nullptr},
                      {"phase", nullptr},
                      {"reason", nullptr},
                      {"effects", json::array{}}};
    if (i < chapters.size()) {
      told["moved"] = chapters[i].moved;
      told["state"] = word(chapters[i].state);
      told["phase"] = or_null(word(chapters[i].phase));
      told["reason"] = or_null(word(chapters[i].reason));
      told["effects"] = effects_of(chapters[i]);
    }
    timeline.push_back(std::move(told));
  }
  return timeline;
}

}  // namespace

std::string_view word(RetryBar bar) {
  switch (bar) {
    case RetryBar::not_over:
      return "not_over";
    case RetryBar::call_live:
      return "call_live";
    case RetryBar::completed:
      return "completed";
    case RetryBar::cancelled:
      return "cancelled";
    case RetryBar::never_proven:
      return "never_proven";
    case RetryBar::consent_old:
      return "consent_old";
    case RetryBar::phantom_up:
      return "phantom_up";
    case RetryBar::may_have_rung:
      return "may_have_rung";
    case RetryBar::none:
      break;
  }
  return "";
}

json::object admin_summary(const Callback& c, AdminView view) {
  return {{"id", c.id.text()},
          {"site", c.site},
          {"state", word(c.state)},
          {"phase", or_null(word(c.phase))},
          {"reason", or_null(word(c.reason))},
          {"in_doubt", has_doubt(c)},
          {"late", c.late},
          {"attempt", c.attempts.empty() ? json::value(nullptr) : json::value(c.round)},
          {"generation", c.generation},
          {"visitor", visitor_of(c, view)},
          {"created_at", time_text(c.created_at)},
          {"updated_at", time_text(c.updated_at)},
          {"scheduled_for", or_null(c.scheduled_for)},
          {"finished_at", or_null(c.finished_at)},
          {"version", c.status_version}};
}

json::object admin_document(const Callback& c, const std::vector<JournalLine>& lines,
                            const std::vector<VoiceAccount>& voices, RetryBar bar, AdminView view) {
  auto document = admin_summary(c, view);
  document["proven_at"] = or_null(c.proven_at);
  document["give_up_at"] = or_null(c.give_up_at);
  document["slot"] = or_null(c.slot);
  document["retry_barred_by"] = or_null(word(bar));
  json::array attempts;
  for (const Attempt& a : c.attempts) attempts.push_back(attempt_object(a, voices));
  document["attempts"] = std::move(attempts);
  json::array messages;
  for (const Message& m : c.messages) messages.push_back(message_object(m));
  document["messages"] = std::move(messages);
  document["timeline"] = timeline_of(lines, tell_story(c, lines));
  return document;
}

}  // namespace ringback
