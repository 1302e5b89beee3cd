#include "adapters/carriers/twilio/errors.hpp"

#include <algorithm>
#include <iterator>

namespace ringback::twilio {
namespace {

constexpr auto kNumber = Taken::refused_number;
constexpr auto kAccount = Taken::refused_account;
constexpr auto kContent = Taken::refused_content;
constexpr auto kLater = Taken::throttled;

constexpr std::string_view kDictionary = "error dictionary";
constexpr std::string_view kTestNumbers = "error dictionary; magic numbers of the test credentials";
constexpr std::string_view kRetryPage = "error page 20429: never processed, always safe to retry";
constexpr std::string_view kLimits = "error dictionary; rate limits and queueing";

// clang-format off
constexpr ErrorRow kRows[] = {
    // Asked to wait; nothing was taken.
    {14107, kLater, "texts are sent faster than this number may send", kLimits},
    {20429, kLater, "too many requests at once", kRetryPage},
    {21611, kLater, "this number's queue of texts is full", kTestNumbers},
    {30001, kLater, "the queue of texts is full", kLimits},
    {63018, kLater, "the channel's rate is reached", kLimits},

    // Something broke over there: it may have been taken.
    {20500, Taken::unknown, "an error inside the carrier", kDictionary},
    {20503, Taken::unknown, "the carrier is not available", kDictionary},

    // The account, its credentials, its own numbers: every other order would be refused as well.
    {20003, kAccount, "the credentials are refused: check account_sid, auth_token and the API key", kDictionary},
    {20005, kAccount, "the account is not active: check its balance and status in the console", kDictionary},
    {20006, kAccount, "access is denied to these credentials", kDictionary},
    {20008, kAccount, "test credentials cannot do this: use the live ones", kDictionary},
    {20403, kAccount, "the account may not do this", kDictionary},
    {20404, kAccount, "the account is not known: check account_sid and base_url", kDictionary},
    {21205, kAccount, "our webhook's URL is refused: public_url must be a public address", kDictionary},
    {21209, kAccount, "our status webhook's URL is refused: public_url must be a public address", kDictionary},
    {21210, kAccount, "`from` is not a number of this account nor verified as a caller id", kTestNumbers},
    {21212, kAccount, "`from` is not a number that can call", kTestNumbers},
    {21213, kAccount, "a caller id is required: set `from`", kDictionary},
    {21601, kAccount, "the sender cannot send texts", kDictionary},
    {21603, kAccount, "a sender is required: set sms_from or messaging_service_sid", kDictionary},
    {21609, kAccount, "our status webhook's URL is refused: public_url must be a public address", kDictionary},
    {30002, kAccount, "the account is suspended", kDictionary},
    {30034, kAccount, "the sender is not registered for A2P 10DLC, which this country asks for", kDictionary},
    {70051, kAccount, "the API key may not do this: give it the right, or use another", kDictionary},

    // What was to be said, or how we asked for it: this order alone.
    {21201, kContent, "the request named nobody to call: please report it", kDictionary},
    {21206, kContent, "the request is refused as malformed: please report it", kDictionary},
    {21208, kContent, "the request is refused as malformed: please report it", kDictionary},
    {21604, kContent, "the request named nobody to text: please report it", kDictionary},
    {21218, kContent, "the request named an application that is not known: please report it", kDictionary},
    {21220, kContent, "the call is over", kDictionary},
    {13520, kContent, "the spoken text is refused", kDictionary},
    {13521, kContent, "the spoken text is too long", kDictionary},
    {21602, kContent, "the text is empty: please report it", kDictionary},
    {21605, kContent, "the text is too long: please report it", kDictionary},
    {21617, kContent, "the text is too long: please report it", kDictionary},
    {21618, kContent, "the text was stopped by a filter", kDictionary},
    {21619, kContent, "the text has no content: please report it", kDictionary},
    {21620, kContent, "the text's media are refused", kDictionary},
    {30007, kContent, "the network filtered the text: register the sender and its wording", kDictionary},

    // This destination is blocked, or out of this account's reach: others are not.
    {21219, kNumber, "a trial account calls verified numbers alone: verify this one, or upgrade", kDictionary},
    {21606, kNumber, "the sender cannot text this number: is it of this account, can it text this country?", kTestNumbers},
    {21608, kNumber, "a trial account texts verified numbers alone: verify this one, or upgrade", kDictionary},
    {21202, kNumber, "a premium number, which is not called", kDictionary},
    {21203, kNumber, "an international number, which the account may not call", kDictionary},
    {21215, kNumber, "calls to this country are switched off: Voice > Geographic permissions", kTestNumbers},
    {21216, kNumber, "the carrier blocks this number", kTestNumbers},
    {21408, kNumber, "texts to this country are switched off: Messaging > Geo permissions", kTestNumbers},
    {21610, kNumber, "its owner opted out of texts (STOP); only they can opt in again (START)", kTestNumbers},
    {30004, kNumber, "its owner or network blocks texts", kDictionary},
    {30450, kNumber, "the carrier blocks texts to this number", kDictionary},
    {63016, kNumber, "outside the window in which free text is allowed: a template is needed", kDictionary},

    // This destination does not exist or cannot be had.
    {21211, kNumber, "not a valid number", kTestNumbers},
    {21214, kNumber, "this number cannot be reached", kTestNumbers},
    {21217, kNumber, "not a valid number", kTestNumbers},
    {21401, kNumber, "not a valid number", kDictionary},
    {21612, kNumber, "no route for texts from this sender to this number", kTestNumbers},
    {21614, kNumber, "not a mobile number: it cannot get texts", kTestNumbers},
    {30003, kNumber, "the handset is off or not reachable", kDictionary},
    {30005, kNumber, "the handset is unknown or no longer in use", kDictionary},
    {30006, kNumber, "a landline, or its network cannot be reached", kDictionary},
    {30008, kNumber, "the network did not deliver, without a reason", kDictionary},
    {63003, kNumber, "the channel cannot find this address", kDictionary},
};
// clang-format on

}  // namespace

ErrorRow error_row(int code) {
  const auto* row = std::find_if(std::begin(kRows), std::end(kRows),
                                 [&](const ErrorRow& r) { return r.code == code; });
  if (row != std::end(kRows)) return *row;
  return {code, kContent, "the carrier refused the request", ""};
}

bool means_over(int code) { return code == 21220 || means_unknown_reference(code); }

bool means_unknown_reference(int code) { return code == 20404; }

}  // namespace ringback::twilio
