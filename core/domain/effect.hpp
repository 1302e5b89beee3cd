// What must be done or remembered beside the state itself, in the imperative.
#pragma once

#include <optional>

#include "core/domain/event.hpp"

namespace ringback {

// An order waits in the outbox until the shell carries it out. One of a kind for each item.
enum class OrderKind : std::uint8_t {
  dial,          // claimed once, never re-run
  hang_up,       // leased, repeated until done
  look_up,       // leased
  poll,          // leased
  send_text,     // claimed once
  look_up_text,  // leased
};

struct Order {
  OrderKind kind{};
  int item = 0;  // attempt or message number
  TimePoint due{};

  friend bool operator==(const Order&, const Order&) = default;
};

struct OrderDrop {
  OrderKind kind{};
  int item = 0;

  friend bool operator==(const OrderDrop&, const OrderDrop&) = default;
};

// One timer of a kind for each callback; none: taken away.
struct TimerChange {
  TimerKind kind{};
  std::optional<TimePoint> due;

  friend bool operator==(const TimerChange&, const TimerChange&) = default;
};

enum class Budget : std::uint8_t { calls, texts };

struct BudgetMove {
  Budget budget{};
  int day = 0;    // days since 1970, in the business's zone
  int delta = 0;  // +1 reserves, -1 gives back

  friend bool operator==(const BudgetMove&, const BudgetMove&) = default;
};

}  // namespace ringback
