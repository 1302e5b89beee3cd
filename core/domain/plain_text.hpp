// Words of strangers, made fit for a voice or a text: no control characters, one space between
// words, cut at a character and not inside one.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace ringback {

// At most `most` characters (code points) of UTF-8; "…" marks what was cut. Bytes that are no UTF-8
// are left out.
std::string plain(std::string_view text, std::size_t most);

// The same, without runs of five or more digits: nobody's number is read aloud.
std::string speakable(std::string_view text, std::size_t most);

// Parts of a text message that this needs: GSM-7 where the characters allow it, else UCS-2.
std::size_t sms_segments(std::string_view text);

}  // namespace ringback
