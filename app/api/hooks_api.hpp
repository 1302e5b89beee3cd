// Carriers' webhooks: /hooks/{kind}/{account}/{token}/{point}[/{round}].
#pragma once

#include "app/api/program.hpp"
#include "app/http/router.hpp"

namespace ringback {

void add_hook_routes(http::Router& router, Program& program);

}  // namespace ringback
