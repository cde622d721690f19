// The tables in which a column is a policy: what an axis costs, seen and unseen, the paper's presets.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "tests/structure/results_format.h"
#include "tests/structure/results_tables.h"

namespace divla::results {
namespace {

using nlohmann::json;

std::string Rate(int k, int n, const json& wilson) {
  return fmt::format("{}/{}, {} {}", k, n, Percent(static_cast<double>(k) / n), Bounds(wilson));
}

// Of a task of several objects: how many were put where they belong, as the paper counts.
std::string Objects(const json& cell) {
  const int placed = cell["objects"]["placed"], total = cell["objects"]["total"];
  if (total <= cell["n"].get<int>()) return {};
  return fmt::format("; objects {}/{}, {}", placed, total, Percent(static_cast<double>(placed) / total));
}

// Rows in the order in which they were first named, a column for each policy.
class Grid {
 public:
  void Set(const std::string& row, const std::string& policy, const std::string& text) {
    if (std::find(rows_.begin(), rows_.end(), row) == rows_.end()) rows_.push_back(row);
    texts_[{row, policy}] = text;
  }
  std::string Table(const std::string& first, const std::vector<std::string>& policies) const {
    std::string table = Header(first, policies);
    for (const std::string& row : rows_) {
      table += row;
      for (const std::string& policy : policies) {
        const auto found = texts_.find({row, policy});
        table += fmt::format(" {} |", found == texts_.end() ? "" : found->second);
      }
      table += "\n";
    }
    return table;
  }

 private:
  std::vector<std::string> rows_;
  std::map<std::pair<std::string, std::string>, std::string> texts_;
};

}  // namespace

std::string GapTable(const std::vector<PublishedRun>& runs, const std::string& suite,
                     const std::vector<std::string>& policies) {
  Grid grid;
  for (const PublishedRun& run : runs) {
    if (run.suite != suite) continue;
    for (const json& axis : run.summary["gaps"]["axes"]) {
      const json& pairs = axis["gap"]["pairs"];
      const int both = pairs["both"], lost = pairs["lost"], won = pairs["won"], neither = pairs["neither"];
      const int n = both + lost + won + neither;
      grid.Set(fmt::format("| {} | {} | {} |", axis["axis"].get<std::string>(), axis["level"].get<int>(),
                           axis["gap"]["tasks"].get<int>()),
               run.policy,
               fmt::format("{} → {} of {}: {} [{}, {}]", both + lost, both + won, n,
                           Points(static_cast<double>(won - lost) / n), Points(axis["newcombe"][0].get<double>()),
                           Points(axis["newcombe"][1].get<double>())));
    }
  }
  return grid.Table("| axis | level | tasks |", policies);
}

std::string SeenTable(const std::vector<PublishedRun>& runs, const std::string& suite,
                      const std::vector<std::string>& policies) {
  Grid grid;
  for (const PublishedRun& run : runs) {
    if (run.suite != suite) continue;
    for (const json& row : run.summary["gaps"]["factorial"]) {
      std::string unseen;
      for (const char* family : {"instruction", "object", "environment"}) {
        if (row[family] == "unseen") unseen += (unseen.empty() ? "" : ", ") + std::string(family);
      }
      grid.Set(fmt::format("| {} |", unseen.empty() ? "nothing" : unseen), run.policy,
               Rate(row["k"].get<int>(), row["n"].get<int>(), row["interval"]));
    }
  }
  return grid.Table("| unseen |", policies);
}

std::string PaperTable(const std::vector<PublishedRun>& runs, const std::vector<std::string>& policies) {
  Grid grid;
  for (const PublishedRun& run : runs) {
    if (!run.suite.starts_with("paper/")) continue;
    const std::string preset = run.suite.substr(6);
    for (const json& cell : run.summary["cells"]) {
      const auto axis = cell["axis"].get<std::string>();
      const std::string shift = axis == "none" ? "–" : fmt::format("{} {}", axis, cell["level"].get<int>());
      grid.Set(fmt::format("| {} | {} | {} |", preset, cell["task"].get<std::string>(), shift), run.policy,
               Rate(cell["k"].get<int>(), cell["n"].get<int>(), cell["wilson"]) + Objects(cell));
    }
    if (run.controls.is_null()) continue;
    for (const json& control : run.controls["controls"]) {
      for (const auto& [task, gap] : control["tasks"].items()) {
        const json& pairs = gap["pairs"];
        const int both = pairs["both"], lost = pairs["lost"], won = pairs["won"], neither = pairs["neither"];
        grid.Set(fmt::format("| {} | {} | control {} |", preset, task, control["control"].get<std::string>()),
                 run.policy,
                 fmt::format("{}/{}, {} [{}, {}] to plain", both + won, both + lost + won + neither,
                             Points(gap["difference"].get<double>()), Points(gap["newcombe"][0].get<double>()),
                             Points(gap["newcombe"][1].get<double>())));
      }
    }
  }
  return grid.Table("| preset | task | shift |", policies);
}

}  // namespace divla::results
