// The pages and scripts that are part of the program.
#pragma once

#include "app/http/router.hpp"
#include "app/http/static_files.hpp"

namespace ringback {

// with_simulator: the demo page at / and the desk at /simulator/.
void add_page_routes(http::Router& router, const http::StaticFiles& files, bool with_simulator);

}  // namespace ringback
