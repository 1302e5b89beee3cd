// Who may come in at /api/v1/admin: a program with a key of the right scope, and nobody else yet.
// A route cannot be added without a scope.
#pragma once

#include <boost/asio/awaitable.hpp>

#include "app/api/program.hpp"
#include "app/http/router.hpp"
#include "core/domain/api_key.hpp"

namespace ringback {

using AdminHandler = boost::asio::awaitable<http::Response> (*)(Program&, http::Request&,
                                                                const ApiKey&);

// The handler behind the guard: 400, 401, 403 and 429 are answered here, and whoever is let in is
// told what is left of `limits.api`.
http::AsyncHandler for_keys(Program& program, Scope scope, AdminHandler handler);

}  // namespace ringback
