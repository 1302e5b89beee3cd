// The operators' routes, /api/v1/admin, for programs with a key.
#pragma once

#include "app/api/program.hpp"
#include "app/http/router.hpp"

namespace ringback {

void add_admin_routes(http::Router& router, Program& program);

}  // namespace ringback
