// The one-time code that proves a visitor's number: how it is made, sent, read and bound.
//
// Six digits are few, so everything around them is strict: five tries, five minutes, three texts
// with growing pauses, and what is stored is a keyed digest over challenge, number and code.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/domain/phone_number.hpp"
#include "core/domain/time.hpp"

namespace ringback {

constexpr std::size_t kCodeDigits = 6;
constexpr Seconds kCodeLife{300};  // verification.ttl_seconds
constexpr Seconds kLongestCodeLife{600};
constexpr int kCodeTries = 5;        // verification.attempts
constexpr int kMaxCodeSends = 3;     // the first included
constexpr Seconds kResendPause{60};  // verification.resend_seconds; doubles with each text

// From a uniform random number. Nothing for the few at the top that would make some codes likelier
// than others: draw again.
std::optional<std::string> code_from(std::uint32_t uniform);

// What somebody typed: six digits, spaces and hyphens between them forgiven.
std::optional<std::string> read_code(std::string_view typed);

// When another text may go out after `sends` of them; nothing when there will be none.
std::optional<TimePoint> resend_at(int sends, TimePoint last_sent, Seconds pause = kResendPause);

constexpr int tries_left(int wrong, int tries = kCodeTries) {
  return wrong >= tries ? 0 : tries - wrong;
}

// A business's name as it may stand in a text message: at most 20 characters of the GSM alphabet,
// nothing that could become a link. "Our team" when nothing is left of it.
std::string brand_for_sms(std::string_view name);

// One GSM-7 segment. The last line lets a phone offer the code to the page on `host`; a host too
// long for the segment, or not shaped like one, loses that line, never the code.
std::string code_sms(std::string_view brand, std::string_view code, Seconds life,
                     std::string_view host);

// What the keyed digest is taken over: "v1|challenge|+12025550123|123456".
std::string code_binding_text(std::string_view challenge, const PhoneNumber& number,
                              std::string_view code);

}  // namespace ringback
