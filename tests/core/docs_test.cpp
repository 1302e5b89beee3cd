// The page of the state machine is made from the table; RINGBACK_WRITE_DOCS=1 writes it anew.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <fstream>
#include <sstream>

#include "core/domain/machine.hpp"

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
