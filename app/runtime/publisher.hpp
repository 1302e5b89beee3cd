// Tells everybody what a batch changed, once it is on disk: whoever watches a callback, the
// counters, the log, the runner.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "app/observe/metrics.hpp"
#include "app/runtime/changes.hpp"
#include "app/runtime/status_board.hpp"

namespace ringback {

class Publisher {
 public:
  using Render = std::function<SharedStatus(Callback&&)>;

  // carriers: the kind of each voice account, in their order.
  Publisher(Metrics& metrics, StatusBoard& board, std::vector<std::string> carriers)
      : metrics_(metrics), board_(board), carriers_(std::move(carriers)) {}

  void render_with(Render render) { render_ = std::move(render); }
  void wake_with(std::function<void()> wake) { wake_ = std::move(wake); }

  // On the store's thread, which everybody waits for.
  void publish(double seconds, std::size_t works, std::vector<Change>&& changes);

 private:
  bool changed_document(const Change& change) const;
  void count(const Change& change);
  void count_attempts(const Change& change);
  void count_texts(const Change& change);

  Metrics& metrics_;
  StatusBoard& board_;
  std::vector<std::string> carriers_;
  Render render_;
  std::function<void()> wake_;
};

}  // namespace ringback
