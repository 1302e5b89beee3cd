// /livez, /readyz, /health, /metrics: for whoever keeps the service running.
#pragma once

#include "app/api/program.hpp"
#include "app/http/router.hpp"

namespace ringback {

void add_health_routes(http::Router& router, Program& program);

}  // namespace ringback
