// Every bound of the HTTP edge in one place. The defaults are the product's; tests shorten them.
#pragma once

#include <cstddef>

#include "core/domain/time.hpp"

namespace ringback::http {

struct Limits {
  std::size_t header_bytes = 8192;      // start line and fields together; more is 431
  std::size_t header_fields = 100;      // more is 431
  std::size_t body_bytes = 65536;       // unless the route says otherwise; more is 413
  std::size_t idle_body_bytes = 1024;   // what a GET may carry (it is thrown away)
  Millis head_time{10'000};             // for the whole head, however it trickles in
  Millis body_time{15'000};             // for the whole body
  Millis body_rate_grace{5'000};        // then the body must have come at this rate or better:
  std::size_t body_bytes_per_second = 500;
  Millis write_time{30'000};            // for each 64 KiB slice of an answer
  Millis idle_time{15'000};             // between two requests
  Millis age{3'600'000};                // no connection or stream gets older
  Millis linger_time{2'000};            // reading what a refused client still sends
  Millis accept_pause{100};             // when the system is out of descriptors
  std::size_t connections = 10'000;
  std::size_t connections_per_client = 50;  // not for loopback and trusted proxies
};

}  // namespace ringback::http
