// What people are told about a callback: one plain sentence for the visitor, one text for the
// business.
//
// Nothing is claimed that is not known: a call that may have rung is said to may have rung, and a
// text that was refused is said not to have been sent.
#pragma once

#include <string>
#include <string_view>

#include "core/domain/callback.hpp"

namespace ringback {

// when: the opening or the slot in the visitor's words ("Monday 09:00"); may be empty. locale is
// kept for translations; English is spoken so far.
std::string status_sentence(const Callback& callback, std::string_view business_name,
                            std::string_view when, std::string_view locale = "en");

// The text to the business when nobody talked: who, which number, why, what about. At most three
// parts; the reference at the end lets the carrier's list be searched for it. requested: the time
// that the visitor asked, in the business's words; may be empty.
std::string alert_text(const Callback& callback, std::string_view requested,
                       std::string_view reference);

// Why nobody talked, as the business is told: "You did not answer."
std::string_view reason_for_business(const Callback& callback);

constexpr std::size_t kMostTextParts = 3;

}  // namespace ringback
