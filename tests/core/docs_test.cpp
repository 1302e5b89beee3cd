// The page of the state machine is made from the table; RINGBACK_WRITE_DOCS=1 writes it anew. The
// cookbook quotes a carrier that compiles.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

#include "core/domain/machine.hpp"

namespace {

std::string text_of(const std::string& path) {
  std::ifstream file(RINGBACK_SOURCE_DIR "/" + path);
  std::stringstream text;
  text << file.rdbuf();
  return text.str();
}

}  // namespace

TEST_CASE("docs: every line of code in the cookbook's carrier is the example's", "[page]") {
  const std::string code = text_of("tests/conformance/example_carrier.cpp") +
                           text_of("tests/conformance/example_carrier_test.cpp");
  std::istringstream page(text_of("docs/cookbook/add-a-carrier.md"));
  int quoted = 0;
  bool inside = false;
  for (std::string line; std::getline(page, line);) {
    const bool fence = line.starts_with("```");
    if (fence) inside = line == "```cpp";
    // The registry's line is the one that the reader writes.
    if (fence || !inside || line.find("…") != std::string::npos ||
        line.find("example_keys") != std::string::npos)
      continue;
    INFO(line);
    CHECK(code.find(line + "\n") != std::string::npos);
    quoted += 1;
  }
  CHECK(quoted > 20);
}

TEST_CASE("docs: the page of the state machine is the table", "[page]") {
  const std::string path = RINGBACK_SOURCE_DIR "/docs/state-machine.md";
  const auto page = ringback::state_machine_page();
  if (std::getenv("RINGBACK_WRITE_DOCS") != nullptr) std::ofstream(path) << page;
  std::ifstream file(path);
  std::stringstream written;
  written << file.rdbuf();
  INFO("run core_tests \"[page]\" with RINGBACK_WRITE_DOCS=1");
  CHECK(written.str() == page);
}
