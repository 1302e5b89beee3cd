// What the fuzz targets have in common: the input cut into pieces, and a check that stops the run.
//
// Each *_fuzz.cpp is one LLVMFuzzerTestOneInput. Built by clang it searches (./dev fuzz); built by
// the normal compiler with replay.cpp it reads its corpus once, as an ordinary test.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string_view>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace ringback::fuzz {

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

// What must hold whatever comes in.
inline void must(bool holds, const char* promise) {
  if (holds) return;
  std::fprintf(stderr, "broken promise: %s\n", promise);
  std::abort();
}

// Takes what stands before the next line feed, or all that is left. Text, not binary lengths, so
// that a corpus file can be read and written by hand.
inline std::string_view next_line(std::string_view& rest) {
  const auto end = rest.find('\n');
  const auto line = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  return line;
}

}  // namespace ringback::fuzz
