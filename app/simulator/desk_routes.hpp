// The desk's API, /simulator/api/...: people and tests play the telephones of an exchange that
// lives in this process. docs/simulator.md describes it; desk_relay.hpp has the one for an exchange
// elsewhere.
#pragma once

#include "app/http/router.hpp"
#include "app/simulator/exchange_host.hpp"

namespace ringback {

// The host must outlive the router's server.
void add_desk_routes(http::Router& router, ExchangeHost& host, const DeskNumbers& numbers);

// {business, visitor}, the same for both.
http::Response desk_numbers_response(const DeskNumbers& numbers);

}  // namespace ringback
