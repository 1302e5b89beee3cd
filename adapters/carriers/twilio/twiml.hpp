// TwiML: the markup that tells a leg what to hear. Written, never read.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/carriers/twilio/account.hpp"
#include "core/domain/instruction.hpp"

namespace ringback::twilio {

// Text and values that XML can hold: special characters escaped, control characters and what is no
// UTF-8 left out, so that nothing a visitor wrote becomes markup.
std::string xml_text(std::string_view text);

// The document for one instruction. `hook`: the place of further questions.
std::string twiml(const TwilioAccount& account, const Instruction& instruction,
                  std::string_view hook);

// The document for the visitor's leg before it is joined.
std::string twiml_announcement(const TwilioAccount& account, std::string_view text);

// The document of an order without any webhook: whoever answers is joined to the visitor.
std::string twiml_join(const TwilioAccount& account, const DialVisitor& dial);

}  // namespace ringback::twilio
