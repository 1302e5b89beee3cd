// What the use cases work with: the store, time and chance, the keys, the accounts, the rules in
// force.
//
// All use cases run inside a work of CallbackStore::batch, one at a time. What they tell the
// Observer becomes true only when that batch is on disk; the shell keeps it back until then.
#pragma once

#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/domain/business_hours.hpp"
#include "core/domain/machine.hpp"
#include "core/domain/rate_limit.hpp"
#include "core/ports/callback_store.hpp"
#include "core/ports/carrier.hpp"
#include "core/ports/clock.hpp"
#include "core/ports/id_source.hpp"
#include "core/ports/keyring.hpp"
#include "core/ports/messenger.hpp"

namespace ringback {

struct VoiceAccount {
  std::string name;
  std::shared_ptr<const Carrier> carrier;
  PhoneNumber caller_id;  // empty: the account's own
};

struct TextAccount {
  std::string name;
  std::shared_ptr<const Messenger> messenger;
};

// What the pace of an account is kept under: whoever pays at the carrier, else the account itself.
const std::string& pace_of(const VoiceAccount& account);
const std::string& pace_of(const TextAccount& account);

// The limits that must survive a restart, because money or a proof hangs on them.
struct DurableLimits {
  Limit verify_client;
  Limit verify_phone;
  Limit wrong_client;
  Limit wrong_phone;
  Limit verify_prefix;  // the one that blocks
  Limit call_number;
};

struct Policy {
  Rules rules;
  BusinessHours hours;
  std::shared_ptr<const Zone> zone;
  std::string business_name;
  PhoneNumber sms_number;
  BudgetCaps caps;
  DurableLimits limits;
  int max_concurrent = 10;
  std::string public_url;        // without final slash
  std::string page_host;         // for the machine-readable line of a code's text
  bool record = false;           // calls are recorded, and both sides are told
  bool keep_recordings = false;  // there is an archive for what carriers have recorded
  RecordingTimes recording_times;
  Millis delivery_keep{std::chrono::days(7)};
  Millis token_keep{std::chrono::days(30)};
};

class Observer {
 public:
  virtual ~Observer() = default;
  // before: as it was, or nothing if it is new.
  virtual void on_commit(const Callback* before, const Decision& decision, const Event& event) = 0;
  // One callback could not be dealt with; the others go on without it.
  virtual void on_trouble(const CallbackId& id, const Error& error) = 0;
};

// When attempts were claimed, by a clock that never jumps. Lost with the process, on purpose: then
// the process's own start counts. The shell takes back what a rolled-back work noted here, as it
// does with what the Observer was told.
struct SteadyClaims {
  Millis started{0};
  std::unordered_map<CallbackId, Millis> at{};                       // the newest attempt of each
  std::vector<std::pair<CallbackId, std::optional<Millis>>> undo{};  // what was there before

  Millis of(const CallbackId& id) const;
  void note(const CallbackId& id, std::optional<Millis> when);  // nothing: it is settled
  void take_back(std::size_t mark);                             // to when undo had this size
  void keep() { undo.clear(); }                                 // it is on disk
};

// The next opening hardly ever changes; finding it is the dearest part of a situation.
struct OpeningCache {
  TimePoint from{};
  TimePoint until{};  // from == until: nothing is known
  std::optional<TimePoint> opening;
};

// How many orders the accounts' circuits let out. The shell says so before each pass.
struct Admission {
  static constexpr int kAny = std::numeric_limits<int>::max();

  std::vector<int> dials{};  // through each voice account, in their order; missing: any number
  int texts = kAny;
  std::optional<TimePoint> texts_at{};  // when they go out again, if they are refused for now

  // Would a code be sent later than anybody waits for it?
  bool keeps_codes_back(TimePoint now) const {
    return texts_at && *texts_at - now > kPatienceForCode;
  }
  bool lets_dial(std::size_t account) const {
    return account >= dials.size() || dials[account] > 0;
  }
  void dialled(std::size_t account) {
    if (account < dials.size() && dials[account] > 0) --dials[account];
  }
};

struct Switchboard {
  CallbackStore& store;
  const Clock& clock;
  IdSource& ids;
  const Keyring& keys;
  const Policy& policy;
  const std::vector<VoiceAccount>& voices;
  const std::vector<TextAccount>& texts;
  Observer& observer;
  SteadyClaims claims;
  OpeningCache openings;
  Admission admission{};

  TimePoint now() const { return clock.now(); }
  // The next opening from `when` on; `when` itself, if it is open.
  std::optional<TimePoint> opening_after(TimePoint when);
  int day_of(TimePoint when) const;  // the business's date, in days since 1970
};

// The secret in a webhook's path, and its hash as the store keeps it. Derived, not drawn: whoever
// repeats an order says the same. A part of it proves, to who has the keys, that it is one of ours:
// a flood of guesses never comes as far as the store.
std::string attempt_token(const Keyring& keys, const CallbackId& id, int attempt);
bool is_attempt_token(const Keyring& keys, std::string_view text);
Digest token_digest(const Keyring& keys, std::string_view token);
// The same for a visitor's token, which opens this callback. It begins like the callback's id, so
// that tokens are stored side by side as they are made: at random places each would cost a page of
// its own as history grows.
Digest visitor_token_digest(const Keyring& keys, const CallbackId& id, std::string_view token);
Digest phone_digest(const Keyring& keys, const PhoneNumber& phone);
// Five letters and digits by which a text can be found in a carrier's list.
std::string text_reference(const Keyring& keys, const CallbackId& id, int message);

}  // namespace ringback
