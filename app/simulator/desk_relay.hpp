// The desk's API for an exchange in another process (carrier.simulator.base_url): requests are
// handed on as they are, streams are followed by asking again and again what has happened.
#pragma once

#include <string>

#include "app/http/router.hpp"
#include "app/outbound/https_client.hpp"
#include "app/simulator/exchange_host.hpp"

namespace ringback {

// The client must outlive the router's server. base_url without final slash.
void add_desk_relay(http::Router& router, HttpsClient& client, const std::string& base_url,
                    const DeskNumbers& numbers);

}  // namespace ringback
