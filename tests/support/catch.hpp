// Catch2, taught to print our Result: its own operator<< wants every value and error printable.
#pragma once

#include <catch2/catch.hpp>

#include "core/domain/result.hpp"

namespace Catch {

template <class T>
struct StringMaker<ringback::Result<T>> {
  static std::string convert(const ringback::Result<T>& result) {
    return result.has_error() ? "error: " + result.error().detail : "a value";
  }
};

}  // namespace Catch
