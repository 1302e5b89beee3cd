#include <algorithm>

#include <fmt/format.h>
#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "app/assembly/doctor.hpp"
#include "app/commands/commands.hpp"

namespace ringback::commands {
namespace {

std::string_view word_of(Finding::Grade grade) {
  switch (grade) {
    case Finding::Grade::fine:
      return "fine";
    case Finding::Grade::note:
      return "note";
    case Finding::Grade::problem:
      break;
  }
  return "problem";
}

void print_json(const std::vector<Finding>& findings, bool sound) {
  boost::json::array rows;
  for (const Finding& finding : findings)
    rows.push_back(boost::json::object{{"about", finding.about},
                                       {"status", word_of(finding.grade)},
                                       {"detail", finding.detail},
                                       {"fix", finding.fix}});
  fmt::print("{}\n",
             boost::json::serialize(boost::json::object{{"ok", sound}, {"findings", rows}}));
}

void print_text(const std::vector<Finding>& findings) {
  for (const Finding& finding : findings) {
    fmt::print("{:<8} {}: {}\n", word_of(finding.grade), finding.about, finding.detail);
    if (!finding.fix.empty()) fmt::print("         do: {}\n", finding.fix);
  }
}

}  // namespace

int check(const ConfigPath& path, bool as_json) {
  const auto findings = examine(load_config(path, environment_of_process()));
  const bool sound = std::none_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.grade == Finding::Grade::problem;
  });
  if (as_json)
    print_json(findings, sound);
  else
    print_text(findings);
  return sound ? kFine : kFailed;
}

}  // namespace ringback::commands
