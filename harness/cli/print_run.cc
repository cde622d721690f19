#include <fmt/format.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "harness/cli/commands.h"
#include "harness/report/console.h"

namespace divla {

void PrintRun(const RunSummary& summary, const std::vector<ControlSummary>& controls, bool json) {
  if (json) {
    nlohmann::json value = ToJson(summary);
    if (!controls.empty()) value["controls"] = ToJson(controls);
    fmt::print("{}\n", value.dump(2));
  } else {
    fmt::print("{}{}", FormatConsole(summary), controls.empty() ? "" : FormatControls(controls));
  }
  std::fflush(stdout);
}

}  // namespace divla
