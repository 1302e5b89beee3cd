// Port: a telephone carrier, seen as a codec between our words and its HTTP API.
//
// A Carrier does no I/O, keeps no state and never blocks, so it is tested with letters and can be
// replayed. Sending, time-outs, repeats and TLS belong to the shell. One instance is one account.
// Every implementation passes tests/conformance/carrier_suite.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "core/domain/event.hpp"
#include "core/domain/instruction.hpp"
#include "core/domain/result.hpp"
#include "core/ports/http_message.hpp"

namespace ringback {

// What a carrier can and cannot do. Checked against the configuration at start, not mid-call.
struct CarrierProfile {
  std::string kind;              // as in the configuration: "simulator"
  std::string owner;             // who it is at the carrier: those of one owner share one pace
  bool bridges_itself = false;   // it is given both numbers and joins them; we are not asked
  bool can_ask_for_key = false;  // call.accept = "press_1" works
  std::string asking_needs;      // what would let it ask: "give it a call flow (…)"
  bool can_hang_up = false;
  bool can_find_calls = false;   // it can be asked afterwards which calls there are
  bool lists_live_calls = true;  // false: a call under way is not in that list, so none is no proof
  // It records both sides, announces it to both, and sends news of the recording.
  bool can_record = false;
  bool signs_webhooks = false;  // false: its news are hints, only snapshots are believed
  bool polled = false;          // it is given no address of ours: asked every few seconds instead
  Millis fetch_lag{0};          // a snapshot may show the past for so long
  Seconds longest_ring{600};
  double calls_per_second = 0;  // of one owner; 0: no pace of its own
  int requests_per_minute = 0;  // of one owner, all kinds, at most half of them questions; 0: any
  PhoneNumber caller_id;        // the account's own number, shown to both
};

struct OriginateOrder {
  PhoneNumber business;
  PhoneNumber visitor;
  PhoneNumber caller_id;  // shown to both; empty: the account's own
  Seconds ring{25};
  Seconds visitor_ring{30};
  Seconds talk{3600};
  bool ask_for_key = true;
  std::optional<Announcement> recorded = std::nullopt;  // only with bridges_itself
  std::string
      hook;  // absolute URL without final slash: {public_url}/hooks/{kind}/{account}/{token}
};

struct FindOrder {
  PhoneNumber business;
  PhoneNumber caller_id;
  TimePoint from{};  // calls created in [from, to]
  TimePoint to{};
};

struct FoundCall {
  std::string ref;
  TimePoint created_at{};
};

// What the account itself says when it is asked: for the operator, never for the rules of calling.
struct AccountReading {
  std::string detail;              // "active, full account"
  std::vector<std::string> notes;  // what will not work as it is, and what to do
};

// A webhook as it came, with what its path says.
struct Webhook {
  HttpRequest request;  // url: public_url + raw target, never from a Host header
  std::string token;    // the path's attempt token
  std::string point;    // the path's last words: "answer", "key", "status" ...
  int round = 1;
  TimePoint received_at{};
};

// A recording can be fetched, or there is nothing to fetch. Its URL in a webhook is never used:
// `ref` is the carrier's name of it, and its shape has been checked.
struct RecordingNews {
  std::string call;  // of the business leg
  std::string ref;
  bool absent = false;
  int seconds = 0;  // 0: not told

  friend bool operator==(const RecordingNews&, const RecordingNews&) = default;
};

struct Heard {
  std::vector<News> news;              // attempt numbers are filled in by the use case
  std::optional<Questioned> question;  // the carrier waits for an instruction
  std::vector<RecordingNews> recordings;
  // The visitor answered a talk that is recorded, and waits to be told so before the two are
  // joined: the call's reference. Empty: nobody waits.
  std::string announce_on;
  std::string delivery;  // the same for each repeat of one letter, else different
  std::string token;     // if the letter itself carries the token; else empty
};
enum class WebhookFault { unauthenticated, malformed };
using WebhookReading = std::variant<Heard, WebhookFault>;

class Carrier {
 public:
  virtual ~Carrier() = default;

  virtual const CarrierProfile& profile() const noexcept = 0;

  // The order to ring the business, and the reading of its answer. Everything but a clear yes or no
  // is Taken::unknown: somebody may have been rung.
  virtual HttpRequest originate(const OriginateOrder& order) const = 0;
  virtual Outcome read_originated(const HttpResponse& response) const = 0;

  // Which calls are there? Only asked when profile().can_find_calls. Read with the order that
  // asked: a list that may not hold all calls of its window is an error, for an empty one is a
  // proof.
  virtual HttpRequest find_calls(const FindOrder& order) const = 0;
  virtual Result<std::vector<FoundCall>> read_found(const FindOrder& order,
                                                    const HttpResponse& response) const = 0;

  // Both legs of one call as they are now. One or more requests; their answers in the same order.
  virtual std::vector<HttpRequest> fetch(std::string_view ref) const = 0;
  virtual Result<Snapshot> read_fetched(const std::vector<HttpResponse>& responses) const = 0;

  // Ends both legs. Ending an ended call is a success.
  virtual HttpRequest hang_up(std::string_view ref) const = 0;
  virtual Result<void> read_hung_up(const HttpResponse& response) const = 0;

  virtual WebhookReading read_webhook(const Webhook& webhook) const = 0;
  // `hook` as in OriginateOrder: the place of further questions.
  virtual HttpResponse write_instruction(const Instruction& instruction,
                                         std::string_view hook) const = 0;
  // For carriers that want it written differently from point to point. One that does not, leaves
  // this as it is.
  virtual HttpResponse write_answer(Point /*asked_at*/, const Instruction& instruction,
                                    std::string_view hook) const {
    return write_instruction(instruction, hook);
  }

  // What the visitor's leg hears before it is joined; only asked for after Heard::announce_on.
  virtual HttpResponse write_announcement(std::string_view) const { return {}; }

  // With profile().can_record: the letter that fetches the audio, and the one that deletes the
  // carrier's copy, both made of the configured address and the recording's name. No URL: it cannot
  // be done. The hosts are those that may be given the credentials, this one and those below it;
  // elsewhere (a redirect) the letter goes without them, or not at all.
  virtual HttpRequest fetch_recording(std::string_view) const { return {}; }
  virtual HttpRequest delete_recording(std::string_view) const { return {}; }
  virtual std::vector<std::string> recording_hosts() const { return {}; }

  // Are the credentials good? Letters and their answers as with fetch(); none: it cannot be asked.
  virtual std::vector<HttpRequest> ask_account() const { return {}; }
  virtual Result<AccountReading> read_account(const std::vector<HttpResponse>&) const {
    return AccountReading{};
  }
};

}  // namespace ringback
