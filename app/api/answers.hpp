// Answers that several routes give.
#pragma once

#include <cmath>

#include "app/api/program.hpp"
#include "app/http/message.hpp"

namespace ringback {

inline Seconds whole_seconds(Millis wait) {
  return std::max(Seconds(1), std::chrono::ceil<Seconds>(wait));
}

// The store could not do it.
inline http::Response store_problem(const Error& error) {
  switch (error.code) {
    case Errc::not_found:
      return http::problem(http::ProblemCode::not_found,
                           "There is no such callback, or this token does not open it.");
    case Errc::overloaded:
      return http::problem(http::ProblemCode::overloaded,
                           "More is asked of this service than it can do right now. Nothing was "
                           "done; try again in a moment.",
                           {}, Seconds(1));
    default:
      return http::problem(http::ProblemCode::overloaded,
                           "What you asked for could not be stored, so nothing was done. Try again "
                           "in a moment.",
                           {}, Seconds(5));
  }
}

inline http::Response limited(Program& program, std::string_view limit, Millis retry_after,
                              std::string detail) {
  program.metrics.limited(limit);
  return http::problem(http::ProblemCode::rate_limited, std::move(detail), {},
                       whole_seconds(retry_after));
}

inline void add_rate_limit(http::Response& response, std::string_view name, const Limit& limit,
                           const Allowance& allowance) {
  if (limit.empty()) return;
  // The window that decides is not told apart: what is left in it bounds what is left in each.
  const Window& window = limit.front();
  const http::RateWindow shown{.name = name,
                               .quota = window.count,
                               .window = window.span,
                               .remaining = allowance.remaining,
                               .reset = std::chrono::ceil<Seconds>(allowance.reset)};
  http::set_rate_limit(response, std::span(&shown, 1));
}

inline http::Response over_budget(Program& program) {
  program.metrics.limited("budget");
  // The day's cap is lifted at the business's midnight; an hour is a fair time to ask again.
  return http::problem(http::ProblemCode::budget_reached,
                       "As many calls and texts as this service may make in a day have been made. "
                       "You were not called and nothing was sent; try again tomorrow.",
                       {}, Seconds(3600));
}

}  // namespace ringback
