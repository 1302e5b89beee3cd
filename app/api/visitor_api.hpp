// The visitor's routes: /api/v1/sites, /callbacks, /slots.
#pragma once

#include "app/api/program.hpp"
#include "app/http/router.hpp"

namespace ringback {

void add_visitor_routes(http::Router& router, Program& program);

// What a status document says beside the callback's own row.
struct StatusContext;
StatusContext status_context(const Program& program, const Callback& callback);

}  // namespace ringback
