#include "core/usecases/capabilities.hpp"

#include <fmt/format.h>

namespace ringback {
namespace {

constexpr const char* kPriceOfNone =
    "call.accept = \"none\" (whoever answers is connected, a voicemail too)";

void check_ring(std::vector<UnmetRule>& unmet, const char* key, Millis wanted,
                const CarrierProfile& profile) {
  if (wanted <= profile.longest_ring) return;
  unmet.push_back(
      {key, fmt::format("is longer than the carrier \"{}\" rings; nothing would be dialled as "
                        "asked. Set it to {} or less",
                        profile.kind, profile.longest_ring.count())});
}

}  // namespace

std::vector<UnmetRule> unmet_rules(const CarrierProfile& profile, const Rules& rules, bool record) {
  std::vector<UnmetRule> unmet;
  if (rules.accept == Accept::press_1 && !profile.can_ask_for_key) {
    unmet.push_back(
        {"call.accept",
         fmt::format("\"press_1\" cannot be had from the carrier \"{}\" as it is set up, and "
                     "nothing would be dialled. Either {}, or set {}{}",
                     profile.kind,
                     profile.asking_needs.empty() ? "name an account that can ask for a key"
                                                  : profile.asking_needs,
                     kPriceOfNone,
                     profile.bridges_itself
                         ? "; then a cancel is too late as soon as the business is rung"
                         : "")});
  }
  if (record && !profile.can_record)
    unmet.push_back(
        {"call.record",
         fmt::format(
             "\"announce\" cannot be had from the carrier \"{}\" as it is set up: it cannot "
             "record and announce it to both, and nothing would be dialled. Set call.record "
             "= \"off\", or name another account in carrier.voice",
             profile.kind)});
  check_ring(unmet, "call.ring_seconds", rules.ring, profile);
  check_ring(unmet, "call.visitor_ring_seconds", rules.visitor_ring, profile);
  return unmet;
}

std::vector<std::string> costs_of(const CarrierProfile& profile, const Rules& rules) {
  const std::pair<bool, const char*> rows[] = {
      {rules.accept == Accept::none,
       "nobody is asked to accept: a voicemail that answers is connected to the visitor"},
      {profile.bridges_itself,
       "the carrier joins the two by itself: a cancel is too late as soon as the business is rung"},
      {profile.polled, "no webhooks: the state of a call is asked for, and seconds late"},
      {!profile.polled && !profile.signs_webhooks,
       "its webhooks are not signed: each is only a hint, and the call is looked up before "
       "anything "
       "moves"},
      {!profile.can_hang_up,
       "it cannot hang up: a cancel keeps the visitor from being rung, the business's phone rings "
       "on until it stops by itself"},
      {profile.can_find_calls && !profile.lists_live_calls,
       "its list of calls leaves out those under way: after a lost reply nobody is rung again "
       "until "
       "the call was found"},
      {!profile.can_find_calls, "it has no list of calls: after a lost reply nobody is rung again"},
  };
  std::vector<std::string> costs;
  for (const auto& [applies, text] : rows)
    if (applies) costs.emplace_back(text);
  return costs;
}

std::vector<std::string> costs_of(const MessengerProfile& profile) {
  if (profile.can_find_texts) return {};
  return {"it has no list of texts: after a lost reply a text is not sent again"};
}

}  // namespace ringback
