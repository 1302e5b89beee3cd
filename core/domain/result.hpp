// How a function says "this can fail, and the caller can do something about it".
//
//   a rule said no      -> an ordinary value    (a refused number, an ignored event)
//   the world said no   -> Result<T>            (the disk is full, the row is gone)
//   we have a bug       -> an exception         (a broken invariant; caught once, at the session)
//
// Exceptions never cross a port: an adapter catches its library's own and returns an Error.
#pragma once

#include <boost/system/result.hpp>
#include <stdexcept>
#include <string>

namespace ringback {

enum class Errc {
  invalid_input,   // the text makes no sense as written
  not_found,       // no such row
  conflict,        // somebody changed it first
  overloaded,      // a bounded queue is full; nothing was done
  storage_failed,  // the store could not do it; nothing was changed
  unavailable,     // a peer cannot be reached
};

struct Error {
  Errc code{};
  std::string detail;  // for the operator's log, never for a visitor

  friend bool operator==(const Error&, const Error&) = default;
};

[[noreturn]] inline void throw_exception_from_error(const Error& error,
                                                    const boost::source_location&) {
  throw std::logic_error("value() of a failed Result: " + error.detail);
}

template <class T>
using Result = boost::system::result<T, Error>;

}  // namespace ringback
