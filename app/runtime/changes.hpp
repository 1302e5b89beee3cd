// What a batch changed: kept back until the batch is on disk, then published once. What a rolled
// back work told or noted is taken back.
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
  struct Mark {
    std::size_t changes = 0;
    std::size_t troubles = 0;
    std::size_t claims = 0;
  };

  // The works' own notes go the way of their changes. They outlive this, or the last batch.
  void look_after(SteadyClaims& claims) { claims_ = &claims; }

  void on_commit(const Callback* before, const Decision& decision, const Event& event) override;
  void on_trouble(const CallbackId& id, const Error& error) override;

  void set_request(std::string id) { request_id_ = std::move(id); }
  Mark mark() const;
  void take_back(const Mark& mark);  // what was told since then did not happen

  // What is to be published: nothing, unless the batch is on disk. A callback's trouble is worth a
  // line, once; the whole store's is not its own.
  std::vector<Change> end_batch(bool committed);

 private:
  std::vector<Change> changes_;
  std::vector<std::pair<CallbackId, Error>> troubles_;
  std::unordered_set<CallbackId> told_;
  std::string request_id_;
  SteadyClaims* claims_ = nullptr;
};

}  // namespace ringback
