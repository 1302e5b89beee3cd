// Secrets in files: read them only when they are kept from others, and make the secret key on the
// first start.
#pragma once

#include <string>

#include "core/domain/result.hpp"
#include "core/domain/secret.hpp"

namespace ringback {

// One secret, without the line's end. not_found: no such file. invalid_input: others may read it,
// it is empty, too large or no ordinary file. The detail says what to type.
Result<Secret> read_secret_file(const std::string& path);

// The secret key in that file; made (32 random bytes in hex, mode 0600, on the disk before this
// returns) if there is none. Two processes that start at once end up with the same one.
Result<Secret> load_or_create_secret(const std::string& path);

}  // namespace ringback
