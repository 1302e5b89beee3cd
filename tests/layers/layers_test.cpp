// The dependency rule, read from every #include: arrows point inward only. The rule itself is the
// table below; the first test is the tree, the second proves that the rule can be broken.
#include <algorithm>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

namespace {

namespace fs = std::filesystem;
using Words = std::vector<std::string_view>;

// Standard headers that wait, read, write, roll dice or know the time.
const Words kImpureStandard{"thread",    "mutex",          "shared_mutex", "condition_variable",
                            "future",    "stop_token",     "barrier",      "latch",
                            "semaphore", "fstream",        "iostream",     "syncstream",
                            "random",    "ctime",          "cstdio",       "filesystem",
                            "coroutine", "csignal",        "csetjmp",      "atomic",
                            "execution", "memory_resource"};

struct Layer {
  std::string_view folder;
  Words may_see;  // folders of this repository
  bool pure;      // of foreign headers only fmt/ and boost/system/, and no impure standard ones
};
// clang-format off
const std::vector<Layer> kLayers{
    {"core/domain/",   {"core/domain/"},                                  true},
    {"core/ports/",    {"core/domain/", "core/ports/"},                   true},
    {"core/usecases/", {"core/domain/", "core/ports/", "core/usecases/"}, true},
    {"adapters/",      {"core/domain/", "core/ports/", "adapters/"},      false},
};
// clang-format on
const Words kOurFolders{"core/", "adapters/", "app/", "tests/", "web/"};
const Words kNotForAdapters{"boost/asio", "boost/beast"};

// Heavy or dangerous headers that one file owns.
struct Owned {
  std::string_view header;
  std::string_view owner;
};
const std::vector<Owned> kOwned{{"phonenumbers/", "adapters/system/libphonenumber_plan.cpp"}};

bool starts(std::string_view text, std::string_view with) {
  return text.substr(0, with.size()) == with;
}
bool starts_any(std::string_view text, const Words& words) {
  return std::any_of(words.begin(), words.end(), [&](auto word) { return starts(text, word); });
}
std::string folder_of(std::string_view path) {
  return std::string(path.substr(0, path.rfind('/') + 1));
}

// An adapter sees its own folder and those above it (what siblings share: adapters/carriers/form);
// a registry also sees what is below its own.
bool adapter_may_see(std::string_view file, std::string_view header) {
  const std::string own = folder_of(file);
  const std::string other = folder_of(header);
  const bool registry = starts(file.substr(own.size()), "registry.");
  return starts(own, other) || (registry && starts(other, own));
}

std::string complaint(std::string_view file, std::string_view header, bool quoted) {
  for (const Owned& owned : kOwned)
    if (starts(header, owned.header) && file != owned.owner)
      return std::string("is only for ") + std::string(owned.owner);
  const auto layer = std::find_if(kLayers.begin(), kLayers.end(),
                                  [&](const Layer& one) { return starts(file, one.folder); });
  if (layer == kLayers.end()) return {};
  if (starts_any(header, kOurFolders)) {
    if (!starts_any(header, layer->may_see)) return "points outward";
    if (starts(header, "adapters/") && !adapter_may_see(file, header))
      return "is another adapter's";
    return {};
  }
  if (quoted) return "is not written from the repository's root";
  if (!layer->pure) return starts_any(header, kNotForAdapters) ? "is for app/ only" : "";
  const bool standard = header.find('/') == header.npos && header.find('.') == header.npos;
  if (standard)
    return std::find(kImpureStandard.begin(), kImpureStandard.end(), header) !=
                   kImpureStandard.end()
               ? "does I/O, waits, or knows the time"
               : "";
  return starts_any(header, {"fmt/", "boost/system/"}) ? "" : "is a foreign library";
}

std::vector<std::string> violations(const std::string& file, std::istream& source) {
  static const std::regex include(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"].*)");
  std::vector<std::string> found;
  int number = 0;
  for (std::string line; std::getline(source, line);) {
    ++number;
    std::smatch match;
    if (!std::regex_match(line, match, include)) continue;
    const std::string why = complaint(file, match[2].str(), match[1] == "\"");
    if (!why.empty())
      found.push_back(file + ":" + std::to_string(number) + ": " + match[2].str() + " " + why);
  }
  return found;
}

std::vector<std::string> planted(const std::string& file, const std::string& line) {
  std::istringstream source("#pragma once\n" + line + "\n");
  return violations(file, source);
}

}  // namespace

