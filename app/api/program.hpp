// What the handlers work with. Made once by the assembly, outlives the server.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>

#include "app/config/config.hpp"
#include "app/observe/metrics.hpp"
#include "app/recordings/archivist.hpp"
#include "app/runtime/read_thread.hpp"
#include "app/runtime/runner.hpp"
#include "app/runtime/status_board.hpp"
#include "app/runtime/store_thread.hpp"
#include "core/domain/limit_table.hpp"
#include "core/domain/number_policy.hpp"
#include "core/ports/account_store.hpp"
#include "core/ports/numbering_plan.hpp"
#include "core/usecases/switchboard.hpp"

namespace ringback {

// The limits that may be forgotten in a restart.
struct ClientLimits {
  std::mutex mutex;
  LimitTable table;

  Allowance take(std::string_view key, const Limit& limit, TimePoint now) {
    const std::lock_guard lock(mutex);
    return table.take(key, limit, now);
  }
};

struct Program {
  const Config& config;
  const Policy& policy;
  Switchboard& board;  // only inside works of `store`
  StoreThread& store;
  ReadThread& reader;
  ReadThread& admin_reader;  // of its own, so that no visitor waits for an operator's list
  PortThread<AccountStore>& accounts;
  Runner& runner;
  Archivist* archivist = nullptr;  // none: no archive is configured
  StatusBoard& statuses;
  Metrics& metrics;
  ClientLimits& limits;
  const NumberingPlan& plan;
  const Clock& clock;
  IdSource& ids;
  const Keyring& keys;
  NumberPolicy numbers;
  Limit create_limit;
  Limit hooks_rejected_limit;
  Limit api_limit;
  std::string default_region;
  std::string version;
  std::chrono::steady_clock::time_point started{};
  std::atomic<bool> draining{false};

  TimePoint now() const { return clock.now(); }
};

}  // namespace ringback
