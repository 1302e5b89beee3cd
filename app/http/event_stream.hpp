// The writing end of an answer that goes on: server-sent events, or any body made piece by piece.
// Bounded by construction: a piece is written before the next is taken, and a reader that does not
// read is dropped after Limits::write_time.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <memory>
#include <string_view>

#include "app/http/wakeup.hpp"

namespace ringback::http {

class Wire;

class EventStream {
 public:
  EventStream(Wire& wire, bool chunked);

  // One event. Empty parts are left out. False: the client is gone, stop. The strings must live
  // until the call is over.
  boost::asio::awaitable<bool> send(std::string_view event, std::string_view id,
                                    std::string_view data);
  boost::asio::awaitable<bool> comment(std::string_view text = {});
  // Raw bytes of a body.
  boost::asio::awaitable<bool> write(std::string_view bytes);

  // The client is gone, the connection is too old, or the server drains: come to an end. In the
  // last two cases a final piece can still be written.
  bool closed() const;

  enum class Wake { rung, time, closed };
  // Until the bell rings, the time is over, or the stream is closed.
  boost::asio::awaitable<Wake> wait(Wakeup& bell, Millis at_most);

  // A bell on this stream's executor.
  std::shared_ptr<Wakeup> make_bell() const;
  boost::asio::any_io_executor executor() const;

 private:
  friend class Wire;
  void wake();  // closed() has changed

  Wire& wire_;
  Wakeup* waiting_ = nullptr;
  bool chunked_;
};

}  // namespace ringback::http
