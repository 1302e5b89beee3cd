#include "app/observe/process.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace ringback {
namespace {

// The fields of /proc/self/stat after the program's name, which may hold anything; [0] is field 3.
std::vector<std::string> stat_fields() {
  std::ifstream in("/proc/self/stat");
  std::string text;
  std::getline(in, text);
  const auto name_end = text.rfind(')');
  if (name_end == std::string::npos) return {};
  std::istringstream rest(text.substr(name_end + 1));
  return {std::istream_iterator<std::string>(rest), {}};
}

double boot_time() {
  std::ifstream in("/proc/stat");
  std::string word;
  while (in >> word) {
    double seconds = 0;
    if (word == "btime" && in >> seconds) return seconds;
  }
  return 0;
}

double number(const std::string& text) { return std::strtod(text.c_str(), nullptr); }

}  // namespace

ProcessFacts process_facts() {
  ProcessFacts facts;
  const auto ticks = static_cast<double>(sysconf(_SC_CLK_TCK));
  if (const auto fields = stat_fields(); fields.size() > 21) {
    facts.cpu_seconds = (number(fields[11]) + number(fields[12])) / ticks;
    facts.threads = number(fields[17]);
    facts.start_time = boot_time() + number(fields[19]) / ticks;
    facts.virtual_bytes = number(fields[20]);
    facts.resident_bytes = number(fields[21]) * static_cast<double>(sysconf(_SC_PAGESIZE));
  }
  std::error_code failed;
  for (std::filesystem::directory_iterator it("/proc/self/fd", failed), end; !failed && it != end;
       it.increment(failed)) {
    facts.open_fds += 1;
  }
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) facts.max_fds = static_cast<double>(limit.rlim_cur);
  return facts;
}

}  // namespace ringback
