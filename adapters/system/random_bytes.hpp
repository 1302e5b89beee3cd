// Bytes that nobody can guess, from OpenSSL. They are drawn in portions for each thread: asking
// costs more than the bytes. What was given out is wiped here. For processes that do not fork.
#pragma once

#include <cstddef>
#include <cstdint>

namespace ringback {

// Throws when the operating system gives no randomness.
void random_bytes(std::uint8_t* to, std::size_t size);

}  // namespace ringback
