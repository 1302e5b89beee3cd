// How many requests each route has answered, and how long that took. Every thread counts in cells
// of its own, so that counting costs no lock and threads do not take cache lines from each other;
// they are added up when somebody asks. All members may be called from any thread.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace ringback {

class HttpTally {
 public:
  static constexpr std::array kBounds{0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025,
                                      0.05,   0.1,   0.25,   0.5,   1.0,  5.0};
  struct Series {
    std::string route;
    std::string method;
    int status = 0;
    // Requests that took no longer than the bound; the last: longer than all.
    std::array<std::uint64_t, kBounds.size() + 1> buckets{};
    double seconds = 0;  // all together
  };

  HttpTally();
  ~HttpTally();

  void count(std::string_view route, std::string_view method, int status, double seconds);
  std::vector<Series> series() const;

 private:
  struct Share;  // of one thread
  Share& mine();

  const std::uint64_t no_;  // tells tallies apart that were made at the same place
  mutable std::mutex mutex_;
  std::map<std::thread::id, std::unique_ptr<Share>> shares_;
};

}  // namespace ringback
