// A thread with a read-only view of the store, so that looking never waits for writing.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <memory>
#include <optional>

#include "core/ports/callback_store.hpp"

namespace ringback {

class ReadThread {
 public:
  explicit ReadThread(std::unique_ptr<CallbackReader> reader) : reader_(std::move(reader)) {}
  ~ReadThread() { stop(); }

  // look: (CallbackReader&) -> Result<T>
  template <class Look>
  boost::asio::awaitable<std::invoke_result_t<Look&, CallbackReader&>> run(Look look) {
    std::optional<std::invoke_result_t<Look&, CallbackReader&>> answer;
    // Named, and by reference: g++ 12 destroys a lambda temporary in a co_await twice (GCC 107288).
    auto job = [this, &answer, &look]() -> boost::asio::awaitable<void> {
      answer.emplace(look(*reader_));
      co_return;
    };
    co_await boost::asio::co_spawn(thread_, job, boost::asio::use_awaitable);
    co_return std::move(*answer);
  }

  void stop() { thread_.join(); }

 private:
  std::unique_ptr<CallbackReader> reader_;
  boost::asio::thread_pool thread_{1};
};

}  // namespace ringback
