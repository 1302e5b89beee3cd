#include "app/observe/http_tally.hpp"

#include <algorithm>
#include <atomic>
#include <tuple>

namespace ringback {
namespace {

using Key = std::tuple<std::string, std::string, int>;
using View = std::tuple<std::string_view, std::string_view, int>;

std::atomic<std::uint64_t> tallies{0};

// Written by one thread, read by any: no read-modify-write is needed.
template <class T>
void add(std::atomic<T>& to, T what) {
  to.store(to.load(std::memory_order_relaxed) + what, std::memory_order_relaxed);
}

// Not std::less<>: clang cannot compare tuples of different types with this library.
struct InOrder {
  using is_transparent = void;
  bool operator()(const View& a, const View& b) const { return a < b; }
};

struct Cell {
  std::array<std::atomic<std::uint64_t>, HttpTally::kBounds.size() + 1> buckets{};
  std::atomic<double> seconds{0};
};

}  // namespace

struct HttpTally::Share {
  mutable std::mutex growing;  // for a new cell, and for whoever walks over all of them
  std::map<Key, Cell, InOrder> cells;
};

HttpTally::HttpTally() : no_(++tallies) {}
HttpTally::~HttpTally() = default;

HttpTally::Share& HttpTally::mine() {
  struct Last {
    std::uint64_t tally = 0;
    Share* share = nullptr;
  };
  thread_local Last last;
  if (last.share == nullptr || last.tally != no_) {
    const std::lock_guard lock(mutex_);
    auto& share = shares_[std::this_thread::get_id()];
    if (!share) share = std::make_unique<Share>();
    last = {no_, share.get()};
  }
  return *last.share;
}

void HttpTally::count(std::string_view route, std::string_view method, int status, double seconds) {
  Share& share = mine();
  auto found = share.cells.find(View(route, method, status));
  if (found == share.cells.end()) {
    const std::lock_guard lock(share.growing);
    found = share.cells.try_emplace(Key(route, method, status)).first;
  }
  Cell& cell = found->second;
  const auto bound = std::lower_bound(kBounds.begin(), kBounds.end(), seconds);
  add<std::uint64_t>(cell.buckets[static_cast<std::size_t>(bound - kBounds.begin())], 1);
  add(cell.seconds, seconds);
}

std::vector<HttpTally::Series> HttpTally::series() const {
  std::map<Key, Series> sums;
  const std::lock_guard lock(mutex_);
  for (const auto& [thread, share] : shares_) {
    const std::lock_guard growing(share->growing);
    for (const auto& [key, cell] : share->cells) {
      Series& sum = sums[key];
      for (std::size_t i = 0; i < sum.buckets.size(); ++i)
        sum.buckets[i] += cell.buckets[i].load(std::memory_order_relaxed);
      sum.seconds += cell.seconds.load(std::memory_order_relaxed);
    }
  }
  std::vector<Series> all;
  for (auto& [key, sum] : sums) {
    std::tie(sum.route, sum.method, sum.status) = key;
    all.push_back(std::move(sum));
  }
  return all;
}

}  // namespace ringback