TEST_CASE("every include points inward", "[layers]") {
  const fs::path root = RINGBACK_SOURCE_DIR;
  std::vector<std::string> found;
  int files = 0;
  for (const auto* folder : {"core", "adapters"})
    for (const auto& entry : fs::recursive_directory_iterator(root / folder)) {
      const auto extension = entry.path().extension();
      if (extension != ".hpp" && extension != ".cpp") continue;
      std::ifstream source(entry.path());
      const auto more = violations(fs::relative(entry.path(), root).generic_string(), source);
      found.insert(found.end(), more.begin(), more.end());
      ++files;
    }
  CHECK(files > 20);
  CHECK(found == std::vector<std::string>{});
}

TEST_CASE("an include that points the wrong way is caught", "[layers]") {
  struct Plant {
    const char* file;
    const char* line;
  };
  for (const Plant& plant : std::vector<Plant>{
           {"core/domain/x.hpp", "#include \"core/ports/clock.hpp\""},
           {"core/domain/x.hpp", "#include \"core/usecases/x.hpp\""},
           {"core/domain/x.cpp", "#include \"adapters/system/os_random.hpp\""},
           {"core/ports/x.hpp", "#include \"core/usecases/x.hpp\""},
           {"core/usecases/x.cpp", "#include \"app/http/router.hpp\""},
           {"core/usecases/x.cpp", "#include \"tests/support/x.hpp\""},
           {"core/domain/x.cpp", "#include \"time.hpp\""},
           {"core/domain/x.cpp", "#include <thread>"},
           {"core/domain/x.cpp", "  #  include <mutex>  // just this once"},
           {"core/domain/x.cpp", "#include <fstream>"},
           {"core/domain/x.cpp", "#include <random>"},
           {"core/domain/x.cpp", "#include <time.h>"},
           {"core/domain/x.cpp", "#include <sys/socket.h>"},
           {"core/usecases/x.cpp", "#include <boost/json.hpp>"},
           {"core/ports/x.hpp", "#include <boost/asio/awaitable.hpp>"},
           {"core/usecases/x.cpp", "#include <openssl/rand.h>"},
           {"adapters/system/x.cpp", "#include \"app/assembly.hpp\""},
           {"adapters/system/x.cpp", "#include \"core/usecases/x.hpp\""},
           {"adapters/system/x.cpp", "#include <boost/asio.hpp>"},
           {"adapters/carriers/x/x.cpp", "#include <boost/beast/http.hpp>"},
           {"adapters/carriers/twilio/x.cpp", "#include \"adapters/carriers/exotel/x.hpp\""},
           {"adapters/carriers/twilio/x.cpp", "#include \"adapters/storage/x.hpp\""},
           {"adapters/carriers/form.cpp", "#include \"adapters/carriers/twilio/x.hpp\""},
           {"adapters/system/date_zones.cpp", "#include <phonenumbers/phonenumberutil.h>"},
           {"app/main.cpp", "#include <phonenumbers/phonenumberutil.h>"},
       }) {
    INFO(plant.file << ": " << plant.line);
    CHECK(planted(plant.file, plant.line).size() == 1);
  }
}

TEST_CASE("includes that point inward are left alone", "[layers]") {
  CHECK(planted("core/domain/x.cpp", "#include <chrono>").empty());
  CHECK(planted("core/domain/x.cpp", "#include <fmt/format.h>").empty());
  CHECK(planted("core/domain/x.hpp", "#include <boost/system/result.hpp>").empty());
  CHECK(planted("core/domain/x.hpp", "// #include <thread>").empty());
  CHECK(planted("core/usecases/x.cpp", "#include \"core/ports/clock.hpp\"").empty());
  CHECK(planted("adapters/system/x.cpp", "#include <mutex>").empty());
  CHECK(
      planted("adapters/carriers/twilio/x.cpp", "#include \"adapters/carriers/form.hpp\"").empty());
  CHECK(planted("adapters/carriers/registry.cpp", "#include \"adapters/carriers/exotel/x.hpp\"")
            .empty());
  CHECK(planted("app/main.cpp", "#include \"adapters/system/os_random.hpp\"").empty());
}
