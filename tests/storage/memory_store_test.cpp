#include "adapters/storage/memory/memory_store.hpp"

#include "tests/conformance/store_suite.hpp"
#include "tests/support/catch.hpp"

using namespace ringback;

TEST_CASE("memory is a store", "[store][memory]") { conformance::check_store(make_memory_store); }
