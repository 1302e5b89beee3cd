#include "core/usecases/hear_webhook.hpp"

#include <algorithm>

#include "core/usecases/keep_recordings.hpp"

namespace ringback {
namespace {

// One letter may tell several things; all of them are one delivery, marked as seen with the last.
std::vector<Event> events_of(const Heard& heard, int attempt) {
  std::vector<Event> events;
  for (News news : heard.news) {
    news.attempt = attempt;
    events.emplace_back(std::move(news));
  }
  if (heard.question) {
    Questioned asked = *heard.question;
    asked.attempt = attempt;
    events.emplace_back(std::move(asked));
  }
  return events;
}

HttpResponse instruct(const Switchboard& board, const VoiceAccount& account, const Webhook& webhook,
                      const Callback& callback, const Questioned& asked) {
  const Prompts prompts{.business_name = board.policy.business_name,
                        .visitor_name = callback.visitor.name,
                        .about = callback.visitor.message,
                        .recorded = board.policy.record};
  Instruction instruction = instruction_for(callback, asked, board.policy.rules, prompts);
  if (auto* dial = std::get_if<DialVisitor>(&instruction)) dial->caller_id = account.caller_id;
  const std::string hook = board.policy.public_url + "/hooks/" + account.carrier->profile().kind +
                           "/" + account.name + "/" + webhook.token;
  return account.carrier->write_answer(asked.point, instruction, hook);
}

// Only a signed letter is believed so far that a call is ended for it.
void note_foreign_call(WebhookAnswer& answer, const Carrier& carrier, const Event& event) {
  answer.foreign_call = true;
  const CarrierProfile& profile = carrier.profile();
  if (!profile.signs_webhooks || !profile.can_hang_up) return;
  if (const auto* news = std::get_if<News>(&event))
    answer.end_foreign_call = carrier.hang_up(news->ref);
  if (const auto* asked = std::get_if<Questioned>(&event))
    answer.end_foreign_call = carrier.hang_up(asked->ref);
}

// A good letter of one account proves nothing about a call that was made through another. With one
// account alone there is nothing to mistake.
Result<bool> is_of_account(const Switchboard& board, const VoiceAccount& account,
                           const AttemptOwner& owner) {
  if (board.voices.size() < 2) return true;
  const auto callback = board.store.load(owner.callback);
  if (!callback) return callback.error();
  const Attempt* a = attempt_of(*callback, owner.attempt);
  if (a == nullptr) return false;
  const auto last = board.voices.size() - 1;
  return board.voices[std::min(static_cast<std::size_t>(a->account), last)].name == account.name;
}

// It waits because we said so when it was dialled: it is told whatever the configuration says now.
HttpResponse announce(const Switchboard& board, const VoiceAccount& account,
                      const Callback& callback, int attempt, const std::string& call) {
  const Attempt* a = attempt_of(callback, attempt);
  if (a == nullptr || a->ref != call) return account.carrier->write_instruction(HangUp{}, "");
  Prompts prompts;
  prompts.business_name = board.policy.business_name;
  prompts.recorded = true;
  return account.carrier->write_announcement(announcement_for(prompts)->to_visitor);
}

}  // namespace

Result<WebhookAnswer> hear_webhook(Switchboard& board, const VoiceAccount& account,
                                   const Webhook& webhook, const Heard& heard) {
  WebhookAnswer answer;
  const std::string& token = heard.token.empty() ? webhook.token : heard.token;
  const auto owner = board.store.find_attempt(token_digest(board.keys, token), board.now());
  if (!owner) return owner.error();
  if (!*owner) {
    answer.kind = WebhookAnswer::Kind::unknown_token;
    return answer;
  }
  const auto ours = is_of_account(board, account, **owner);
  if (!ours) return ours.error();
  if (!*ours) {
    answer.kind = WebhookAnswer::Kind::unknown_token;
    return answer;
  }
  const CallbackId id = (*owner)->callback;
  const std::string delivery = account.name + "|" + heard.delivery;
  const auto seen = board.store.seen(delivery);
  if (!seen) return seen.error();

  bool moved = false;
  std::optional<Callback> current;  // as the last event left it
  if (!*seen) {
    const auto events = events_of(heard, (*owner)->attempt);
    for (std::size_t i = 0; i < events.size(); ++i) {
      Extras extras;
      if (i + 1 == events.size()) extras.delivery = delivery;
      auto applied = apply_event(board, id, events[i], "carrier", extras);
      if (!applied) return applied.error();
      moved |= applied->decision.verdict != Verdict::stale;
      if (applied->decision.foreign_call) note_foreign_call(answer, *account.carrier, events[i]);
      if (heard.question) current = std::move(applied->decision.after);
    }
  }
  if (!heard.recordings.empty()) {
    const auto callback = board.store.load(id);
    if (!callback) return callback.error();
    const auto added =
        hear_recordings(board, account.name, *callback, (*owner)->attempt, heard.recordings);
    if (!added) return added.error();
    answer.recordings = *added;
    moved |= *added > 0;
  }
  answer.kind = *seen   ? WebhookAnswer::Kind::duplicate
                : moved ? WebhookAnswer::Kind::applied
                        : WebhookAnswer::Kind::stale;
  if (!heard.announce_on.empty()) {
    const auto callback = board.store.load(id);
    if (!callback) return callback.error();
    answer.instruction = announce(board, account, *callback, (*owner)->attempt, heard.announce_on);
    answer.kind = WebhookAnswer::Kind::applied;
    return answer;
  }
  if (!heard.question) return answer;

  // Derived from the state, so that a question asked again gets the same answer again.
  if (!current) {
    auto callback = board.store.load(id);
    if (!callback) return callback.error();
    current = *std::move(callback);
  }
  Questioned asked = *heard.question;
  asked.attempt = (*owner)->attempt;
  answer.instruction = instruct(board, account, webhook, *current, asked);
  return answer;
}

}  // namespace ringback
