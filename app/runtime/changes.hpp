// What a batch changed: kept back until the batch is on disk, then published once.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include "core/usecases/switchboard.hpp"

namespace ringback {

struct Change {
  std::optional<Callback> before;  // nothing: it is new
  Callback after;
  Verdict verdict{};
  bool orders = false;  // the outbox or a timer changed
  bool foreign_call = false;
};

class Changes final : public Observer {
 public:
  void on_commit(const Callback* before, const Decision& decision, const Event& event) override;

  std::size_t size() const { return changes_.size(); }
  void truncate(std::size_t size) { changes_.resize(size); }  // a work was rolled back
  std::vector<Change> take() { return std::exchange(changes_, {}); }

 private:
  std::vector<Change> changes_;
};

}  // namespace ringback
