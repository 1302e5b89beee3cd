// What a batch changed: kept back until the batch is on disk, then published once.
#pragma once

#include <optional>
#include <string>
#include <unordered_set>
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
  std::string said;  // by the carrier that did not take an order: for the operator
  std::string request_id;
};

class Changes final : public Observer {
 public:
  void on_commit(const Callback* before, const Decision& decision, const Event& event) override;
  void on_trouble(const CallbackId& id, const Error& error) override;

  void set_request(std::string id) { request_id_ = std::move(id); }

  std::size_t size() const { return changes_.size(); }
  void truncate(std::size_t size) { changes_.resize(size); }  // a work was rolled back
  std::vector<Change> take() { return std::exchange(changes_, {}); }
  // After the batch: a callback's trouble is worth a line, once; the whole store's is not its own.
  void end_troubles(bool committed);

 private:
  std::vector<Change> changes_;
  std::vector<std::pair<CallbackId, Error>> troubles_;
  std::unordered_set<CallbackId> told_;
  std::string request_id_;
};

}  // namespace ringback
